import elliptic from 'elliptic';

export default function () {
  const secp256k1 = new elliptic.ec('secp256k1');
  const key = secp256k1.genKeyPair();
  const signature = key.sign('0123456789abcdef0123456789abcdef');
  const known = secp256k1.keyFromPrivate('01', 'hex');
  return Response.json({
    verified: key.verify('0123456789abcdef0123456789abcdef', signature),
    forged: key.verify('1123456789abcdef0123456789abcdef', signature),
    generator: known.getPublic(true, 'hex'),
  });
}
