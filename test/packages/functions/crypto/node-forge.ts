import forge from 'node-forge';

export default function () {
  const keys = forge.pki.rsa.generateKeyPair({ bits: 512 });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(0);
  certificate.validity.notAfter = new Date(4_000_000_000_000);
  certificate.setSubject([{ name: 'commonName', value: 'example.com' }]);
  certificate.setIssuer([{ name: 'commonName', value: 'example.com' }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  const again = forge.pki.certificateFromPem(forge.pki.certificateToPem(certificate));
  return Response.json({
    name: again.subject.getField('CN').value,
    verified: again.verify(again),
    md: forge.md.sha1.create().update('abc').digest().toHex(),
  });
}
