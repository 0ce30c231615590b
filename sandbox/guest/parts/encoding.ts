/** The Encoding Standard's classes, on @exodus/bytes: https://encoding.spec.whatwg.org */
export { TextDecoder, TextEncoder } from './encoding/text.ts';
import { utf8fromStringLoose, utf8toStringLoose } from '@exodus/bytes/utf8.js';

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return utf8fromStringLoose(text) as Uint8Array<ArrayBuffer>;
}

/** UTF-8 decode: malformed bytes become U+FFFD, a leading byte order mark is dropped. */
export function decodeUtf8(bytes: Uint8Array): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return utf8toStringLoose(hasMark ? bytes.subarray(3) : bytes);
}

/** UTF-8 decode without BOM: a leading byte order mark stays. */
export function decodeUtf8WithMark(bytes: Uint8Array): string {
  return utf8toStringLoose(bytes);
}
