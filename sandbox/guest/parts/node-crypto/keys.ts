import { loadedPart, part } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { assertObject, invalidArgument, invalidValue } from '../shared/node-error.ts';
import { bytesOf, call, callForText, nodeError, type NodeBuffer, toBase64, toOutput } from './data.ts';

interface KeyFields {
  readonly type: 'secret' | 'private' | 'public';
  readonly secret?: Uint8Array;
  readonly pem?: string;
  readonly asymmetricKeyType?: string;
  readonly details?: object;
  /** A key of Web Cryptography that is not extractable: nothing is known of what it is made of. */
  readonly isHidden?: true;
}

interface ExportOptions {
  readonly type?: string;
  readonly format?: string;
  readonly cipher?: string;
  readonly passphrase?: unknown;
}

const made = Symbol('internal');
const byteTypes = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
const privateTypes = `of type string or ${byteTypes.replace('or DataView', 'DataView, or URL')}`;
const publicTypes = `of type string or ${byteTypes.replace('or DataView', 'DataView, KeyObject, or CryptoKey')}`;
const formats = ['pem', 'der', 'jwk'];
let fieldsOf: (key: unknown) => KeyFields | undefined;

export class KeyObject {
  readonly #fields: KeyFields;

  static {
    fieldsOf = (key) =>
      typeof key === 'object' && key !== null && #fields in key ? (key as KeyObject).#fields : undefined;
  }

  constructor(key: unknown, fields: unknown) {
    if (key !== made)
      throw new TypeError('Illegal constructor; use createSecretKey, createPublicKey or createPrivateKey');
    this.#fields = fields as KeyFields;
  }

  /** Of a key that is not extractable, there is no more to be had than what `CryptoKey` tells of it. */
  static from(key: unknown): KeyObject {
    const id = numberOf(key);
    if (id === undefined) throw invalidArgument('key', 'an instance of CryptoKey', key);
    const hidden = hiddenFields(key as HiddenKey);
    if (hidden?.type === 'secret') return new SecretKeyObject(made, hidden);
    if (hidden !== undefined) return new (hidden.type === 'private' ? PrivateKeyObject : PublicKeyObject)(made, hidden);
    const { secret, ...read } = JSON.parse(callForText('key.ofCryptoKey', id)) as KeyText & { secret?: string };
    if (secret === undefined) return fromText(read);
    return new SecretKeyObject(made, { type: 'secret', secret: new Uint8Array(bytesOf(secret, 'base64', 'key')) });
  }

  get type(): string {
    return this.#fields.type;
  }

