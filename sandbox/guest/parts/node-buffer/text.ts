/** Functions of `node:buffer` about text. */
import { part } from '../../core/facade.ts';
import { invalidArgument, withCode } from '../shared/node-error.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { Buffer, type BufferInstance, isBytes } from './buffer.ts';
import { findEncoding } from './encodings.ts';

function bytesOf(input: unknown): Uint8Array {
  const bytes = viewBufferSource(input);
  if (bytes === undefined) throw invalidArgument('input', 'an instance of ArrayBuffer, Buffer, or TypedArray', input);
  const buffer = ArrayBuffer.isView(input) ? input.buffer : (input as ArrayBuffer);
  if ((buffer as ArrayBuffer).detached) {
    throw withCode(new Error('Invalid state: Cannot validate on a detached buffer'), 'ERR_INVALID_STATE');
  }
  return bytes;
}

export function isAscii(input: unknown): boolean {
  return bytesOf(input).every((byte) => byte < 0x80);
}

export function isUtf8(input: unknown): boolean {
  const bytes = bytesOf(input);
  try {
    new (part('encoding').TextDecoder)('utf-8', { fatal: true }).decode(bytes as never);
    return true;
  } catch {
    // Not valid.
    return false;
  }
}

/** From one encoding to another; what the latter does not have becomes a question mark. */
export function transcode(source: Uint8Array, fromEncoding: string, toEncoding: string): BufferInstance {
  if (!isBytes(source)) throw invalidArgument('source', 'an instance of Buffer or Uint8Array', source);
  if (source.length === 0) return Buffer.alloc(0);
  const [from, to] = [textEncoding(fromEncoding), textEncoding(toEncoding)];
  if (from === 'utf16le' && source.length % 2 !== 0) throw illegal();
  const text = Buffer.from(source.buffer, source.byteOffset, source.length).toString(from);
  if (to !== 'latin1' && to !== 'ascii') return Buffer.from(text, to);
  const limit = to === 'ascii' ? 0x7f : 0xff;
  const fitting = [...text].map((character) => (character.codePointAt(0)! > limit ? '?' : character));
  return Buffer.from(fitting.join(''), to);
}

function textEncoding(name: string): string {
  const encoding = findEncoding(`${name}`)?.name;
  if (encoding === undefined || !/^(?:utf8|utf16le|latin1|ascii)$/.test(encoding)) throw illegal();
  return encoding;
}

function illegal(): Error {
  return withCode(new Error('Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]'), 'U_ILLEGAL_ARGUMENT_ERROR');
}
