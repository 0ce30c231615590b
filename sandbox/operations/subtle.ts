/**
 * `crypto.subtle` for guests: Node's own, with keys that stay on the host under numbers. Guards against work that takes long and cannot be
 * stopped: whatever costs more than linear time in the data has a bound here.
 */
import { createHash, createSecretKey, type KeyObject, type webcrypto } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type HostHandles, OperationError, type OperationResult } from './operation.ts';

type CryptoKey = webcrypto.CryptoKey;
export type { CryptoKey };
type Subtle = Record<string, (...args: unknown[]) => Promise<unknown>>;
const subtle = globalThis.crypto.subtle as unknown as Subtle;
const KeyKind = (globalThis as unknown as { CryptoKey: abstract new () => CryptoKey }).CryptoKey;

const methods = new Set([
  'decapsulateBits',
  'decapsulateKey',
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encapsulateBits',
  'encapsulateKey',
  'encrypt',
  'exportKey',
  'generateKey',
  'getPublicKey',
  'importKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
]);

const maxDataBytes = 32 * 2 ** 20;
const maxArgumentsLength = 256 * 1024;
/** PBKDF2: iterations times blocks of output. */
const maxIterations = 2_000_000;
const maxDerivedBits = 1_048_576;
const maxModulusBits = 4_096;
const maxImportedModulusBits = 8_192;
/** Argon2: KiB, and KiB times passes. */
const maxArgonMemory = 65_536;
const maxArgonWork = 262_144;

/** @param text JSON of the method and its arguments; what JSON has no form for stands in it as an object with `$`; see `decode`. */
export async function subtleOperation(
  handles: HostHandles,
  text: string,
  data: Uint8Array | undefined,
): Promise<OperationResult> {
  if (text.length > maxArgumentsLength || (data !== undefined && data.length > maxDataBytes)) {
    throw new OperationError('OperationError', `crypto.subtle takes at most ${maxDataBytes} bytes at once`);
  }
  const [method, ...given] = JSON.parse(text) as unknown[];
  if (typeof method !== 'string' || !methods.has(method)) return undefined;
  const args = given.map((value) => decode(handles, value, data, 0));
  for (const value of args) assertBounded(value);
  assertBits(method, args);
  const run = subtle[method];
  if (run === undefined) throw new OperationError('NotSupportedError', `this host has no crypto.subtle.${method}`);
  if (method === 'digest' && nameOf(args[0]) === 'MD5') return md5(args[1]);
  try {
    return encode(handles, await run.apply(subtle, args));
  } catch (thrown) {
    const reason = reasonOf(method, args);
    throw reason === undefined ? thrown : new OperationError((thrown as Error).name, reason);
  }
}

const md5PieceBytes = 2 ** 20;

/** As on Workers: many a protocol still asks for it. The standard has none. This thread has others to serve between the pieces. */
async function md5(data: unknown): Promise<Uint8Array> {
  const bytes = (data ?? new Uint8Array()) as Uint8Array;
  const hash = createHash('md5');
  for (let offset = 0; offset < bytes.length; offset += md5PieceBytes) {
    hash.update(bytes.subarray(offset, offset + md5PieceBytes));
    // oxlint-disable-next-line no-await-in-loop -- one piece after the other
    await setImmediate();
  }
  return hash.digest();
}

function nameOf(algorithm: unknown): string {
  const name = typeof algorithm === 'string' ? algorithm : (algorithm as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name.toUpperCase() : '';
}

/** What Node does not say of a failure, where it can be told from the arguments. */
function reasonOf(method: string, args: readonly unknown[]): string | undefined {
  if (method === 'generateKey' && nameOf(args[0]).startsWith('RSA')) {
    const { publicExponent } = args[0] as { publicExponent?: unknown };
    if (!(publicExponent instanceof Uint8Array) || publicExponent.length > 8) return undefined;
    const exponent = BigInt(`0x0${Buffer.from(publicExponent).toString('hex')}`);
    if (exponent === 3n || exponent === 65_537n) return undefined;
    return `The "publicExponent" must be either 3 or 65537, but got ${exponent}.`;
  }
  if (method === 'importKey' && args[0] === 'raw' && nameOf(args[2]).startsWith('AES-')) {
    const bits = bitsOf(args[1]);
    if (bits === 128 || bits === 192 || bits === 256) return undefined;
    return `Imported AES key length must be 128, 192, or 256 bits but provided ${bits}.`;
  }
  const isUnwrapping = method === 'unwrapKey';
  const algorithm = (isUnwrapping ? args[3] : args[0]) as { iv?: unknown; tagLength?: unknown } | undefined;
  if (!(isUnwrapping || method === 'decrypt' || method === 'encrypt') || nameOf(algorithm) !== 'AES-GCM')
    return undefined;
  if (bitsOf(algorithm?.iv) === 0) return 'AES-GCM IV must not be empty.';
  const bits = bitsOf(isUnwrapping ? args[1] : args[2]);
  const tag = Number(algorithm?.tagLength ?? 128);
  if (method === 'encrypt' || !(bits < tag)) return undefined;
  return `Ciphertext length of ${bits} bits must be greater than or equal to the size of the AES-GCM authentication tag of ${tag} bits.`;
}

function bitsOf(data: unknown): number {
  return ((data as { byteLength?: number } | undefined)?.byteLength ?? 0) * 8;
}

/** Whether the host's Web Crypto supports an operation; see `SubtleCrypto.supports`. */
export function subtleSupports(handles: HostHandles, text: string): OperationResult {
  if (text.length > maxArgumentsLength) return undefined;
  const given = JSON.parse(text) as unknown[];
  const { SubtleCrypto } = globalThis as unknown as {
    SubtleCrypto: { supports?: (...args: unknown[]) => boolean };
  };
  const args = given.map((value) => decode(handles, value, undefined, 0));
  return SubtleCrypto.supports?.(...args) === true ? '1' : '0';
}

export function decodeArguments(handles: HostHandles, values: readonly unknown[]): unknown[] {
  return values.map((value) => decode(handles, value, undefined, 0));
}

export function findCryptoKey(handles: HostHandles, id: number): CryptoKey {
  return handles.get(id, KeyKind);
}

function decode(handles: HostHandles, value: unknown, data: Uint8Array | undefined, depth: number): unknown {
  if (depth > 6) throw new OperationError('TypeError', 'the arguments are nested too deeply');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decode(handles, item, data, depth + 1));
  const tagged = value as { $?: string; value?: unknown };
  switch (tagged.$) {
    case 'bytes':
      return Buffer.from(String(tagged.value), 'base64');
    case 'data':
      return data;
    case 'key':
      return handles.get(tagged.value, KeyKind);
    case 'secret':
      return secretKey(value as Record<string, unknown>);
    case 'undefined':
      return undefined;
    case 'number':
      return Number(tagged.value);
    default: {
      const object: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) {
        if (key !== '__proto__') object[key] = decode(handles, item, data, depth + 1);
      }
      return object;
    }
  }
}

