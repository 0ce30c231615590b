import { assertInteger } from '../shared/node-error.ts';
import { bytesOf } from './data.ts';

let table: Uint32Array | undefined;

/** @param value What to begin with: the sum of what came before. */
export function crc32(data: unknown, value: number = 0): number {
  const bytes = bytesOf(data);
  assertInteger('value', value, 0, 2 ** 32 - 1);
  const sums = (table ??= sumsOfBytes());
  let sum = ~value;
  for (const byte of bytes) sum = sums[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

function sumsOfBytes(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? 0xed_b8_83_20 ^ (sum >>> 1) : sum >>> 1;
    return sum;
  });
}
