/** New keys and primes. */
import { operate } from '../shared/operation.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import {
  assertBoolean,
  assertInteger,
  assertObject,
  assertString,
  invalidArgument,
  invalidValue,
  outOfRange,
} from '../shared/node-error.ts';
import { call, callForText, type NodeBuffer } from './data.ts';
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from './keys.ts';
import { assertCallback, type Callback, later, promisified, settle } from './later.ts';
import { randomBytes } from './random.ts';

interface Encoding {
  readonly type?: string;
  readonly format?: string;
  readonly cipher?: string;
  readonly passphrase?: string;
}
type Exported = KeyObject | NodeBuffer | string | object;
interface KeyPair {
  readonly publicKey: Exported;
  readonly privateKey: Exported;
}
interface PairOptions {
  readonly publicKeyEncoding?: Encoding;
  readonly privateKeyEncoding?: Encoding;
  readonly [option: string]: unknown;
}

const keyTypes = ['rsa', 'rsa-pss', 'dsa', 'ec', 'ed25519', 'ed448', 'x25519', 'x448', 'dh'];
const maxInt = 2 ** 31 - 1;

/** @throws As Node does; the host has limits of its own besides. */
function assertPair(type: unknown, options: PairOptions | undefined): void {
  assertString('type', type);
  if (!keyTypes.includes(type)) throw invalidValue('type', type, 'must be a supported key type');
  const needsOptions = !/^(?:ed|x)\d/.test(type);
  if (needsOptions || options !== undefined) assertObject('options', options);
  const { modulusLength, namedCurve, publicExponent } = options ?? {};
  if (/^rsa|^dsa/.test(type)) {
    assertInteger('options.modulusLength', modulusLength, 0, 2 ** 32 - 1);
    if (publicExponent !== undefined) assertInteger('options.publicExponent', publicExponent, 0, 2 ** 32 - 1);
  }
  if (type === 'ec') {
    assertString('options.namedCurve', namedCurve);
  }
}

export function generateKeyPairSync(type: string, options?: PairOptions): KeyPair {
  assertPair(type, options);
  return toPair(callForText('keys.generate.sync', [type, options ?? {}]), options ?? {});
}

export function generateKeyPair(
  type: string,
  ...rest: [KeyPairCallback] | [PairOptions | undefined, KeyPairCallback]
): void {
  const callback = rest.at(-1) as KeyPairCallback;
  const options = rest.length > 1 ? (rest[0] as PairOptions | undefined) : undefined;
  assertPair(type, options);
  assertCallback(callback);
  settle(makePair(type, options ?? {}), (error, pair) => {
    if (error === null) callback(null, pair!.publicKey, pair!.privateKey);
    else callback(error);
  });
}
type KeyPairCallback = (error: Error | null, publicKey?: Exported, privateKey?: Exported) => void;

promisified(generateKeyPair, (type: string, options?: PairOptions) => makePair(type, options ?? {}));

async function makePair(type: string, options: PairOptions): Promise<KeyPair> {
  return toPair((await operate('keys.generate', JSON.stringify([`${type}`, options]))) as string, options);
}

function toPair(text: string, { publicKeyEncoding, privateKeyEncoding }: PairOptions): KeyPair {
  const { publicKey, privateKey } = JSON.parse(text) as { publicKey: string; privateKey: string };
  const [open, secret] = [createPublicKey(publicKey), createPrivateKey(privateKey)];
  return {
    publicKey: publicKeyEncoding === undefined ? open : open.export(publicKeyEncoding),
    privateKey: privateKeyEncoding === undefined ? secret : secret.export(privateKeyEncoding),
  };
}

export function generateKeySync(type: string, options: { length: number }): KeyObject {
  return createSecretKey(randomBytes(Math.floor(secretLength(type, options) / 8)));
}

export function generateKey(type: string, options: { length: number }, callback: Callback<KeyObject>): void {
  secretLength(type, options);
  later(() => generateKeySync(type, options), callback);
}