/** A key for HMAC that the guest keeps itself: it comes along with each operation. */
function secretKey({ value, hash, extractable, usages }: Readonly<Record<string, unknown>>): CryptoKey {
  const secret = createSecretKey(String(value), 'base64') as KeyObject & { toCryptoKey(...args: unknown[]): CryptoKey };
  return secret.toCryptoKey(
    { name: 'HMAC', hash: String(hash) },
    extractable === true,
    Array.from(usages as string[], String),
  );
}

function assertBounded(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof KeyKind || ArrayBuffer.isView(value)) return;
  const { iterations, modulusLength, memory, passes, outputLength, length } = value as Record<string, unknown>;
  assertAtMost('iterations', iterations, maxIterations);
  assertAtMost('modulusLength', modulusLength, maxModulusBits);
  assertAtMost('memory', memory, maxArgonMemory);
  assertAtMost('memory times passes', Number(memory) * Number(passes), maxArgonWork);
  assertAtMost('outputLength', outputLength, maxDerivedBits);
  assertAtMost('length', length, maxDerivedBits);
}

function assertBits(method: string, args: readonly unknown[]): void {
  if (method !== 'deriveBits') return;
  const [algorithm, , length] = args;
  assertAtMost('length', length, maxDerivedBits);
  const { iterations } = (algorithm ?? {}) as { iterations?: unknown };
  assertAtMost(
    'iterations times blocks of 256 bits',
    Number(iterations) * Math.ceil(Number(length) / 256),
    maxIterations,
  );
}

function assertAtMost(name: string, value: unknown, most: number): void {
  if (Number(value) > most) throw new OperationError('OperationError', `${name} is over the limit of ${most}`);
}

function encode(handles: HostHandles, result: unknown): OperationResult {
  if (result instanceof ArrayBuffer) return new Uint8Array(result);
  if (ArrayBuffer.isView(result)) return new Uint8Array(result.buffer, result.byteOffset, result.byteLength);
  return JSON.stringify(describe(handles, result));
}

function describe(handles: HostHandles, result: unknown): unknown {
  if (result instanceof KeyKind) return describeCryptoKey(handles, result);
  if (result instanceof ArrayBuffer) return { $: 'bytes', value: Buffer.from(result).toString('base64') };
  if (typeof result !== 'object' || result === null) return result;
  const { publicKey, privateKey, sharedKey, ciphertext } = result as Record<string, unknown>;
  if (publicKey !== undefined)
    return { publicKey: describe(handles, publicKey), privateKey: describe(handles, privateKey) };
  if (ciphertext !== undefined) {
    const shared = sharedKey instanceof ArrayBuffer || sharedKey instanceof KeyKind;
    return { ...(shared && { sharedKey: describe(handles, sharedKey) }), ciphertext: describe(handles, ciphertext) };
  }
  // A JSON Web Key.
  return result;
}

export function describeCryptoKey(handles: HostHandles, key: CryptoKey): object {
  const { type, extractable, usages } = key;
  const algorithm = { ...key.algorithm } as { modulusLength?: number; publicExponent?: Uint8Array };
  assertAtMost('modulusLength', algorithm.modulusLength ?? 0, maxImportedModulusBits);
  const { publicExponent } = algorithm;
  return {
    $: 'key',
    value: handles.add(key),
    type,
    extractable,
    usages,
    algorithm: {
      ...algorithm,
      ...(publicExponent && {
        publicExponent: { $: 'bytes', value: Buffer.from(publicExponent).toString('base64') },
      }),
    },
  };
}
