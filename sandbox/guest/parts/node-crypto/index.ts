import { part } from '../../core/facade.ts';
import { bytesOf, nodeError } from './data.ts';

export {
  createDiffieHellman,
  createDiffieHellmanGroup,
  createECDH,
  DiffieHellman,
  diffieHellman,
  DiffieHellmanGroup,
  ECDH,
  getDiffieHellman,
} from './agreement.ts';
export { X509Certificate } from './certificate.ts';
export { Cipheriv, createCipheriv, createDecipheriv, Decipheriv } from './cipher.ts';
export { constants } from './constants.ts';
export { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './derive.ts';
export {
  checkPrime,
  checkPrimeSync,
  generateKey,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
  generatePrime,
  generatePrimeSync,
} from './generate.ts';
export { createHash, createHmac, getHashes, Hash, hash, Hmac } from './hash.ts';
export {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  PrivateKeyObject,
  PublicKeyObject,
  SecretKeyObject,
} from './keys.ts';
export { getCipherInfo, getCiphers, getCurves, getFips, secureHeapUsed } from './names.ts';
export { getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID } from './random.ts';
export { privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt } from './rsa.ts';
export { Certificate } from './spkac.ts';
export { createSign, createVerify, Sign, sign, Verify, verify } from './sign.ts';

export const webcrypto = part('crypto').crypto;
export const { subtle } = webcrypto;

export function timingSafeEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [bytesOf(a, 'utf8', 'buf1'), bytesOf(b, 'utf8', 'buf2')];
  if (left.length !== right.length) {
    throw nodeError('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length', RangeError);
  }
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) difference |= left[index]! ^ right[index]!;
  return difference === 0;
}
