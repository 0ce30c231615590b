/** Verifies the signature (HS256) and the claims of a token. */
import { jwtVerify } from 'jose';
import type { Answer, Call } from './call.ts';

const audience = 'bench';
const key = new TextEncoder().encode('a secret of the bench, of more than 32 bytes');

export async function answer({ authorization }: Call): Promise<Answer> {
  const { payload } = await jwtVerify(authorization.replace('Bearer ', ''), key, { audience, algorithms: ['HS256'] });
  return `Hello ${payload.sub}`;
}