  export(options: ExportOptions = {}): NodeBuffer | string | object {
    const { pem, secret, type } = shown(this.#fields);
    if (secret !== undefined) {
      if (options.format === 'jwk')
        return { kty: 'oct', k: toBase64(secret).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') };
      return toOutput(new Uint8Array(secret), undefined);
    }
    const { format = 'pem' } = options;
    const { cipher = null, passphrase = null } = options;
    const kind = options.type ?? (type === 'private' ? 'pkcs8' : 'spki');
    const args = [type === 'private', pem, kind, format, cipher, passphrase === null ? null : textOf(passphrase)];
    if (format === 'der') return toOutput(call('key.export', args), undefined);
    const text = callForText('key.export', args);
    return format === 'jwk' ? (JSON.parse(text) as object) : text;
  }

  toCryptoKey(algorithm: string | object, extractable: boolean, usages: Iterable<string>): object {
    const { pem, secret, type } = shown(this.#fields);
    const { decodeKeyText, encodeImport } = part('subtle');
    const material = pem ?? toBase64(secret!);
    return decodeKeyText(
      callForText('key.toCryptoKey', [type, material, ...encodeImport(algorithm, extractable, usages)]),
    );
  }

  equals(other: unknown): boolean {
    const fields = fieldsOf(other);
    if (fields === undefined) throw invalidArgument('otherKeyObject', 'an instance of KeyObject', other);
    if (fields.type !== this.#fields.type) return false;
    if (fields.isHidden === true || this.#fields.isHidden === true) return fields === this.#fields;
    if (this.#fields.pem !== undefined) return this.#fields.pem === fields.pem;
    return toBase64(this.#fields.secret!) === toBase64(fields.secret!);
  }
}

interface HiddenKey {
  readonly extractable: boolean;
  readonly type: KeyFields['type'];
  readonly algorithm: {
    readonly name: string;
    readonly namedCurve?: string;
    readonly modulusLength?: number;
    readonly publicExponent?: Uint8Array;
  };
}

const curves: Readonly<Record<string, string>> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

/** What a key of Web Cryptography says of itself, if it shows no more; the host would refuse it all the same. */
function hiddenFields({ algorithm, extractable, type }: HiddenKey): KeyFields | undefined {
  if (extractable) return undefined;
  if (type === 'secret') return { type, isHidden: true };
  const { modulusLength, name, namedCurve, publicExponent } = algorithm;
  if (namedCurve !== undefined) {
    const details = { namedCurve: curves[namedCurve] ?? namedCurve };
    return { type, asymmetricKeyType: 'ec', details, isHidden: true };
  }
  if (modulusLength === undefined) return { type, asymmetricKeyType: name.toLowerCase(), details: {}, isHidden: true };
  const details = { modulusLength, publicExponent: BigInt(`0x${new Uint8Array(publicExponent!).toHex()}`) };
  return { type, asymmetricKeyType: 'rsa', details, isHidden: true };
}

/** @throws TypeError of a key that is not extractable. */
function shown(fields: KeyFields): KeyFields {
  if (fields.isHidden !== true) return fields;
  throw new TypeError('the key is not extractable: use it with crypto.subtle, or make it extractable');
}

Object.defineProperty(KeyObject.prototype, Symbol.toStringTag, { configurable: true, value: 'KeyObject' });

export class SecretKeyObject extends KeyObject {
  get symmetricKeySize(): number {
    return shown(fieldsOf(this)!).secret!.length;
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType(): string | undefined {
    return fieldsOf(this)!.asymmetricKeyType;
  }
  get asymmetricKeyDetails(): object | undefined {
    return fieldsOf(this)!.details;
  }
}
export class PublicKeyObject extends AsymmetricKeyObject {}
export class PrivateKeyObject extends AsymmetricKeyObject {}

export function isKeyObject(value: unknown): value is KeyObject {
  return fieldsOf(value) !== undefined;
}

function numberOf(key: unknown): number | undefined {
  return loadedPart('subtle')?.numberOfKey(key);
}

export function createSecretKey(key: unknown, encoding?: string): KeyObject {
  const bytes = bytesOf(key, encoding, 'key', byteTypes);
  return new SecretKeyObject(made, { type: 'secret', secret: new Uint8Array(bytes) });
}

export function createPrivateKey(key: unknown): KeyObject {
  return readKey('private', key);
}

export function createPublicKey(key: unknown): KeyObject {
  return readKey('public', key);
}

/** The bytes of a secret: a text, bytes, or a secret key. */
export function secretBytes(key: unknown): Uint8Array {
  const fields = fieldsOf(key) ?? (numberOf(key) === undefined ? undefined : fieldsOf(KeyObject.from(key)));
  if (fields === undefined) return bytesOf(key, 'utf8', 'key', publicTypes);
  if (shown(fields).secret === undefined) {
    throw nodeError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${fields.type}, expected secret.`);
  }
  return fields.secret!;
}

/** A key in PEM for signing or verifying, from whatever `node:crypto` takes. */
export function pemOf(kind: 'private' | 'public', key: unknown): string {
  const given = keyInside(key);
  const fields = fieldsOf(given) ?? (numberOf(given) === undefined ? undefined : fieldsOf(KeyObject.from(given)));
  if (fields === undefined) return fieldsOf(readKey(kind, key, publicTypes))!.pem!;
  if (shown(fields).pem !== undefined && !(kind === 'private' && fields.type === 'public')) return fields.pem!;
  const expected = kind === 'private' ? 'private' : 'public or private';
  throw nodeError(
    'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE',
    `Invalid key object type ${fields.type}, expected ${expected}.`,
  );
}

/** The key of options, if these are. */
function keyInside(given: unknown): unknown {
  const isOptions =
    typeof given === 'object' &&
    given !== null &&
    'key' in given &&
    viewBufferSource(given) === undefined &&
    fieldsOf(given) === undefined;
  return isOptions ? given.key : given;
}

interface KeyOptions {
  readonly key: unknown;
  readonly format?: string;
  readonly type?: string;
  readonly passphrase?: unknown;
}
interface KeyText {
  readonly type: string;
  readonly details?: object;
  readonly publicExponent?: string;
}

function readKey(kind: 'private' | 'public', given: unknown, types?: string): KeyObject {
  const inside = keyInside(given);
  const known = fieldsOf(inside);
  if (known !== undefined && kind === 'public' && known.type !== 'private') {
    throw nodeError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${known.type}, expected private.`);
  }
  const isOptions =
    inside !== given || (known === undefined && typeof given === 'object' && viewBufferSource(given) === undefined);
  const { format = 'pem', passphrase, type, key: inner } = (isOptions ? given : { key: given }) as KeyOptions;
  const name = isOptions && known === undefined ? 'key.key' : 'key';
  if (!formats.includes(format)) throw invalidValue('key.format', format);
  // The public half of a private key.
  const material = kind === 'public' && known !== undefined ? shown(known).pem : inner;
  if (format === 'jwk') assertWebKey(kind, material);
  const expected = types ?? (kind === 'private' ? privateTypes : publicTypes);
  const pem = (): string =>
    typeof material === 'string' ? material : textOf(bytesOf(material, 'utf8', name, expected)).trim();
  if (format === 'der' && type === undefined) throw invalidValue('key.type', type);
  const key =
    format === 'jwk' ? material : format === 'der' ? toBase64(bytesOf(material, 'base64', name, expected)) : pem();
  const input = { key, format, type, passphrase: passphrase === undefined ? undefined : textOf(passphrase) };
  return fromText(JSON.parse(callForText('key.read', [kind, input])) as KeyText);
}

/** Without which there is no such key, by kind; Node does not say which of them it lacks. */
const membersOfWebKeys: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  RSA: ['n', 'e'],
};

function assertWebKey(kindOfKey: 'private' | 'public', key: unknown): void {
  assertObject('key.key', key);
  const given = key as Record<string, unknown>;
  const kind = `${given['kty'] as string}`;
  const members = Object.hasOwn(membersOfWebKeys, kind) ? membersOfWebKeys[kind]! : [];
  const isWhole = kindOfKey === 'public' || members.length === 0;
  for (const name of isWhole ? members : [...members, 'd']) {
    if (given[name] !== undefined) continue;
    throw nodeError('ERR_CRYPTO_INVALID_JWK', `${kind} JWK missing ${name} parameter`, TypeError);
  }
}

function fromText({ publicExponent, ...read }: KeyText): KeyObject {
  const details =
    publicExponent === undefined ? read.details : { ...read.details, publicExponent: BigInt(publicExponent) };
  const Class = read.type === 'private' ? PrivateKeyObject : PublicKeyObject;
  return new Class(made, { ...read, details });
}

function textOf(value: unknown): string {
  return toOutput(new Uint8Array(bytesOf(value, 'utf8', 'passphrase')), 'utf8') as string;
}
