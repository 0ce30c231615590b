import { part, queueMicrotask } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import {
  assertBoolean,
  assertFunction,
  assertNumber,
  assertObject,
  invalidArgument,
  outOfRange,
} from '../shared/node-error.ts';
import { buffers, type NodeBuffer } from './data.ts';
import type { Callback } from './later.ts';

export function getRandomValues<T>(array: T): T {
  return part('crypto').crypto.getRandomValues(array);
}

const maxInt = 2 ** 31 - 1;
const maxRange = 2 ** 48 - 1;

export function randomUUID(options?: { readonly disableEntropyCache?: boolean }): string {
  if (options !== undefined) {
    assertObject('options', options);
    const { disableEntropyCache } = options;
    if (disableEntropyCache !== undefined) assertBoolean('options.disableEntropyCache', disableEntropyCache);
  }
  return part('crypto').crypto.randomUUID();
}

export function randomBytes(size: number): NodeBuffer;
export function randomBytes(size: number, callback?: Callback<NodeBuffer>): NodeBuffer | undefined;
export function randomBytes(size: number, callback?: Callback<NodeBuffer>): NodeBuffer | undefined {
  assertNumber('size', size, 0, maxInt);
  if (callback !== undefined) assertFunction('callback', callback);
  const bytes = fill(buffers().alloc(size));
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
  return undefined;
}

/** What is to be filled, in bytes; places are counted in elements. */
function targetOf(given: unknown, offset: unknown, size: unknown): Uint8Array {
  const view = viewBufferSource(given);
  if (view === undefined) throw invalidArgument('buf', 'an instance of ArrayBuffer or ArrayBufferView', given);
  const elementBytes = (given as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
  const start = offset === undefined ? 0 : placeOf('offset', offset, elementBytes, view.length);
  if (size === undefined) return view.subarray(start);
  const length = placeOf('size', size, elementBytes, maxInt);
  if (start + length > view.length) throw outOfRange('size + offset', `<= ${view.length}`, start + length);
  return view.subarray(start, start + length);
}

function placeOf(name: string, value: unknown, elementBytes: number, most: number): number {
  assertNumber(name, value);
  const bytes = value * elementBytes;
  if (!(bytes >= 0 && bytes <= Math.min(most, maxInt))) throw outOfRange(name, `>= 0 && <= ${most}`, bytes);
  return Math.trunc(bytes);
}

export function randomFillSync<T>(view: T, offset?: number, size?: number): T {
  fill(targetOf(view, offset, size));
  return view;
}

export function randomFill<T>(view: T, ...rest: [...([] | [number] | [number, number]), Callback<T>]): void {
  const at = rest.findIndex((value) => typeof value === 'function');
  const callback = rest[at === -1 ? 2 : at] as Callback<T>;
  if (viewBufferSource(view) === undefined) targetOf(view, undefined, undefined);
  assertFunction('callback', callback);
  const [offset, size] = rest.slice(0, at) as number[];
  fill(targetOf(view, offset, size));
  queueMicrotask(() => callback(null, view));
}

export function randomInt(
  first: number,
  second?: number | Callback<number>,
  third?: Callback<number>,
): number | undefined {
  const hasLow = second !== undefined && typeof second !== 'function';
  const [low, high, callback] = hasLow ? [first, second, third] : [0, first, second as Callback<number> | undefined];
  if (callback !== undefined) assertFunction('callback', callback);
  if (!Number.isSafeInteger(low)) throw invalidArgument('min', 'a safe integer', low);
  if (!Number.isSafeInteger(high)) throw invalidArgument('max', 'a safe integer', high);
  if (high <= low) throw outOfRange('max', `greater than the value of "min" (${low})`, high);
  const range = high - low;
  if (range > maxRange) throw outOfRange('max - min', `<= ${maxRange}`, range);
  const most = 2 ** 48 - (2 ** 48 % range);
  let number: number;
  do {
    number = fill(new Uint8Array(6)).reduce((sum, byte) => sum * 256 + byte, 0);
  } while (number >= most);
  const result = low + (number % range);
  if (callback === undefined) return result;
  queueMicrotask(() => callback(null, result));
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
