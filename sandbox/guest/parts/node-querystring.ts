/** `node:querystring`. */
import { part } from '../core/facade.ts';
import { withCode } from './shared/node-error.ts';

interface ParseOptions {
  readonly maxKeys?: number;
  readonly decodeURIComponent?: (text: string) => string;
}
interface StringifyOptions {
  readonly encodeURIComponent?: (text: string) => string;
}

const defaultMaxKeys = 1_000;

/** Invalid escapes stay as they are. */
function unescapeBuffer(text: string, decodeSpaces = false): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const hex = text[index] === '%' ? text.slice(index + 1, index + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else {
      bytes.push(decodeSpaces && text[index] === '+' ? 0x20 : text.charCodeAt(index) & 0xff);
    }
  }
  return part('node-buffer').Buffer.from(bytes);
}

function unescape(text: string, decodeSpaces?: boolean): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8: byte by byte.
    return `${unescapeBuffer(text, decodeSpaces) as { toString(): string }}`;
  }
}

function escape(value: unknown): string {
  const text = typeof value === 'object' ? String(value) : `${value as string}`;
  return text.isWellFormed() ? encodeURIComponent(text) : escapeIllFormed(text);
}

/** As Node does it: half of a pair takes whatever comes next for the other. */
function escapeIllFormed(text: string): string {
  let escaped = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if ((code & 0xf800) !== 0xd800) {
      escaped += encodeURIComponent(text[index]!);
      continue;
    }
    index += 1;
    if (index >= text.length) throw withCode(new URIError('URI malformed'), 'ERR_INVALID_URI');
    const point = 0x1_00_00 + (((code & 0x3ff) << 10) | (text.charCodeAt(index) & 0x3ff));
    escaped += encodeURIComponent(String.fromCodePoint(point));
  }
  return escaped;
}

export function parse(text: unknown, separator?: unknown, equals?: unknown, options?: ParseOptions): object {
  const found: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  if (typeof text !== 'string' || text === '') return found;
  const equal = equals ? `${equals as string}` : '=';
  const decode = options?.decodeURIComponent;
  const isCustom = typeof decode === 'function';
  const read = (piece: string): string => {
    const plain = piece.replaceAll('+', isCustom ? '%20' : ' ');
    if (!isCustom) return /%[0-9a-f]{2}/i.test(plain) ? module.unescape(plain) : plain;
    try {
      return decode(plain);
    } catch {
      // As if there were no decoder.
      return module.unescape(plain, true);
    }
  };
  let left = typeof options?.maxKeys === 'number' ? options.maxKeys : defaultMaxKeys;
  for (const pair of text.split(separator ? `${separator as string}` : '&')) {
    left -= 1;
    if (pair !== '') {
      const at = pair.indexOf(equal);
      const key = read(at < 0 ? pair : pair.slice(0, at));
      const value = read(at < 0 ? '' : pair.slice(at + equal.length));
      const present = found[key];
      if (present === undefined) found[key] = value;
      else if (typeof present === 'string') found[key] = [present, value];
      else present.push(value);
    }
    // Empty ones count.
    if (left === 0) break;
  }
  return found;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : '';
  return typeof value === 'bigint' || typeof value === 'boolean' ? `${value}` : '';
}

export function stringify(object: unknown, separator?: unknown, equals?: unknown, options?: StringifyOptions): string {
  if (typeof object !== 'object' || object === null) return '';
  const encode = options?.encodeURIComponent ?? module.escape;
  const equal = (equals || '=') as string;
  const pairs = Object.keys(object).flatMap((key) => {
    const value = (object as Record<string, unknown>)[key];
    const name = encode(textOf(key));
    return (Array.isArray(value) ? value : [value]).map((each) => `${name}${equal}${encode(textOf(each))}`);
  });
  return pairs.join((separator || '&') as string);
}

const module = { decode: parse, encode: stringify, escape, parse, stringify, unescape, unescapeBuffer };

export default module;
