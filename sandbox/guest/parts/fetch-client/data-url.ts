/** https://fetch.spec.whatwg.org/#data-url-processor */
import { part } from '../../core/facade.ts';
import type { Response } from '../fetch.ts';
import { parseMimeType, serializeMimeType } from '../shared/mime-type.ts';

export function readDataUrl(method: string, url: string): Response {
  const hash = url.indexOf('#');
  const input = url.slice('data:'.length, hash === -1 ? undefined : hash);
  const comma = input.indexOf(',');
  if (comma === -1) throw new TypeError('fetch failed: the data: URL has no comma');
  let type = input.slice(0, comma).replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '');
  let bytes = percentDecode(input.slice(comma + 1));
  const base64 = /; *base64$/i.exec(type);
  if (base64 !== null) {
    type = type.slice(0, base64.index);
    bytes = decodeBase64(bytes);
  }
  const contentType = serializeType(type.startsWith(';') ? `text/plain${type}` : type);
  const { bodyOf, receivedResponse } = part('fetch');
  return receivedResponse({
    status: 200,
    statusText: 'OK',
    url: hash === -1 ? url : url.slice(0, hash),
    redirected: false,
    headers: ['content-type', contentType],
    body: bodyOf(method === 'HEAD' ? '' : bytes),
  });
}

function percentDecode(text: string): Uint8Array {
  const bytes = part('encoding').encodeUtf8(text);
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const high = bytes[index] === 0x25 ? hexOf(bytes[index + 1]) : -1;
    const low = high === -1 ? -1 : hexOf(bytes[index + 2]);
    if (low === -1) {
      bytes[length] = bytes[index]!;
    } else {
      bytes[length] = high * 16 + low;
      index += 2;
    }
    length += 1;
  }
  return bytes.slice(0, length);
}

function hexOf(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

function decodeBase64(bytes: Uint8Array): Uint8Array {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 8_192) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + 8_192));
  }
  try {
    const decoded = part('base64').atob(text);
    return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
  } catch {
    throw new TypeError('fetch failed: the data: URL is not correctly encoded');
  }
}

const unknownType = 'text/plain;charset=US-ASCII';

function serializeType(text: string): string {
  const type = parseMimeType(text);
  return type === undefined ? unknownType : serializeMimeType(type);
}
