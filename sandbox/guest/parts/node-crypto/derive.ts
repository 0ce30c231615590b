import { bytesOf, call, nodeError, type NodeBuffer, toBase64, toOutput } from './data.ts';
import { operate } from '../shared/operation.ts';
import { secretBytes } from './keys.ts';
import { assertCallback, type Callback, later, settle } from './later.ts';

type Derivation = readonly [args: readonly unknown[], secret: Uint8Array];

function pbkdf2Of(password: unknown, salt: unknown, iterations: number, length: number, digest: string): Derivation {
  assertInteger('iterations', iterations, 1);
  assertInteger('keylen', length, 0);
  if (typeof digest !== 'string') {
    throw nodeError(
      'ERR_INVALID_ARG_TYPE',
      `The "digest" argument must be of type string. Received ${digest as never}`,
    );
  }
  const args = ['pbkdf2', toBase64(bytesOf(salt, 'utf8', 'salt')), length, iterations, digest];
  return [args, bytesOf(password, 'utf8', 'password')];
}

interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
}

function scryptOf(password: unknown, salt: unknown, length: number, options: ScryptOptions): Derivation {
  assertInteger('keylen', length, 0);
  const N = options.N ?? options.cost ?? 16_384;
  const r = options.r ?? options.blockSize ?? 8;
  const p = options.p ?? options.parallelization ?? 1;
  const args = ['scrypt', toBase64(bytesOf(salt, 'utf8', 'salt')), length, N, r, p];
  return [args, bytesOf(password, 'utf8', 'password')];
}

export function pbkdf2Sync(...given: Parameters<typeof pbkdf2Of>): NodeBuffer {
  return derive(pbkdf2Of(...given));
}

export function pbkdf2(...given: [...Parameters<typeof pbkdf2Of>, Callback<NodeBuffer>]): void {
  const [password, salt, iterations, length, digest, callback] = given;
  deriveLater(pbkdf2Of(password, salt, iterations, length, digest), callback);
}

export function scryptSync(password: unknown, salt: unknown, length: number, options: ScryptOptions = {}): NodeBuffer {
  return derive(scryptOf(password, salt, length, options));
}

export function scrypt(
  password: unknown,
  salt: unknown,
  length: number,
  ...rest: [Callback<NodeBuffer>] | [ScryptOptions, Callback<NodeBuffer>]
): void {
  const options = rest.length > 1 ? (rest[0] as ScryptOptions) : {};
  deriveLater(scryptOf(password, salt, length, options), rest.at(-1) as Callback<NodeBuffer>);
}

export function hkdfSync(digest: string, key: unknown, salt: unknown, info: unknown, length: number): ArrayBuffer {
  assertInteger('length', length, 0);
  const args = [
    'hkdf',
    toBase64(bytesOf(salt, 'utf8', 'salt')),
    length,
    `${digest}`,
    toBase64(bytesOf(info, 'utf8', 'info')),
  ];
  const bytes = call('derive.sync', args, secretBytes(key));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

export function hkdf(
  digest: string,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: number,
  callback: Callback<ArrayBuffer>,
): void {
  later(() => hkdfSync(digest, key, salt, info, length), callback);
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

function assertInteger(name: string, value: unknown, least: number): void {
  if (typeof value !== 'number') {
    throw nodeError('ERR_INVALID_ARG_TYPE', `The "${name}" argument must be of type number. Received ${typeof value}`);
  }
  if (Number.isInteger(value) && value >= least && value < 2 ** 31) return;
  throw nodeError(
    'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be >= ${least} && <= 2147483647. Received ${value}`,
    RangeError,
  );
}
