/**
 * Makes room for bytes that are about to come. Pieces of a stream are garbage as soon as they were passed on, but V8 does not hurry to
 * collect what lies outside of its heap; the host, which must not copy into a full isolate, would take it for a full one. An allocation
 * that does not fit makes isolated-vm collect at once.
 */
import { ArrayBuffer, bufferTransfer, max } from './primordials.ts';

let usedBytes: () => number;
let limitBytes = 0;

export function provideRoom(used: () => number, limit: number): void {
  usedBytes = used;
  limitBytes = limit;
}

/** Heap and array buffers. */
export function usedMemory(): number {
  return usedBytes();
}

/** What is left of the memory. */
export function freeBytes(): number {
  return max(0, limitBytes - usedBytes());
}

/** Called before each piece of a stream; does something only when over half of the memory is in use. */
export function makeRoom(): void {
  if (usedBytes() < limitBytes / 2) return;
  try {
    // Not left to be collected: it would be in use itself, and each further piece would find over half in use.
    bufferTransfer(new ArrayBuffer(limitBytes / 2), 0);
  } catch {
    // It does not fit even so. What follows is up to the limit.
  }
}
