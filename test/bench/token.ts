/** The token that the workload `jwt` verifies. */
import { createHmac } from 'node:crypto';

/** Both are in `functions/jwt.ts`, too, which has to be a file that imports nothing of this. */
const secret = 'a secret of the bench, of more than 32 bytes';
const audience = 'bench';

const lifeSeconds = 7 * 24 * 60 * 60;

/** Signed with HS256, valid for a week. */
export function makeToken(): string {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const claims = { sub: 'Ada', aud: audience, iat: issuedAt, exp: issuedAt + lifeSeconds };
  const signed = [{ alg: 'HS256' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
