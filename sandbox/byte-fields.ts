import { isUtf8 } from 'node:buffer';
import { bodyKind } from './wire.ts';

/** Bytes up to this size travel within a frame; more are held, and sent when the function asks for them. */
export const maxFieldBytes = 16 * 1024;

/** Bytes as fields of a frame: text where they are UTF-8, otherwise a character for each. */
export function byteFields(bytes: Uint8Array): [kind: string, payload: string] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? [bodyKind.text, buffer.toString('utf8')] : [bodyKind.latin1, buffer.toString('latin1')];
}
