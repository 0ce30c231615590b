/** `crypto.subtle` of the Web Cryptography API. The host does the work and holds the keys: https://w3c.github.io/webcrypto/ */
import { assertArguments, assertKey, defineInterface } from './shared/interface.ts';
import { copyBufferSource } from './shared/buffer-source.ts';
import { operate, operateSync } from './shared/operation.ts';
import { callSync, mayWait } from '../core/facade.ts';
import { maxQuickBytes } from '../../wire.ts';

type Algorithm = string | object;

interface KeyFields {
  /** The number by which the host knows it. */
  readonly value?: number;
  /** What a key for HMAC is made of that a function has brought itself: the host need not know it. */
  readonly secret?: Secret;
  readonly type: string;
  readonly extractable: boolean;
  readonly usages: readonly string[];
  readonly algorithm: Record<string, unknown>;
}

/** Apart from what `algorithm` and `usages` show, which anybody can change. */
interface Secret {
  /** In Base64. */
  readonly value: string;
  readonly hash: string;
  readonly usages: readonly string[];
  /** The number by which the host knows it, once it had to. */
  number?: number;
}

const key = Symbol('internal');
/** Members of all dictionaries of algorithms. */
const members = [
  'name',
  'hash',
  'length',
  'namedCurve',
  'modulusLength',
  'publicExponent',
  'iv',
  'counter',
  'tagLength',
  'additionalData',
  'saltLength',
  'label',
  'salt',
  'info',
  'iterations',
  'public',
  'context',
  'nonce',
  'memory',
  'passes',
  'parallelism',
  'version',
  'secretValue',
  'associatedData',
  'outputLength',
  'functionName',
  'customization',
  'domainSeparation',
] as const;
const jwkMembers = [
  'kty',
  'use',
  'key_ops',
  'alg',
  'ext',
  'crv',
  'x',
  'y',
  'd',
  'n',
  'e',
  'p',
  'q',
  'dp',
  'dq',
  'qi',
  'oth',
  'k',
  'pub',
  'priv',
] as const;

let fieldsOf: (value: unknown) => KeyFields | undefined;

export class CryptoKey {
  readonly #fields: KeyFields;

  static {
    fieldsOf = (value) =>
      typeof value === 'object' && value !== null && #fields in value ? (value as CryptoKey).#fields : undefined;
  }

  constructor(given?: unknown, fields?: unknown) {
    assertKey(given, key);
    this.#fields = fields as KeyFields;
  }

  get type(): string {
    return this.#fields.type;
  }
  get extractable(): boolean {
    return this.#fields.extractable;
  }
  get algorithm(): object {
    return this.#fields.algorithm;
  }
  get usages(): readonly string[] {
    return this.#fields.usages;
  }
}

defineInterface(CryptoKey, 'CryptoKey', { constructor: 0 });

export class SubtleCrypto {
  constructor(given?: unknown) {
    assertKey(given, key);
  }

  static supports(operation: string, algorithm: Algorithm, additional?: unknown): boolean {
    assertArguments(arguments.length, 2, "Failed to execute 'supports' on 'SubtleCrypto'");
    const last =
      typeof additional === 'object' && additional !== null ? encodeAlgorithm(additional) : encode(additional);
    return operateSync('subtle.supports', JSON.stringify([`${operation}`, encodeAlgorithm(algorithm), last])) === '1';
  }

  async encrypt(algorithm: Algorithm, cryptoKey: CryptoKey, data: BufferSource): Promise<unknown> {
    begin(this, 'encrypt', arguments.length, 3);
    return run('encrypt', [encodeAlgorithm(algorithm), encodeKey(cryptoKey), sent], bytesOf(data));
  }

  async decrypt(algorithm: Algorithm, cryptoKey: CryptoKey, data: BufferSource): Promise<unknown> {
    begin(this, 'decrypt', arguments.length, 3);
    return run('decrypt', [encodeAlgorithm(algorithm), encodeKey(cryptoKey), sent], bytesOf(data));
  }

  async sign(algorithm: Algorithm, cryptoKey: CryptoKey, data: BufferSource): Promise<unknown> {
    begin(this, 'sign', arguments.length, 3);
    return run('sign', [encodeAlgorithm(algorithm), encodeKey(cryptoKey), sent], bytesOf(data));
  }

  async verify(
    algorithm: Algorithm,
    cryptoKey: CryptoKey,
    signature: BufferSource,
    data: BufferSource,
  ): Promise<unknown> {
    begin(this, 'verify', arguments.length, 4);
    const args = [encodeAlgorithm(algorithm), encodeKey(cryptoKey), encodeBytes(bytesOf(signature)), sent];
    return run('verify', args, bytesOf(data));
  }

