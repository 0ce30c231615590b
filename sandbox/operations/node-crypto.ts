/**
 * What `node:crypto` does synchronously, for guests. The guest waits, and so does this thread: each call has a bound on its data and on its work.
 */
import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import { atMost, type HostHandles, OperationError, type OperationResult } from './operation.ts';

const maxPieceBytes = 2 ** 20;
const maxTextLength = 64 * 1024;
/** PBKDF2: iterations times blocks of output; scrypt: N times r times p. Waiting for them takes some 100 ms at most. */
const maxSyncIterations = 200_000;
const maxSyncScrypt = 2 ** 18;
/** On other threads. */
const maxIterations = 2_000_000;
const maxScrypt = 2 ** 20;
const maxScryptBytes = 64 * 2 ** 20;
const maxExpandedBytes = 255 * 64;
const maxDerivedBytes = 64 * 1024;
const maxKeyBits = 8_192;

class Digest {
  readonly hash: crypto.Hash | crypto.Hmac;

  constructor(hash: crypto.Hash | crypto.Hmac) {
    this.hash = hash;
  }
}
class Cipher {
  readonly cipher: crypto.Cipheriv | crypto.Decipheriv;

  constructor(cipher: crypto.Cipheriv | crypto.Decipheriv) {
    this.cipher = cipher;
  }
}

/** @param text JSON of the algorithm, the length of the output or null, and whether the data is the key of an HMAC. */
export function openHash(handles: HostHandles, text: string, key: Uint8Array | undefined): OperationResult {
  const [algorithm, outputLength, isHmac] = parse(text, key);
  if (typeof algorithm !== 'string') return undefined;
  if (isHmac === true) return String(handles.add(new Digest(crypto.createHmac(algorithm, key ?? new Uint8Array()))));
  const options =
    typeof outputLength === 'number' ? { outputLength: atMost('outputLength', outputLength, maxDerivedBytes) } : {};
  return String(handles.add(new Digest(crypto.createHash(algorithm, options))));
}

/** @param text JSON of the number. */
export function updateHash(handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [id] = parse(text, data);
  handles.get(id, Digest).hash.update(data ?? new Uint8Array());
  return '';
}

export function digestHash(handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [id] = parse(text, data);
  const { hash } = handles.get(id, Digest);
  if (data !== undefined) hash.update(data);
  const result = hash.digest();
  handles.remove(id as number);
  return result;
}

/** @param text JSON of the number and the length of the output or null. The result is the number of the copy. */
export function copyHash(handles: HostHandles, text: string): OperationResult {
  const [id, outputLength] = parse(text, undefined);
  const { hash } = handles.get(id, Digest);
  const options =
    typeof outputLength === 'number' ? { outputLength: atMost('outputLength', outputLength, maxDerivedBytes) } : {};
  return String(handles.add(new Digest((hash as crypto.Hash).copy(options))));
}

/** @param text JSON of the direction, the algorithm, key and vector (Base64 or null), and the length of the tag or null. */
export function openCipher(handles: HostHandles, text: string): OperationResult {
  const [direction, algorithm, key, vector, authTagLength] = parse(text, undefined);
  if (typeof algorithm !== 'string' || typeof key !== 'string') return undefined;
  const iv = typeof vector === 'string' ? Buffer.from(vector, 'base64') : null;
  const options = (typeof authTagLength === 'number' ? { authTagLength } : {}) as crypto.CipherGCMOptions;
  const create = (
    direction === 'encrypt' ? crypto.createCipheriv : crypto.createDecipheriv
  ) as typeof crypto.createCipheriv;
  const cipher = create(algorithm as 'aes-128-gcm', Buffer.from(key, 'base64'), iv as Buffer, options);
  return String(handles.add(new Cipher(cipher as crypto.Cipheriv)));
}

/** @param text JSON of the number and what to do: `update`, `final`, `aad`, `tag` (get), `setTag`, `padding`, and an argument of it. */
export function useCipher(handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [id, action, argument] = parse(text, data);
  const cipher = handles.get(id, Cipher).cipher as crypto.CipherGCM & crypto.DecipherGCM;
  const bytes = data ?? new Uint8Array();
  switch (action) {
    case 'update':
      return cipher.update(bytes);
    case 'final':
      return cipher.final();
    case 'aad':
      cipher.setAAD(bytes, typeof argument === 'number' ? { plaintextLength: argument } : undefined);
      return '';
    case 'tag':
      return cipher.getAuthTag();
    case 'setTag':
      cipher.setAuthTag(bytes);
      return '';
    case 'padding':
      cipher.setAutoPadding(argument === true);
      return '';
    default:
      return undefined;
  }
}

/** @param text JSON of `pbkdf2`, `scrypt` or `hkdf`, the salt (Base64), the length, and the rest by kind. The data is the password. */
export function deriveSync(_handles: HostHandles, text: string, password: Uint8Array | undefined): OperationResult {
  const [kind, salt, length, first, second, third, fourth] = derivation(text, password);
  const secret = password ?? new Uint8Array();
  if (kind === 'hkdf') return expand(String(first), secret, salt, Buffer.from(String(second), 'base64'), length);
  if (kind === 'pbkdf2') {
    atMost(iterationsName, Number(first) * Math.ceil(length / 32), maxSyncIterations);
    return crypto.pbkdf2Sync(secret, salt, Number(first), length, String(second));
  }
  if (kind !== 'scrypt') return undefined;
  const [N, r, p] = [Number(first), Number(second), Number(third)];
  atMost('N times r times p', N * r * p, maxSyncScrypt);
  return crypto.scryptSync(secret, salt, length, { N, r, p, maxmem: memoryOf(fourth) });
}

