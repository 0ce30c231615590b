/** `node:querystring`, from the package querystring-es3. */
import querystring from 'querystring-es3';
import { part } from '../core/facade.ts';

/** Invalid escapes stay as they are. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8: byte by byte.
    return `${part('node-buffer').Buffer.from(
      text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16))),
      'latin1',
    )}`;
  }
}

const escape = (text: unknown): string =>
  encodeURIComponent(typeof text === 'object' ? String(text) : `${text as string}`);

const { parse, stringify } = querystring;

export default {
  decode: parse,
  encode: stringify,
  escape,
  parse,
  stringify,
  unescape,
  unescapeBuffer: (text: string): object => part('node-buffer').Buffer.from(unescape(text)) as object,
};
