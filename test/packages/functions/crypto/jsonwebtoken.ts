import jwt from 'jsonwebtoken';

export default async function () {
  const token = jwt.sign({ sub: 'ada', iat: 1_700_000_000 }, 'secret', { expiresIn: 4_000_000_000 - 1_700_000_000 });
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const privateKey = pem('PRIVATE', await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const publicKey = pem('PUBLIC', await crypto.subtle.exportKey('spki', pair.publicKey));
  const signed = jwt.sign({ role: 'admin' }, privateKey, { algorithm: 'ES256', noTimestamp: true });
  let wrong: unknown;
  try {
    jwt.verify(token, 'other secret');
  } catch (error) {
    wrong = error instanceof jwt.JsonWebTokenError && error.message;
  }
  const called = await new Promise((resolve) => jwt.verify(token, 'secret', (_, payload) => resolve(payload)));
  return Response.json({ token, called, asymmetric: jwt.verify(signed, publicKey), wrong });
}

function pem(kind: string, bytes: ArrayBuffer): string {
  return `-----BEGIN ${kind} KEY-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${kind} KEY-----\n`;
}
