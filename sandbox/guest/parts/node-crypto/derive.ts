import { kMaxLength } from '../node-buffer/limits.ts';
import { assertInteger, assertString, outOfRange, withCode } from '../shared/node-error.ts';
import { operate } from '../shared/operation.ts';
import { bytesOf, call, type NodeBuffer, toBase64, toOutput } from './data.ts';
import { isKeyObject, secretBytes } from './keys.ts';
import { assertCallback, type Callback, later, settle } from './later.ts';

type Derivation = readonly [args: readonly unknown[], secret: Uint8Array];

const maxInt = 2 ** 31 - 1;
const maxInfoBytes = 1_024;
const hkdfTypes = 'of type string or an instance of ArrayBuffer, TypedArray, DataView, or Buffer';
const keyTypes = 'of type string or an instance of SecretKeyObject, ArrayBuffer, TypedArray, DataView, or Buffer';

function pbkdf2Of(password: unknown, salt: unknown, iterations: number, length: number, digest: string): Derivation {
  assertString('digest', digest);
  const secret = bytesOf(password, 'utf8', 'password');
  const grain = bytesOf(salt, 'utf8', 'salt');
  assertInteger('iterations', iterations, 1, maxInt);
  assertInteger('keylen', length, 0, maxInt);
  return [['pbkdf2', toBase64(grain), length, iterations, digest], secret];
}

interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
  maxmem?: number;
}

function scryptOf(password: unknown, salt: unknown, length: number, given?: ScryptOptions): Derivation {
  const secret = bytesOf(password, 'utf8', 'password');
  const grain = bytesOf(salt, 'utf8', 'salt');
  assertInteger('keylen', length, 0, maxInt);
  const options = given ?? {};
  const N = either(options, 'N', 'cost', 16_384);
  const r = either(options, 'r', 'blockSize', 8);
  const p = either(options, 'p', 'parallelization', 1);
  const { maxmem } = options;
  if (maxmem !== undefined) assertInteger('maxmem', maxmem, 0);
  return [['scrypt', toBase64(grain), length, N, r, p, maxmem ?? null], secret];
}

/** By its short or its long name. */
function either(options: ScryptOptions, short: 'N' | 'r' | 'p', long: keyof ScryptOptions, fallback: number): number {
  const [one, other] = [options[short], options[long]];
  if (one !== undefined) assertInteger(short, one, 0, 2 ** 32 - 1);
  if (other === undefined) return one ?? fallback;
  if (one !== undefined) {
    const message = `Option "${short}" cannot be used in combination with option "${long}"`;
    throw withCode(new TypeError(message), 'ERR_INCOMPATIBLE_OPTION_PAIR');
  }
  assertInteger(long, other, 0, 2 ** 32 - 1);
  return other;
}

export function pbkdf2Sync(...given: Parameters<typeof pbkdf2Of>): NodeBuffer {
  return derive(pbkdf2Of(...given));
}

export function pbkdf2(...given: [...Parameters<typeof pbkdf2Of>, Callback<NodeBuffer>]): void {
  const [password, salt, iterations, length, digest, callback] = given;
  // The callback may stand where the digest should, which is then missing.
  const name = typeof digest === 'function' ? undefined : digest;
  deriveLater(pbkdf2Of(password, salt, iterations, length, name as string), callback);
}

export function scryptSync(password: unknown, salt: unknown, length: number, options?: ScryptOptions): NodeBuffer {
  return derive(scryptOf(password, salt, length, options));
}

export function scrypt(
  password: unknown,
  salt: unknown,
  length: number,
  ...rest: [Callback<NodeBuffer>] | [ScryptOptions, Callback<NodeBuffer>]
): void {
  const options = typeof rest[0] === 'function' ? undefined : rest[0];
  deriveLater(scryptOf(password, salt, length, options), (rest[1] ?? rest[0]) as Callback<NodeBuffer>);
}

function hkdfOf(digest: string, key: unknown, salt: unknown, info: unknown, length: number): Derivation {
  assertString('digest', digest);
  const secret = isKeyObject(key) ? secretBytes(key) : bytesOf(key, 'utf8', 'ikm', keyTypes);
  const grain = bytesOf(salt, 'utf8', 'salt', hkdfTypes);
  const purpose = bytesOf(info, 'utf8', 'info', hkdfTypes);
  assertInteger('length', length, 0);
  if (purpose.length > maxInfoBytes) {
    throw outOfRange('info', `must not contain more than ${maxInfoBytes} bytes`, purpose.length);
  }
  if (length > kMaxLength) throw outOfRange('length', `>= 0 && <= ${kMaxLength}`, length);
  return [['hkdf', toBase64(grain), length, digest, toBase64(purpose)], secret];
}

function expand([args, secret]: Derivation): ArrayBuffer {
  const bytes = call('derive.sync', args, secret);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

export function hkdfSync(digest: string, key: unknown, salt: unknown, info: unknown, length: number): ArrayBuffer {
  return expand(hkdfOf(digest, key, salt, info, length));
}

export function hkdf(
  digest: string,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: number,
  callback: Callback<ArrayBuffer>,
): void {
  const derivation = hkdfOf(digest, key, salt, info, length);
  later(() => expand(derivation), callback);
}

function derive([args, secret]: Derivation): NodeBuffer {
  return toOutput(call('derive.sync', args, secret), undefined) as NodeBuffer;
}

function deriveLater([args, secret]: Derivation, callback: Callback<NodeBuffer>): void {
  assertCallback(callback);
  const derived = operate('derive', JSON.stringify(args), secret);
  settle(
    derived.then((bytes) => toOutput(bytes as Uint8Array<ArrayBuffer>, undefined) as NodeBuffer),
    callback,
  );
}
