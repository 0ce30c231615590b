import nacl from 'tweetnacl';

export default function () {
  const message = new TextEncoder().encode('message');
  const pair = nacl.sign.keyPair();
  const signature = nacl.sign.detached(message, pair.secretKey);
  const [key, nonce] = [nacl.randomBytes(32), nacl.randomBytes(24)];
  const opened = nacl.secretbox.open(nacl.secretbox(message, nonce, key), nonce, key);
  return Response.json({
    verified: nacl.sign.detached.verify(message, signature, pair.publicKey),
    forged: nacl.sign.detached.verify(message.slice(1), signature, pair.publicKey),
    opened: new TextDecoder().decode(opened!),
    hash: nacl.hash(new Uint8Array()).toHex().slice(0, 16),
  });
}
