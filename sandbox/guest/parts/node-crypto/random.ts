import { part, queueMicrotask } from '../../core/facade.ts';
import { buffers, nodeError, type NodeBuffer } from './data.ts';
import type { Callback } from './later.ts';

export function getRandomValues<T>(array: T): T {
  return part('crypto').crypto.getRandomValues(array);
}

export function randomUUID(): string {
  return part('crypto').crypto.randomUUID();
}

export function randomBytes(size: number): NodeBuffer;
export function randomBytes(size: number, callback?: Callback<NodeBuffer>): NodeBuffer | undefined;
export function randomBytes(size: number, callback?: Callback<NodeBuffer>): NodeBuffer | undefined {
  if (!Number.isInteger(size) || size < 0 || size >= 2 ** 31) {
    throw nodeError('ERR_OUT_OF_RANGE', `The value of "size" is out of range. Received ${size}`, RangeError);
  }
  const bytes = fill(buffers().alloc(size));
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
  return undefined;
}

export function randomFillSync<T extends ArrayBufferView>(view: T, offset = 0, size = view.byteLength - offset): T {
  fill(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, size));
  return view;
}

export function randomFill<T extends ArrayBufferView>(
  view: T,
  ...rest: [...([] | [number] | [number, number]), Callback<T>]
): void {
  const callback = rest.at(-1) as Callback<T>;
  const [offset, size] = rest.slice(0, -1) as number[];
  randomFillSync(view, offset, size);
  queueMicrotask(() => callback(null, view));
}

export function randomInt(
  first: number,
  second?: number | Callback<number>,
  callback?: Callback<number>,
): number | undefined {
  const [low, high] = typeof second === 'number' ? [first, second] : [0, first];
  const range = high - low;
  if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && range > 0 && range <= 2 ** 48)) {
    throw nodeError('ERR_OUT_OF_RANGE', `there is no integer from ${low} to below ${high}`, RangeError);
  }
  const most = 2 ** 48 - (2 ** 48 % range);
  let number: number;
  do {
    number = fill(new Uint8Array(6)).reduce((sum, byte) => sum * 256 + byte, 0);
  } while (number >= most);
  const result = low + (number % range);
  const done = typeof second === 'function' ? second : callback;
  if (done === undefined) return result;
  queueMicrotask(() => done(null, result));
  return undefined;
}

const randomPiece = 65_536;

function fill<T extends Uint8Array>(bytes: T): T {
  const { randomBytes: take } = part('crypto');
  for (let offset = 0; offset < bytes.length; offset += randomPiece) {
    bytes.set(take(Math.min(randomPiece, bytes.length - offset)), offset);
  }
  return bytes;
}
