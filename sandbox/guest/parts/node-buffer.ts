/** `node:buffer`, from the package buffer, with the encodings that it lacks. */
import { Buffer as BaseBuffer } from 'buffer/';
import { part } from '../core/facade.ts';
import { atob, btoa } from './base64.ts';

type Encode = (this: Uint8Array, encoding?: string, start?: number, end?: number) => string;
type From = (value: unknown, encoding?: unknown, length?: unknown) => BaseBuffer;

const base = BaseBuffer as unknown as {
  from: From;
  isEncoding(encoding: unknown): boolean;
  byteLength(value: unknown, encoding?: string): number;
  prototype: { toString: Encode; write: (...args: unknown[]) => number };
};
const { from, isEncoding } = base;
const { toString, write: writeText } = base.prototype;

const isBase64Url = (encoding: unknown): boolean => typeof encoding === 'string' && /^base64url$/i.test(encoding);
const toBase64 = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/');

base.from = (value, encoding, length) =>
  isBase64Url(encoding) && typeof value === 'string'
    ? from.call(base, toBase64(value), 'base64')
    : from.call(base, value, encoding, length);
base.isEncoding = (encoding) => isBase64Url(encoding) || isEncoding(encoding);
base.prototype.toString = function decode(encoding, start, end) {
  if (!isBase64Url(encoding)) return toString.call(this, encoding, start, end);
  return toString.call(this, 'base64', start, end).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

base.prototype.write = function write(this: Uint8Array, text: unknown, ...rest: unknown[]) {
  if (typeof text !== 'string' || !isBase64Url(rest.at(-1))) return writeText.call(this, text, ...rest);
  return writeText.call(this, toBase64(text), ...rest.slice(0, -1), 'base64');
};

/** Methods that Node has on the prototype without documenting them; parsers call them. */
const prototype = BaseBuffer.prototype as unknown as Record<string, unknown>;
for (const encoding of ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8'] as const) {
  prototype[`${encoding}Slice`] = function slice(this: Uint8Array, start?: number, end?: number): string {
    return base.prototype.toString.call(this, encoding, start, end);
  };
  prototype[`${encoding}Write`] = function write(this: Uint8Array, text: string, offset = 0, length?: number): number {
    return base.prototype.write.call(this, text, offset, length ?? this.length - offset, encoding);
  };
}

export const Buffer = BaseBuffer;
const kMaxLength = 2 ** 31 - 1;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 };
export { atob, btoa, kMaxLength };

type Bytes = Uint8Array | ArrayBuffer;

function bytesOf(input: Bytes): Uint8Array {
  return input instanceof ArrayBuffer ? new Uint8Array(input) : input;
}

export function isAscii(input: Bytes): boolean {
  return bytesOf(input).every((byte) => byte < 0x80);
}

export function isUtf8(input: Bytes): boolean {
  try {
    new (part('encoding').TextDecoder)('utf-8', { fatal: true }).decode(bytesOf(input) as never);
    return true;
  } catch {
    // Not valid.
    return false;
  }
}

/** From one encoding to another; what the latter does not have becomes a question mark. */
export function transcode(source: Uint8Array, fromEncoding: string, toEncoding: string): BaseBuffer {
  const text = base.prototype.toString.call(source, fromEncoding);
  const isNarrow = /^(?:ascii|latin1|binary|us-ascii)$/i.test(toEncoding);
  const limit = /ascii/i.test(toEncoding) ? 0x7f : 0xff;
  const fitting = isNarrow ? [...text].map((c) => (c.codePointAt(0)! > limit ? '?' : c)).join('') : text;
  return base.from(fitting, toEncoding);
}

export const kStringMaxLength = constants.MAX_STRING_LENGTH;

export default {
  get Blob(): object {
    return part('blob').Blob;
  },
  Buffer,
  get File(): object {
    return part('blob').File;
  },
  INSPECT_MAX_BYTES: 50,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  resolveObjectURL: (url: string): unknown => part('blob').resolveObjectURL(url),
  transcode,
};