  async digest(algorithm: Algorithm, data: BufferSource): Promise<unknown> {
    begin(this, 'digest', arguments.length, 2);
    return run('digest', [encodeAlgorithm(algorithm), sent], bytesOf(data));
  }

  async generateKey(algorithm: Algorithm, extractable: boolean, usages: Iterable<string>): Promise<unknown> {
    begin(this, 'generateKey', arguments.length, 3);
    return run('generateKey', [encodeAlgorithm(algorithm), Boolean(extractable), encodeUsages(usages)]);
  }

  async deriveKey(
    algorithm: Algorithm,
    baseKey: CryptoKey,
    derivedAlgorithm: Algorithm,
    extractable: boolean,
    usages: Iterable<string>,
  ): Promise<unknown> {
    begin(this, 'deriveKey', arguments.length, 5);
    return run('deriveKey', [
      encodeAlgorithm(algorithm),
      encodeKey(baseKey),
      encodeAlgorithm(derivedAlgorithm),
      Boolean(extractable),
      encodeUsages(usages),
    ]);
  }

  async deriveBits(algorithm: Algorithm, baseKey: CryptoKey, length: number | null = null): Promise<unknown> {
    begin(this, 'deriveBits', arguments.length, 2);
    return run('deriveBits', [encodeAlgorithm(algorithm), encodeKey(baseKey), encode(length)]);
  }

  async importKey(
    format: string,
    keyData: BufferSource | object,
    algorithm: Algorithm,
    extractable: boolean,
    usages: Iterable<string>,
  ): Promise<unknown> {
    begin(this, 'importKey', arguments.length, 5);
    const name = `${format}`;
    // Its getters may still change the data.
    const rest = [encodeAlgorithm(algorithm), Boolean(extractable), encodeUsages(usages)] as const;
    const data = name === 'jwk' ? undefined : copyBufferSource(keyData);
    const secretKey = name === 'raw' && data !== undefined ? secretKeyOf(data, ...rest) : undefined;
    if (secretKey !== undefined) return secretKey;
    return run('importKey', [name, data === undefined ? encodeJwk(keyData) : sent, ...rest], data);
  }

  async exportKey(format: string, cryptoKey: CryptoKey): Promise<unknown> {
    begin(this, 'exportKey', arguments.length, 2);
    return run('exportKey', [`${format}`, encodeKey(cryptoKey)]);
  }

  async wrapKey(format: string, cryptoKey: CryptoKey, wrappingKey: CryptoKey, algorithm: Algorithm): Promise<unknown> {
    begin(this, 'wrapKey', arguments.length, 4);
    return run('wrapKey', [`${format}`, encodeKey(cryptoKey), encodeKey(wrappingKey), encodeAlgorithm(algorithm)]);
  }

  async unwrapKey(
    format: string,
    wrappedKey: BufferSource,
    unwrappingKey: CryptoKey,
    unwrapAlgorithm: Algorithm,
    algorithm: Algorithm,
    extractable: boolean,
    usages: Iterable<string>,
  ): Promise<unknown> {
    begin(this, 'unwrapKey', arguments.length, 7);
    const args = [
      `${format}`,
      sent,
      encodeKey(unwrappingKey),
      encodeAlgorithm(unwrapAlgorithm),
      encodeAlgorithm(algorithm),
      Boolean(extractable),
      encodeUsages(usages),
    ];
    // Not before the algorithms were read: their getters may change it.
    return run('unwrapKey', args, bytesOf(wrappedKey));
  }

  /** As on Workers: compares all bytes, wherever the first difference is. */
  timingSafeEqual(one: BufferSource, other: BufferSource): boolean {
    begin(this, 'timingSafeEqual', arguments.length, 2);
    const [left, right] = [bytesOf(one), bytesOf(other)];
    if (left.length !== right.length) {
      throw new TypeError(`timingSafeEqual needs as many bytes twice, not ${left.length} and ${right.length}`);
    }
    let difference = 0;
    for (let index = 0; index < left.length; index += 1) difference |= left[index]! ^ right[index]!;
    return difference === 0;
  }

  async getPublicKey(cryptoKey: CryptoKey, usages: Iterable<string>): Promise<unknown> {
    begin(this, 'getPublicKey', arguments.length, 2);
    return run('getPublicKey', [encodeKey(cryptoKey), encodeUsages(usages)]);
  }

