/**
 * What takes `crypto.subtle` microseconds is done at once: another thread, which the rest of it needs, would take longer to begin. Whatever is
 * unusual about a call is left to that, errors included: here `undefined` is the answer.
 */
import * as crypto from 'node:crypto';
import type { HostHandles, OperationResult } from './operation.ts';
import { maxQuickBytes } from '../wire.ts';
import { type CryptoKey, decodeArguments, describeCryptoKey } from './subtle.ts';

const maxTextLength = 4 * 1024;

const hashes: Readonly<Record<string, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Of the keys that were made here. */
const secrets = new WeakMap<object, crypto.KeyObject>();

type Quick = (handles: HostHandles, args: readonly unknown[], data: Uint8Array) => OperationResult;

const methods: Readonly<Record<string, Quick>> = {
  digest: (_handles, [algorithm], data) => {
    const hash = hashNamed(nameOf(algorithm));
    return hash && new Uint8Array(crypto.createHash(hash).update(data).digest());
  },
  sign: (_handles, [algorithm, key], data) => macOf(algorithm, key, 'sign', data),
  verify: (_handles, [algorithm, key, signature], data) => {
    const mac = macOf(algorithm, key, 'verify', data);
    if (mac === undefined || !(signature instanceof Uint8Array)) return undefined;
    return String(signature.length === mac.length && crypto.timingSafeEqual(signature, mac));
  },
  importKey: (handles, [format, , algorithm, extractable, usages], data) => {
    const isPlain = format === 'raw' && nameOf(algorithm) === 'HMAC' && typeof extractable === 'boolean';
    const { hash, length } = Object(algorithm) as { hash?: unknown; length?: unknown };
    if (!isPlain || length !== undefined || data.length === 0 || hashNamed(nameOf(hash)) === undefined)
      return undefined;
    const secret = crypto.createSecretKey(data) as crypto.KeyObject & { toCryptoKey(...args: unknown[]): CryptoKey };
    const key = secret.toCryptoKey(algorithm, extractable, usages);
    secrets.set(key, secret);
    return JSON.stringify(describeCryptoKey(handles, key));
  },
};

/** @param text As that of `subtleOperation`. */
export function quickSubtle(handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  if (text.length > maxTextLength || data === undefined || data.length > maxQuickBytes) return undefined;
  try {
    const [method, ...args] = JSON.parse(text) as unknown[];
    const quick = Object.hasOwn(methods, String(method)) ? methods[String(method)] : undefined;
    return quick?.(handles, decodeArguments(handles, args), data);
  } catch {
    return undefined;
  }
}

function macOf(algorithm: unknown, key: unknown, usage: string, data: Uint8Array): Uint8Array | undefined {
  const secret = secrets.get(key as object);
  const { algorithm: own, usages } = key as CryptoKey;
  const mayUse = nameOf(algorithm) === 'HMAC' && (usages as readonly string[]).includes(usage);
  const hash = mayUse ? hashNamed(nameOf((own as { hash?: unknown }).hash)) : undefined;
  if (secret === undefined || hash === undefined) return undefined;
  return new Uint8Array(crypto.createHmac(hash, secret).update(data).digest());
}

function hashNamed(name: string): string | undefined {
  return Object.hasOwn(hashes, name) ? hashes[name] : undefined;
}

function nameOf(algorithm: unknown): string {
  const name = typeof algorithm === 'string' ? algorithm : (Object(algorithm) as { name?: unknown }).name;
  return typeof name === 'string' ? name.toUpperCase() : '';
}
