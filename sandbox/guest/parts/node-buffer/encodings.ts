/** The encodings of Node's buffers: each writes text into bytes and reads text out of them. */
import { decodeBase64, encodeBase64 } from '../base64.ts';
import { byteLengthOfUtf8, decodeUtf8, writeUtf8 } from '../shared/utf8.ts';

export interface Encoding {
  readonly name: string;
  /** For `write`, which leaves out what does not fit. */
  byteLength(text: string): number;
  /** @returns How many bytes were written. */
  write(target: Uint8Array, text: string, offset: number, length: number): number;
  slice(bytes: Uint8Array, start: number, end: number): string;
}

const chunkUnits = 4_096;

const utf8: Encoding = { name: 'utf8', byteLength: byteLengthOfUtf8, write: writeUtf8, slice: decodeUtf8 };

const utf16le: Encoding = {
  name: 'utf16le',
  byteLength: (text) => text.length * 2,
  write(target, text, offset, length) {
    const units = Math.min(text.length, length >>> 1);
    for (let index = 0; index < units; index += 1) {
      const code = text.charCodeAt(index);
      target[offset + index * 2] = code & 0xff;
      target[offset + index * 2 + 1] = code >> 8;
    }
    return units * 2;
  },
  slice: (bytes, start, end) => textOf(start, end - 1, 2, (index) => bytes[index]! | (bytes[index + 1]! << 8)),
};

const latin1: Encoding = {
  name: 'latin1',
  byteLength: (text) => text.length,
  write(target, text, offset, length) {
    const count = Math.min(text.length, length);
    for (let index = 0; index < count; index += 1) target[offset + index] = text.charCodeAt(index);
    return count;
  },
  slice: (bytes, start, end) => textOf(start, end, 1, (index) => bytes[index]!),
};

const ascii: Encoding = {
  ...latin1,
  name: 'ascii',
  slice: (bytes, start, end) => textOf(start, end, 1, (index) => bytes[index]! & 0x7f),
};

const base64: Encoding = {
  name: 'base64',
  byteLength(text) {
    let { length } = text;
    if (text.charCodeAt(length - 1) === 0x3d) length -= 1;
    if (length > 1 && text.charCodeAt(length - 1) === 0x3d) length -= 1;
    return Math.floor((length * 3) / 4);
  },
  write(target, text, offset, length) {
    const bytes = decodeBase64(cleanBase64(text));
    const count = Math.min(bytes.length, length);
    target.set(count === bytes.length ? bytes : bytes.subarray(0, count), offset);
    return count;
  },
  slice: (bytes, start, end) => encodeBase64(bytes.subarray(start, end)),
};

const base64url: Encoding = {
  ...base64,
  name: 'base64url',
  slice: (bytes, start, end) =>
    encodeBase64(bytes.subarray(start, end)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
};

const digits = '0123456789abcdef';

const hex: Encoding = {
  name: 'hex',
  byteLength: (text) => text.length >>> 1,
  write(target, text, offset, length) {
    const count = Math.min(text.length >>> 1, length);
    for (let index = 0; index < count; index += 1) {
      const high = digitOf(text.charCodeAt(index * 2));
      const low = digitOf(text.charCodeAt(index * 2 + 1));
      // All up to the first that is no digit.
      if (high < 0 || low < 0) return index;
      target[offset + index] = (high << 4) | low;
    }
    return count;
  },
  slice(bytes, start, end) {
    let text = '';
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index]!;
      text += digits.charAt(byte >> 4) + digits.charAt(byte & 15);
    }
    return text;
  },
};

const encodings: Readonly<Record<string, Encoding>> = {
  utf8,
  'utf-8': utf8,
  ucs2: utf16le,
  'ucs-2': utf16le,
  utf16le,
  'utf-16le': utf16le,
  latin1,
  binary: latin1,
  ascii,
  base64,
  base64url,
  hex,
};

export { ascii, base64, base64url, hex, latin1, utf16le, utf8 };

export function findEncoding(name: string): Encoding | undefined {
  if (Object.hasOwn(encodings, name)) return encodings[name];
  const lower = name.length > 9 ? '' : name.toLowerCase();
  return Object.hasOwn(encodings, lower) ? encodings[lower] : undefined;
}

function textOf(start: number, end: number, step: number, unitAt: (index: number) => number): string {
  let text = '';
  let units: number[] = [];
  for (let index = start; index < end; index += step) {
    units.push(unitAt(index));
    if (units.length < chunkUnits) continue;
    text += String.fromCharCode.apply(undefined, units);
    units = [];
  }
  return text + String.fromCharCode.apply(undefined, units);
}

/** Both alphabets are read; what is of neither is skipped, and padding ends it. */
function cleanBase64(text: string): string {
  const end = text.indexOf('=');
  let clean = end < 0 ? text : text.slice(0, end);
  if (/[^A-Za-z0-9+/]/.test(clean)) {
    clean = clean
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .replaceAll(/[^A-Za-z0-9+/]+/g, '');
  }
  return clean.length % 4 === 1 ? clean.slice(0, -1) : clean;
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