/** In bits. */
function secretLength(type: unknown, options: { length: number }): number {
  assertString('type', type);
  assertObject('options', options);
  const { length } = options;
  if (type === 'hmac') {
    assertInteger('options.length', length, 8, maxInt);
    if (length > maxSecretBits) throw outOfRange('options.length', `>= 8 && <= ${maxSecretBits}`, length);
    return length;
  }
  if (type !== 'aes') throw invalidValue('type', type, 'must be a supported key type');
  if (aesBits.includes(length)) return length;
  throw invalidValue('options.length', length, `must be one of: ${aesBits.join(', ')}`);
}

const maxSecretBits = 65_536;
const aesBits = [128, 192, 256];

interface PrimeOptions {
  readonly add?: unknown;
  readonly rem?: unknown;
  readonly safe?: boolean;
  readonly bigint?: boolean;
}

interface PrimeRequest {
  readonly args: readonly unknown[];
  readonly isBigInt: boolean;
}

function primeRequest(size: unknown, options: unknown): PrimeRequest {
  assertInteger('size', size, 1, maxInt);
  assertObject('options', options);
  const { add, bigint = false, rem, safe = false } = options as PrimeOptions;
  assertBoolean('options.safe', safe);
  assertBoolean('options.bigint', bigint);
  const args = [size, safe, digitsOf(add, 'options.add'), digitsOf(rem, 'options.rem')];
  return { args, isBigInt: bigint };
}

function makePrime({ args, isBigInt }: PrimeRequest): ArrayBuffer | bigint {
  const bytes = call('prime.make', args);
  if (isBigInt) return BigInt(`0x${bytes.toHex()}`);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

export function generatePrimeSync(size: number, options: PrimeOptions = {}): ArrayBuffer | bigint {
  return makePrime(primeRequest(size, options));
}

export function generatePrime(
  size: number,
  ...rest: [Callback<ArrayBuffer | bigint>] | [PrimeOptions, Callback<ArrayBuffer | bigint>]
): void {
  const [options, callback] = rest.length < 2 ? [{}, rest[0]] : [rest[0], rest[1]];
  const request = primeRequest(size, options);
  later(() => makePrime(request), callback as Callback<ArrayBuffer | bigint>);
}

interface CheckOptions {
  readonly checks?: number;
}

function checkRequest(candidate: unknown, options: unknown): [checks: number, candidate: Uint8Array] {
  const digits = digitsOf(candidate, 'candidate');
  if (digits === null) throw invalidArgument('candidate', primeTypes, candidate);
  assertObject('options', options);
  const { checks = 0 } = options as CheckOptions;
  assertInteger('options.checks', checks, 0, maxInt);
  return [checks, fromDigits(digits)];
}

function isPrime([checks, candidate]: ReturnType<typeof checkRequest>): boolean {
  return callForText('prime.check', [checks], candidate) === '1';
}

export function checkPrimeSync(candidate: unknown, options: CheckOptions = {}): boolean {
  return isPrime(checkRequest(candidate, options));
}

export function checkPrime(candidate: unknown, ...rest: [Callback<boolean>] | [CheckOptions, Callback<boolean>]): void {
  const [options, callback] = rest.length < 2 ? [{}, rest[0]] : [rest[0], rest[1]];
  const request = checkRequest(candidate, options);
  later(() => isPrime(request), callback as Callback<boolean>);
}

const primeTypes = 'of type bigint or an instance of ArrayBuffer, TypedArray, Buffer, or DataView';

/** Hexadecimal, of whole bytes. */
function digitsOf(value: unknown, name: string): string | null {
  if (value === undefined) return null;
  if (typeof value === 'bigint' && value < 0n) throw outOfRange(name, '>= 0', value);
  const bytes = viewBufferSource(value);
  if (typeof value !== 'bigint' && bytes === undefined) throw invalidArgument(name, primeTypes, value);
  const digits = typeof value === 'bigint' ? value.toString(16) : new Uint8Array(bytes!).toHex();
  return digits.padStart(digits.length + (digits.length % 2), '0');
}

function fromDigits(digits: string): Uint8Array {
  return Uint8Array.fromHex(digits);
}