  async encapsulateKey(
    algorithm: Algorithm,
    encapsulationKey: CryptoKey,
    sharedKeyAlgorithm: Algorithm,
    extractable: boolean,
    usages: Iterable<string>,
  ): Promise<unknown> {
    begin(this, 'encapsulateKey', arguments.length, 5);
    return run('encapsulateKey', [
      encodeAlgorithm(algorithm),
      encodeKey(encapsulationKey),
      encodeAlgorithm(sharedKeyAlgorithm),
      Boolean(extractable),
      encodeUsages(usages),
    ]);
  }

  async encapsulateBits(algorithm: Algorithm, encapsulationKey: CryptoKey): Promise<unknown> {
    begin(this, 'encapsulateBits', arguments.length, 2);
    return run('encapsulateBits', [encodeAlgorithm(algorithm), encodeKey(encapsulationKey)]);
  }

  async decapsulateKey(
    algorithm: Algorithm,
    decapsulationKey: CryptoKey,
    ciphertext: BufferSource,
    sharedKeyAlgorithm: Algorithm,
    extractable: boolean,
    usages: Iterable<string>,
  ): Promise<unknown> {
    begin(this, 'decapsulateKey', arguments.length, 6);
    const args = [
      encodeAlgorithm(algorithm),
      encodeKey(decapsulationKey),
      sent,
      encodeAlgorithm(sharedKeyAlgorithm),
      Boolean(extractable),
      encodeUsages(usages),
    ];
    return run('decapsulateKey', args, bytesOf(ciphertext));
  }

  async decapsulateBits(algorithm: Algorithm, decapsulationKey: CryptoKey, ciphertext: BufferSource): Promise<unknown> {
    begin(this, 'decapsulateBits', arguments.length, 3);
    return run('decapsulateBits', [encodeAlgorithm(algorithm), encodeKey(decapsulationKey), sent], bytesOf(ciphertext));
  }
}

defineInterface(SubtleCrypto, 'SubtleCrypto', { constructor: 0, 'static supports': 2 });

export const subtle = new SubtleCrypto(key);

/** The number by which the host knows a key, for `KeyObject.from`. */
export function numberOfKey(value: unknown): number | undefined {
  const fields = fieldsOf(value);
  if (fields?.secret === undefined) return fields?.value;
  const { secret, extractable } = fields;
  if (secret.number === undefined) {
    const algorithm = { name: 'HMAC', hash: secret.hash };
    const text = JSON.stringify(['secret', secret.value, algorithm, extractable, secret.usages]);
    secret.number = (JSON.parse(operateSync('key.toCryptoKey', text) as string) as { value: number }).value;
  }
  return secret.number;
}

/** What the host needs to make a key of one of `node:crypto`'s. */
export function encodeImport(algorithm: Algorithm, extractable: boolean, usages: Iterable<string>): unknown[] {
  return [encodeAlgorithm(algorithm), Boolean(extractable), encodeUsages(usages)];
}

export function decodeKeyText(text: string): CryptoKey {
  return decodeKey(JSON.parse(text) as KeyFields);
}

/** A clone of a key, for `structuredClone`: the same key of the host. */
export function cloneOf(value: unknown): object | undefined {
  const fields = fieldsOf(value);
  return fields === undefined ? undefined : new CryptoKey(key, copyOf(fields));
}

function copyOf({ algorithm, usages, ...rest }: KeyFields): KeyFields {
  return { ...rest, algorithm: { ...algorithm }, usages: [...usages] };
}

function begin(receiver: unknown, method: string, given: number, needed: number): void {
  if (receiver !== subtle) throw new TypeError('Illegal invocation');
  assertArguments(given, needed, `Failed to execute '${method}' on 'SubtleCrypto'`);
}

async function run(method: string, args: readonly unknown[], data?: Uint8Array): Promise<unknown> {
  const text = JSON.stringify([method, ...args]);
  const result = quickly(method, args, text, data) ?? (await operate('subtle', text, data));
  return typeof result === 'string' ? decode(JSON.parse(result)) : result.buffer;
}

/** What takes the host microseconds is done while this waits; `undefined` where it is not, or others would have to wait, too. */
function quickly(
  method: string,
  args: readonly unknown[],
  text: string,
  data: Uint8Array | undefined,
): string | Uint8Array | undefined {
  const isQuick = method === 'digest' || (args[1] as { $?: unknown } | undefined)?.$ === 'secret';
  if (!isQuick || data === undefined || data.length > maxQuickBytes || !mayWait()) return undefined;
  const result = callSync('subtle.quick', text, data);
  return typeof result === 'string' || result instanceof Uint8Array ? result : undefined;
}

const maxSecretBytes = 1_024;
const secretHashes = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const secretUsages = ['sign', 'verify'];

