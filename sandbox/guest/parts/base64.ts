/** https://infra.spec.whatwg.org/#forgiving-base64, on the engine's own Base64 where it has one: that of Node 24 does not. */
import { part } from '../core/facade.ts';

const isBuiltIn = 'fromBase64' in Uint8Array;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function atob(data: unknown): string {
  if (arguments.length === 0) throw new TypeError("Failed to execute 'atob': 1 argument required");
  const text = `${data as string}`;
  const compact = text.replace(/[\t\n\f\r ]+/g, '');
  // A remainder of one character holds no byte; padding is only taken where it completes a group.
  const unpadded = compact.length % 4 === 0 ? compact.replace(/==?$/, '') : compact;
  if (unpadded.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(unpadded)) {
    throw invalidCharacter("Failed to execute 'atob': the string is not correctly encoded");
  }
  const bytes = decodeBase64(unpadded);
  let result = '';
  for (let offset = 0; offset < bytes.length; offset += 8_192) {
    result += String.fromCharCode(...bytes.subarray(offset, offset + 8_192));
  }
  return result;
}

export function btoa(data: unknown): string {
  if (arguments.length === 0) throw new TypeError("Failed to execute 'btoa': 1 argument required");
  const text = `${data as string}`;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 255) throw invalidCharacter("Failed to execute 'btoa': the string has characters above U+00FF");
    bytes[index] = code;
  }
  return encodeBase64(bytes);
}

/** @param text Of the alphabet only, without padding; its length leaves no single character over. */
export function decodeBase64(text: string): Uint8Array {
  return isBuiltIn ? Uint8Array.fromBase64(text) : decode(text);
}

export function encodeBase64(bytes: Uint8Array): string {
  return isBuiltIn ? bytes.toBase64() : encode(bytes);
}

function decode(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    held = ((held << 6) | alphabet.indexOf(text.charAt(index))) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = (held >> bits) & 0xff;
    length += 1;
  }
  return bytes;
}

function encode(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text += alphabet.charAt((group >> shift) & 63);
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return missing === 0 ? text : text.slice(0, -missing) + '='.repeat(missing);
}

function invalidCharacter(message: string): Error {
  const { DOMException } = part('events');
  return new DOMException(message, 'InvalidCharacterError');
}