/** As `deriveSync`, on another thread, with room for more work. */
export async function deriveLater(
  _handles: HostHandles,
  text: string,
  password: Uint8Array | undefined,
): Promise<OperationResult> {
  const [kind, salt, length, first, second, third, fourth] = derivation(text, password);
  const secret = password ?? new Uint8Array();
  if (kind === 'pbkdf2') {
    atMost(iterationsName, Number(first) * Math.ceil(length / 32), maxIterations);
    return promisify(crypto.pbkdf2)(secret, salt, Number(first), length, String(second));
  }
  if (kind !== 'scrypt') return undefined;
  const [N, r, p] = [Number(first), Number(second), Number(third)];
  atMost('N times r times p', N * r * p, maxScrypt);
  const scrypt = promisify(crypto.scrypt) as unknown as (...args: unknown[]) => Promise<Buffer>;
  return scrypt(secret, salt, length, { N, r, p, maxmem: memoryOf(fourth) });
}

function memoryOf(given: unknown): number {
  return typeof given === 'number' ? Math.min(given, maxScryptBytes) : maxScryptBytes;
}

const iterationsName = 'iterations times blocks of 32 bytes';

function derivation(
  text: string,
  password: Uint8Array | undefined,
): [kind: unknown, salt: Buffer, length: number, ...rest: unknown[]] {
  const [kind, salt, length, ...rest] = parse(text, password);
  const bytes = atMost('keylen', Number(length), maxDerivedBytes);
  return [kind, Buffer.from(String(salt), 'base64'), bytes, ...rest];
}

function expand(digest: string, secret: Uint8Array, salt: Buffer, info: Buffer, length: number): Uint8Array {
  return new Uint8Array(crypto.hkdfSync(digest, secret, salt, info, atMost('keylen', length, maxExpandedBytes)));
}

export interface KeyInput {
  readonly key: string | object;
  readonly format?: 'pem' | 'der' | 'jwk';
  readonly type?: string;
  readonly passphrase?: string;
}

/** @param text JSON of `private` or `public` and the key: a text, a JSON Web Key, or Base64 of DER. The result has it in PEM. */
export function readKey(_handles: HostHandles, text: string): OperationResult {
  const [kind, input] = parse(text, undefined);
  return describeKey(keyOf(kind === 'private', input as KeyInput));
}

export function describeKey(key: crypto.KeyObject): string {
  const { asymmetricKeyType, type } = key;
  const isPrivate = type === 'private';
  const pem = key.export(isPrivate ? { type: 'pkcs8', format: 'pem' } : { type: 'spki', format: 'pem' });
  const { publicExponent, ...details } = key.asymmetricKeyDetails ?? {};
  return JSON.stringify({ type, asymmetricKeyType, pem, details, publicExponent: publicExponent?.toString() });
}

/** @param text JSON of PEM, type and format of what is wanted, and a passphrase and cipher or null. */
export function exportKey(_handles: HostHandles, text: string): OperationResult {
  const [isPrivate, pem, type, format, cipher, passphrase] = parse(text, undefined);
  const key = keyOf(isPrivate === true, { key: String(pem) });
  const protection = typeof cipher === 'string' ? { cipher, passphrase: String(passphrase) } : {};
  const exported = key.export({ type, format, ...protection } as never) as unknown;
  if (typeof exported === 'string' || exported instanceof Uint8Array) return exported;
  return JSON.stringify(exported);
}

/** @param text JSON of the algorithm or null, the key in PEM, and options; the data is what is to be signed. */
export function signData(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [algorithm, pem, options] = parse(text, data);
  const key = keyOf(true, { key: String(pem) });
  return crypto.sign(algorithmOf(algorithm), data ?? new Uint8Array(), { key, ...signOptions(options) });
}

/** As `signData`, with the signature (Base64) as the last of the list. */
export function verifyData(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  const [algorithm, pem, options, signature] = parse(text, data);
  const key = keyOf(false, { key: String(pem) });
  const bytes = Buffer.from(String(signature), 'base64');
  const isValid = crypto.verify(
    algorithmOf(algorithm),
    data ?? new Uint8Array(),
    { key, ...signOptions(options) },
    bytes,
  );
  return isValid ? '1' : '0';
}

export function keyOf(isPrivate: boolean, { key, format = 'pem', type, passphrase }: KeyInput): crypto.KeyObject {
  const material = format === 'der' ? Buffer.from(String(key), 'base64') : key;
  const input = { key: material, format, type, passphrase } as never;
  const read = isPrivate ? crypto.createPrivateKey(input) : crypto.createPublicKey(input);
  atMost('modulusLength', read.asymmetricKeyDetails?.modulusLength ?? 0, maxKeyBits);
  return read;
}

function signOptions(options: unknown): { padding?: number; saltLength?: number; dsaEncoding?: 'der' | 'ieee-p1363' } {
  const { dsaEncoding, padding, saltLength } = (options ?? {}) as Record<string, unknown>;
  return {
    ...(typeof padding === 'number' && { padding }),
    ...(typeof saltLength === 'number' && { saltLength }),
    ...((dsaEncoding === 'der' || dsaEncoding === 'ieee-p1363') && { dsaEncoding }),
  };
}

function algorithmOf(algorithm: unknown): string | null {
  return typeof algorithm === 'string' ? algorithm : null;
}

export function parse(text: string, data: Uint8Array | undefined): unknown[] {
  if (text.length > maxTextLength)
    throw new OperationError('RangeError', `over ${maxTextLength} characters of arguments`);
  if (data !== undefined && data.length > maxPieceBytes) {
    throw new OperationError('RangeError', `over ${maxPieceBytes} bytes at once`);
  }
  return JSON.parse(text) as unknown[];
}

export function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
