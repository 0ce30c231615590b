/** New keys and primes. */
import { operate } from '../shared/operation.ts';
import { bytesOf, call, callForText, nodeError, type NodeBuffer } from './data.ts';
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

export function generateKeyPairSync(type: string, options: PairOptions = {}): KeyPair {
  return toPair(callForText('keys.generate.sync', [`${type}`, options]), options);
}

export function generateKeyPair(
  type: string,
  ...rest: [KeyPairCallback] | [PairOptions | undefined, KeyPairCallback]
): void {
  const callback = rest.at(-1) as KeyPairCallback;
  assertCallback(callback);
  const options = rest.length > 1 ? (rest[0] as PairOptions | undefined) : {};
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
  const { length } = options ?? {};
  if (type === 'aes' && ![128, 192, 256].includes(length)) {
    throw nodeError(
      'ERR_INVALID_ARG_VALUE',
      `The property 'options.length' must be one of: 128, 192, 256. Received ${length}`,
    );
  }
  if (type !== 'aes' && type !== 'hmac') {
    throw nodeError(
      'ERR_INVALID_ARG_VALUE',
      `The argument 'type' must be a supported key type. Received '${String(type)}'`,
    );
  }
  if (!Number.isInteger(length) || length < 8 || length > 65_536) {
    throw nodeError('ERR_OUT_OF_RANGE', `"options.length" is ${length}; use 8 to 65536 bits`, RangeError);
  }
  return createSecretKey(randomBytes(Math.floor(length / 8)));
}

export function generateKey(type: string, options: { length: number }, callback: Callback<KeyObject>): void {
  later(() => generateKeySync(type, options), callback);
}

interface PrimeOptions {
  readonly add?: unknown;
  readonly rem?: unknown;
  readonly safe?: boolean;
  readonly bigint?: boolean;
}

export function generatePrimeSync(size: number, options: PrimeOptions = {}): ArrayBuffer | bigint {
  const { add, bigint, rem, safe } = options;
  const bytes = call('prime.make', [size, safe === true, digitsOf(add), digitsOf(rem)]);
  if (bigint === true) return BigInt(`0x${bytes.toHex()}`);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

export function generatePrime(
  size: number,
  ...rest: [Callback<ArrayBuffer | bigint>] | [PrimeOptions, Callback<ArrayBuffer | bigint>]
): void {
  const callback = rest.at(-1) as Callback<ArrayBuffer | bigint>;
  later(() => generatePrimeSync(size, rest.length > 1 ? (rest[0] as PrimeOptions) : {}), callback);
}

export function checkPrimeSync(candidate: unknown, { checks = 0 }: { checks?: number } = {}): boolean {
  return callForText('prime.check', [checks], fromDigits(digitsOf(candidate) ?? '')) === '1';
}

export function checkPrime(
  candidate: unknown,
  ...rest: [Callback<boolean>] | [{ checks?: number }, Callback<boolean>]
): void {
  const callback = rest.at(-1) as Callback<boolean>;
  later(() => checkPrimeSync(candidate, rest.length > 1 ? (rest[0] as { checks?: number }) : {}), callback);
}

/** Hexadecimal, of whole bytes. */
function digitsOf(value: unknown): string | null {
  if (value === undefined) return null;
  const digits =
    typeof value === 'bigint' ? value.toString(16) : new Uint8Array(bytesOf(value, 'utf8', 'value')).toHex();
  return digits.padStart(digits.length + (digits.length % 2), '0');
}

function fromDigits(digits: string): Uint8Array {
  return Uint8Array.fromHex(digits);
}
