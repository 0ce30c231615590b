import type { Limits } from '../limits.ts';

const mebibyte = 2 ** 20;
/** Memory that a cell has beside what its invocations may take: what earlier ones left, and what they share. */
const marginBytes = 384 * mebibyte;

/** What all invocations of a cell may take, and once more what the largest may: V8 lets go of an isolate at some multiple of its limit. */
export function allowedBytes(limits: readonly Limits[]): number {
  let sum = 0;
  let largest = 0;
  for (const { memoryMiB } of limits) {
    sum += memoryMiB;
    largest = Math.max(largest, memoryMiB);
  }
  return (sum + largest) * mebibyte + marginBytes;
}
