/** https://infra.spec.whatwg.org/#forgiving-base64, on the engine's own Base64. */
import { part } from '../core/facade.ts';

export function atob(data: unknown): string {
  if (arguments.length === 0) throw new TypeError("Failed to execute 'atob': 1 argument required");
  const text = `${data as string}`;
  const compact = text.replace(/[\t\n\f\r ]+/g, '');
  // A remainder of one character holds no byte; padding is only taken where it completes a group.
  const unpadded = compact.length % 4 === 0 ? compact.replace(/==?$/, '') : compact;
  if (unpadded.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(unpadded)) {
    throw invalidCharacter("Failed to execute 'atob': the string is not correctly encoded");
  }
  const bytes = Uint8Array.fromBase64(unpadded);
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
  return bytes.toBase64();
}

function invalidCharacter(message: string): Error {
  const { DOMException } = part('events');
  return new DOMException(message, 'InvalidCharacterError');
}
