import { bytesOf, invalid } from './data.ts';

let table: Uint32Array | undefined;

/** @param value What to begin with: the sum of what came before. */
export function crc32(data: unknown, value: number = 0): number {
  const bytes = bytesOf(data);
  if (typeof value !== 'number') {
    throw invalid('ERR_INVALID_ARG_TYPE', `The "value" argument must be of type number. Received ${typeof value}`);
  }
  if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32)) {
    throw invalid('ERR_OUT_OF_RANGE', `The value of "value" is out of range. Received ${value}`, RangeError);
  }
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
