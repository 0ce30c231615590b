/**
 * Shared array buffers. A guest has no second thread to share them with, and so no global of that name; a trusted one meets them as the memory
 * of WebAssembly modules that are built for threads. What it makes more of is charged for good, and none can grow.
 */
import { Number, RangeError, Reflect, TypeError, defineProperty } from './primordials.ts';

type BufferConstructor = new (length: unknown) => object;

const Original = (globalThis as { SharedArrayBuffer?: unknown }).SharedArrayBuffer as BufferConstructor;
const { construct } = Reflect;

/** @param bytes What all of them together may have. */
export function guardSharedArrayBuffers(bytes: number): void {
  let left = bytes;
  const Guarded = function SharedArrayBuffer(length: unknown): object {
    if (new.target === undefined) throw new TypeError("Constructor SharedArrayBuffer requires 'new'");
    const size = Number(length);
    if (size > left) throw new RangeError('Array buffer allocation failed');
    left -= size > 0 ? size : 0;
    return construct(Original, [size], new.target as never) as object;
  } as unknown as BufferConstructor;
  const prototype = Original.prototype as object;
  defineProperty(Guarded, 'prototype', { __proto__: null, value: prototype, writable: false } as PropertyDescriptor);
  defineProperty(Guarded, 'name', {
    __proto__: null,
    value: 'SharedArrayBuffer',
    configurable: true,
  } as PropertyDescriptor);
  const value = { __proto__: null, value: Guarded, writable: true, configurable: true };
  defineProperty(prototype, 'constructor', value as PropertyDescriptor);
}
