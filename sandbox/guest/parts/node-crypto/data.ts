/** Data as `node:crypto` takes and gives it. */
import { part } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { invalidArgument, withCode } from '../shared/node-error.ts';
import { operateSync } from '../shared/operation.ts';

/** The host takes pieces of this size. */
const pieceBytes = 2 ** 20;

export interface NodeBuffer extends Uint8Array {
  toString(encoding?: string): string;
}
interface BufferConstructor {
  from(value: unknown, encodingOrOffset?: unknown, length?: number): NodeBuffer;
  concat(list: readonly Uint8Array[]): NodeBuffer;
  alloc(size: number): NodeBuffer;
  isEncoding(name: string): boolean;
}

export function buffers(): BufferConstructor {
  return part('node-buffer').Buffer as unknown as BufferConstructor;
}

const byteTypes = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';

export function bytesOf(value: unknown, encoding: unknown, name: string, types: string = byteTypes): Uint8Array {
  if (typeof value === 'string') return buffers().from(value, encoding === 'buffer' ? 'utf8' : (encoding ?? 'utf8'));
  const bytes = viewBufferSource(value);
  if (bytes !== undefined) return bytes;
  throw invalidArgument(name, types, value);
}

export function toOutput(bytes: Uint8Array<ArrayBuffer>, encoding: unknown): NodeBuffer | string {
  const buffer = buffers().from(bytes.buffer, bytes.byteOffset, bytes.length);
  return typeof encoding === 'string' && isEncoding(encoding) ? buffer.toString(encoding) : buffer;
}

export function nodeError(code: string, message: string, Type: typeof Error = TypeError): Error {
  return withCode(new Type(message), code);
}

export function inPieces(bytes: Uint8Array, take: (piece: Uint8Array) => void): void {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) take(bytes.subarray(offset, offset + pieceBytes));
}

export function call(name: string, args: readonly unknown[], data?: Uint8Array): Uint8Array<ArrayBuffer> {
  return operateSync(name, JSON.stringify(args), data) as Uint8Array<ArrayBuffer>;
}

export function callForText(name: string, args: readonly unknown[] | number, data?: Uint8Array): string {
  return operateSync(name, JSON.stringify(args), data) as string;
}

export function toBase64(bytes: Uint8Array): string {
  return new Uint8Array(bytes).toBase64();
}

export function isEncoding(name: string): boolean {
  return buffers().isEncoding(name);
}
