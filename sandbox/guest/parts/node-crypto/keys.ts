import { viewBufferSource } from '../shared/buffer-source.ts';
import { bytesOf, call, callForText, nodeError, type NodeBuffer, toBase64, toOutput } from './data.ts';

interface KeyFields {
  readonly type: 'secret' | 'private' | 'public';
  readonly secret?: Uint8Array;
  readonly pem?: string;
  readonly asymmetricKeyType?: string;
  readonly details?: object;
}

interface ExportOptions {
  readonly type?: string;
  readonly format?: string;
  readonly cipher?: string;
  readonly passphrase?: unknown;
}

const made = Symbol('internal');
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

  get type(): string {
    return this.#fields.type;
  }
  get symmetricKeySize(): number | undefined {
    return this.#fields.secret?.length;
  }
  get asymmetricKeyType(): string | undefined {
    return this.#fields.asymmetricKeyType;
  }
  get asymmetricKeyDetails(): object | undefined {
    return this.#fields.details;
  }

  export(options: ExportOptions = {}): NodeBuffer | string | object {
    const { pem, secret, type } = this.#fields;
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

  equals(other: unknown): boolean {
    const fields = fieldsOf(other);
    if (fields === undefined || fields.type !== this.#fields.type) return false;
    if (this.#fields.pem !== undefined) return this.#fields.pem === fields.pem;
    return toBase64(this.#fields.secret!) === toBase64(fields.secret!);
  }
}

Object.defineProperty(KeyObject.prototype, Symbol.toStringTag, { configurable: true, value: 'KeyObject' });

export function createSecretKey(key: unknown, encoding?: string): KeyObject {
  return new KeyObject(made, { type: 'secret', secret: new Uint8Array(bytesOf(key, encoding, 'key')) });
}

export function createPrivateKey(key: unknown): KeyObject {
  return readKey('private', key);
}

export function createPublicKey(key: unknown): KeyObject {
  return readKey('public', key);
}

/** The bytes of a secret: a text, bytes, or a secret key. */
export function secretBytes(key: unknown): Uint8Array {
  const fields = fieldsOf(key);
  if (fields === undefined) return bytesOf(key, 'utf8', 'key');
  if (fields.secret === undefined) {
    throw nodeError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${fields.type}, expected secret.`);
  }
  return fields.secret;
}

/** A key in PEM for signing or verifying, from whatever `node:crypto` takes. */
export function pemOf(kind: 'private' | 'public', key: unknown): string {
  const fields = fieldsOf(key) ?? fieldsOf((key as { key?: unknown } | null)?.key);
  if (fields?.pem !== undefined) return fields.pem;
  return fieldsOf(readKey(kind, key))!.pem!;
}

function readKey(kind: 'private' | 'public', given: unknown): KeyObject {
  const isOptions =
    typeof given === 'object' && given !== null && 'key' in given && viewBufferSource(given) === undefined;
  const options = (isOptions ? given : { key: given }) as {
    key: unknown;
    format?: string;
    type?: string;
    passphrase?: unknown;
  };
  const known = fieldsOf(options.key);
  // The public half of a private key.
  const material = known?.pem ?? options.key;
  const { format = 'pem', passphrase, type } = options;
  let key: unknown = material;
  if (format === 'der') key = toBase64(bytesOf(material, 'base64', 'key'));
  else if (format !== 'jwk' && typeof material !== 'string') key = textOf(bytesOf(material, 'utf8', 'key')).trim();
  const input = { key, format, type, passphrase: passphrase === undefined ? undefined : textOf(passphrase) };
  const read = JSON.parse(callForText('key.read', [kind, input])) as KeyFields & { publicExponent?: string };
  const { details, publicExponent } = read;
  if (publicExponent === undefined) return new KeyObject(made, read);
  return new KeyObject(made, { ...read, details: { ...details, publicExponent: BigInt(publicExponent) } });
}

function textOf(value: unknown): string {
  return toOutput(new Uint8Array(bytesOf(value, 'utf8', 'passphrase')), 'utf8') as string;
}
