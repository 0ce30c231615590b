/** `node:buffer`, from the package buffer, with the encodings that it lacks. */
import { Buffer as BaseBuffer } from 'buffer/';
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
const { toString } = base.prototype;

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

export const Buffer = BaseBuffer;
const kMaxLength = 2 ** 31 - 1;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 };
export { atob, btoa, kMaxLength };
export default { Buffer, atob, btoa, constants, kMaxLength };
