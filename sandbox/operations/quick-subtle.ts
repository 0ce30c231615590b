/**
 * What takes `crypto.subtle` microseconds is done at once: another thread, which the rest of it needs, would take longer to begin. Whatever is
 * unusual about a call is left to that, errors included: here `undefined` is the answer.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { maxQuickBytes } from '../wire.ts';
import type { HostHandles, OperationResult } from './operation.ts';

const maxTextLength = 4 * 1024;

const hashes: Readonly<Record<string, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const methods: Readonly<Record<string, (args: readonly unknown[], data: Uint8Array) => OperationResult>> = {
  digest([algorithm], data) {
    const hash = hashNamed(nameOf(algorithm));
    return hash && exactly(createHash(hash).update(data).digest());
  },
  sign: ([algorithm, key], data) => macOf(algorithm, key, 'sign', data),
  verify([algorithm, key, signature], data) {
    const mac = macOf(algorithm, key, 'verify', data);
    const given = fieldsOf(signature);
    if (mac === undefined || given['$'] !== 'bytes') return undefined;
    const bytes = Buffer.from(String(given['value']), 'base64');
    return String(bytes.length === mac.length && timingSafeEqual(bytes, mac));
  },
};

/** @param text As that of `subtleOperation`. */
export function quickSubtle(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  if (text.length > maxTextLength || data === undefined || data.length > maxQuickBytes) return undefined;
  try {
    const [method, ...args] = JSON.parse(text) as unknown[];
    return Object.hasOwn(methods, String(method)) ? methods[String(method)]!(args, data) : undefined;
  } catch {
    return undefined;
  }
}

/** Of a key that comes along; see `secretKey` in subtle.ts. */
function macOf(algorithm: unknown, key: unknown, usage: string, data: Uint8Array): Uint8Array | undefined {
  const { $: kind, value, hash: name, usages } = fieldsOf(key);
  const isUsable = kind === 'secret' && nameOf(algorithm) === 'HMAC' && Array.isArray(usages) && usages.includes(usage);
  const hash = isUsable ? hashNamed(String(name)) : undefined;
  if (hash === undefined) return undefined;
  return exactly(
    createHmac(hash, Buffer.from(String(value), 'base64'))
      .update(data)
      .digest(),
  );
}

function hashNamed(name: string): string | undefined {
  return Object.hasOwn(hashes, name) ? hashes[name] : undefined;
}

function nameOf(algorithm: unknown): string {
  const name = typeof algorithm === 'string' ? algorithm : fieldsOf(algorithm)['name'];
  return typeof name === 'string' ? name.toUpperCase() : '';
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** What crosses must have its buffer for itself. */
function exactly(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