/** A key for HMAC, without a question to the host. What is unusual, or wrong, is left to that: `undefined`. */
function secretKeyOf(
  bytes: Uint8Array,
  encoded: unknown,
  extractable: boolean,
  given: readonly string[],
): CryptoKey | undefined {
  const { name, hash: hashGiven, length } = encoded as { name?: unknown; hash?: unknown; length?: unknown };
  const hashName = typeof hashGiven === 'string' ? hashGiven : (hashGiven as { name?: unknown } | undefined)?.name;
  const hash = String(hashName).toUpperCase();
  const usages = secretUsages.filter((usage) => given.includes(usage));
  const isUsual =
    String(name).toUpperCase() === 'HMAC' &&
    length === undefined &&
    secretHashes.includes(hash) &&
    bytes.length > 0 &&
    bytes.length <= maxSecretBytes &&
    usages.length > 0 &&
    given.every((usage) => secretUsages.includes(usage));
  if (!isUsual) return undefined;
  const algorithm = { name: 'HMAC', length: bytes.length * 8, hash: { name: hash } };
  const secret = { value: bytes.toBase64(), hash, usages: [...usages] };
  return new CryptoKey(key, { type: 'secret', extractable, usages, algorithm, secret });
}

/** Stands for the data that crosses beside the arguments. */
const sent = { $: 'data' };

function encodeAlgorithm(algorithm: unknown): unknown {
  if (typeof algorithm !== 'object' || algorithm === null) return encode(algorithm);
  const encoded: Record<string, unknown> = {};
  for (const name of members) {
    const value = (algorithm as Record<string, unknown>)[name];
    if (value === undefined) continue;
    encoded[name] = name === 'hash' && typeof value === 'object' ? encodeAlgorithm(value) : encode(value);
  }
  return encoded;
}

function encode(value: unknown): unknown {
  switch (typeof value) {
    case 'undefined':
      return { $: 'undefined' };
    case 'number':
      return Number.isFinite(value) ? value : { $: 'number', value: `${value}` };
    case 'string':
    case 'boolean':
      return value;
    case 'object': {
      if (value === null) return null;
      if (fieldsOf(value) !== undefined) return encodeKey(value);
      const bytes = copyBufferSource(value);
      return bytes === undefined ? {} : encodeBytes(bytes);
    }
    case 'function':
      return {};
    default:
      throw new TypeError(`a ${typeof value} cannot be converted`);
  }
}

function encodeBytes(bytes: Uint8Array): object {
  return { $: 'bytes', value: bytes.toBase64() };
}

function encodeKey(value: unknown): object {
  const fields = fieldsOf(value);
  if (fields === undefined) throw new TypeError('the argument is not a CryptoKey');
  const { value: number, secret, extractable } = fields;
  if (secret === undefined) return { $: 'key', value: number };
  const { value: bytes, hash, usages } = secret;
  return { $: 'secret', value: bytes, hash, usages, extractable };
}

function encodeJwk(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) throw new TypeError('the key is neither bytes nor a JSON Web Key');
  const encoded: Record<string, unknown> = {};
  for (const name of jwkMembers) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    if (name === 'key_ops') encoded[name] = encodeUsages(member);
    else if (name === 'ext') encoded[name] = Boolean(member);
    else encoded[name] = name === 'oth' ? JSON.parse(JSON.stringify(member)) : `${member as string}`;
  }
  return encoded;
}

function encodeUsages(usages: unknown): string[] {
  const iterator =
    typeof usages === 'object' && usages !== null
      ? (usages as { [Symbol.iterator]?: unknown })[Symbol.iterator]
      : undefined;
  if (typeof iterator !== 'function') throw new TypeError('the usages are not a sequence');
  return Array.from(usages as Iterable<unknown>, (usage) => `${usage as string}`);
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  const bytes = copyBufferSource(value);
  if (bytes === undefined) throw new TypeError('the data is neither an ArrayBuffer nor a view of one');
  return bytes;
}

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const tagged = value as { readonly $?: string; readonly value?: string } & Record<string, unknown>;
  if (tagged.$ === 'key') return decodeKey(value as KeyFields);
  if (tagged.$ === 'bytes') return Uint8Array.fromBase64(tagged.value!).buffer;
  for (const name of ['publicKey', 'privateKey', 'sharedKey', 'ciphertext']) {
    if (Object.hasOwn(tagged, name)) tagged[name] = decode(tagged[name]);
  }
  return tagged;
}

function decodeKey({ value, type, extractable, usages, algorithm }: KeyFields): CryptoKey {
  const exponent = algorithm['publicExponent'] as { readonly value: string } | undefined;
  if (exponent !== undefined) algorithm['publicExponent'] = Uint8Array.fromBase64(exponent.value);
  return new CryptoKey(key, { value, type, extractable, usages, algorithm });
}
