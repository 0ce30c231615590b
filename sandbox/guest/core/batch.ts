/**
 * Bytes of a streamed response on their way to the host. Each post costs a change of threads, so what is written within one turn leaves
 * together: as soon as it is much, and at the end of the turn at the latest. They are copied when they are written: what the function does
 * with its chunk afterwards is its own business.
 */
import { exactBytes, postChunk } from './host.ts';
import { Uint8Array, bufferOf, byteOffsetOf, min, setBytes } from './primordials.ts';

const maxBatchBytes = 256 * 1024;

/** Kept from one batch to the next. */
let batch: Uint8Array | undefined;
let filled = 0;
let pieces = 0;
/** The invocation whose bytes they are. */
let owner = 0;

/** Whether bytes of the invocation wait to leave with others. */
export function isBatched(invocation: number): boolean {
  return filled > 0 && owner === invocation;
}

/** Adds a piece: bytes of a view from `offset` on, `size` at most. Answers how many there was room for. */
export function addToBatch(invocation: number, bytes: Uint8Array, offset: number, size: number): number {
  if (owner !== invocation) flushBatch();
  owner = invocation;
  batch ??= new Uint8Array(maxBatchBytes);
  const added = min(size, maxBatchBytes - filled);
  setBytes(batch, new Uint8Array(bufferOf(bytes), byteOffsetOf(bytes) + offset, added), filled);
  filled += added;
  pieces += 1;
  if (filled === maxBatchBytes) flushBatch();
  return added;
}

/** Lets them leave. */
export function flushBatch(): void {
  if (filled === 0) return;
  postChunk(owner, exactBytes(new Uint8Array(bufferOf(batch!), 0, filled)), pieces);
  filled = 0;
  pieces = 0;
}

/** Nobody wants them any more. */
export function dropBatch(invocation: number): void {
  if (owner !== invocation) return;
  filled = 0;
  pieces = 0;
}
