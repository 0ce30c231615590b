import { part, queueMicrotask } from '../../core/facade.ts';
import { buffers, bytesOf, call, nodeError, type NodeBuffer, toBase64, toOutput } from './data.ts';

export { Cipheriv, createCipheriv, createDecipheriv, Decipheriv } from './cipher.ts';
export { createHash, createHmac, getHashes, Hash, hash, Hmac } from './hash.ts';
export { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from './keys.ts';
export { createSign, createVerify, Sign, sign, Verify, verify } from './sign.ts';

export const webcrypto = part('crypto').crypto;
export const { subtle } = webcrypto;
export const constants = Object.freeze({
  RSA_PKCS1_PADDING: 1,
  RSA_NO_PADDING: 3,
  RSA_PKCS1_OAEP_PADDING: 4,
  RSA_PKCS1_PSS_PADDING: 6,
  RSA_PSS_SALTLEN_DIGEST: -1,
  RSA_PSS_SALTLEN_MAX_SIGN: -2,
  RSA_PSS_SALTLEN_AUTO: -2,
});

type Callback<T> = (error: Error | null, result?: T) => void;

export function getRandomValues<T>(array: T): T {
  return webcrypto.getRandomValues(array);
}

export function randomUUID(): string {
  return webcrypto.randomUUID();
}

export function randomBytes(size: number, callback?: Callback<NodeBuffer>): NodeBuffer | undefined {
  if (!Number.isInteger(size) || size < 0 || size >= 2 ** 31) {
    throw nodeError('ERR_OUT_OF_RANGE', `The value of "size" is out of range. Received ${size}`, RangeError);
  }
  const bytes = fill(buffers().alloc(size));
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
  return undefined;
}

export function randomFillSync<T extends ArrayBufferView>(view: T, offset = 0, size = view.byteLength - offset): T {
  fill(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, size));
  return view;
}

export function randomFill<T extends ArrayBufferView>(view: T, callback: Callback<T>): void {
  randomFillSync(view);
  queueMicrotask(() => callback(null, view));
}

export function randomInt(
  first: number,
  second?: number | Callback<number>,
  callback?: Callback<number>,
): number | undefined {
  const [low, high] = typeof second === 'number' ? [first, second] : [0, first];
  const range = high - low;
  if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && range > 0 && range <= 2 ** 48)) {
    throw nodeError('ERR_OUT_OF_RANGE', `there is no integer from ${low} to below ${high}`, RangeError);
  }
  const most = 2 ** 48 - (2 ** 48 % range);
  let number: number;
  do {
    number = fill(new Uint8Array(6)).reduce((sum, byte) => sum * 256 + byte, 0);
  } while (number >= most);
  const result = low + (number % range);
  const done = typeof second === 'function' ? second : callback;
  if (done === undefined) return result;
  queueMicrotask(() => done(null, result));
  return undefined;
}

export function timingSafeEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [bytesOf(a, 'utf8', 'buf1'), bytesOf(b, 'utf8', 'buf2')];
  if (left.length !== right.length) {
    throw nodeError('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length', RangeError);
  }
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) difference |= left[index]! ^ right[index]!;
  return difference === 0;
}

export function pbkdf2Sync(
  password: unknown,
  salt: unknown,
  iterations: number,
  length: number,
  digest: string,
): NodeBuffer {
  const args = ['pbkdf2', toBase64(bytesOf(salt, 'utf8', 'salt')), length, iterations, digest];
  return toOutput(call('derive.sync', args, bytesOf(password, 'utf8', 'password')), undefined) as NodeBuffer;
}

export function pbkdf2(
  password: unknown,
  salt: unknown,
  iterations: number,
  length: number,
  digest: string,
  callback: Callback<NodeBuffer>,
): void {
  later(() => pbkdf2Sync(password, salt, iterations, length, digest), callback);
}

interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
}

export function scryptSync(password: unknown, salt: unknown, length: number, options: ScryptOptions = {}): NodeBuffer {
  const N = options.N ?? options.cost ?? 16_384;
  const r = options.r ?? options.blockSize ?? 8;
  const p = options.p ?? options.parallelization ?? 1;
  const args = ['scrypt', toBase64(bytesOf(salt, 'utf8', 'salt')), length, N, r, p];
  return toOutput(call('derive.sync', args, bytesOf(password, 'utf8', 'password')), undefined) as NodeBuffer;
}

export function scrypt(
  password: unknown,
  salt: unknown,
  length: number,
  ...rest: [Callback<NodeBuffer>] | [ScryptOptions, Callback<NodeBuffer>]
): void {
  const callback = rest.at(-1) as Callback<NodeBuffer>;
  later(() => scryptSync(password, salt, length, rest.length > 1 ? (rest[0] as ScryptOptions) : {}), callback);
}

function later<T>(make: () => T, callback: Callback<T>): void {
  if (typeof callback !== 'function')
    throw nodeError('ERR_INVALID_ARG_TYPE', 'The "callback" argument must be a function');
  queueMicrotask(() => {
    let result: T;
    try {
      result = make();
    } catch (thrown) {
      callback(thrown as Error);
      return;
    }
    callback(null, result);
  });
}

const randomPiece = 65_536;

function fill<T extends Uint8Array>(bytes: T): T {
  const { randomBytes: take } = part('crypto');
  for (let offset = 0; offset < bytes.length; offset += randomPiece) {
    bytes.set(take(Math.min(randomPiece, bytes.length - offset)), offset);
  }
  return bytes;
}
