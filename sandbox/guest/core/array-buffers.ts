/**
 * Resizable array buffers. isolated-vm does not count what they may grow to: 1.6 GB can be had in an isolate of 32 MiB. So what they
 * reserve is charged here, for good, since nobody tells when one is collected.
 */
import { Number, RangeError, Reflect, TypeError, createObject, defineProperty } from './primordials.ts';

type BufferConstructor = new (length: unknown, options?: object) => ArrayBuffer;

const Original = globalThis.ArrayBuffer as unknown as BufferConstructor;
const { construct } = Reflect;
const { isView } = ArrayBuffer;

/** @param bytes What all of them together may reserve. */
export function guardArrayBuffers(bytes: number): void {
  let left = bytes;
  const Guarded = function ArrayBuffer(this: unknown, length: unknown, options?: { maxByteLength?: unknown }): object {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    const most = typeof options === 'object' && options !== null ? options.maxByteLength : undefined;
    if (most === undefined) return construct(Original, [length], new.target as never) as object;
    const maxByteLength = Number(most);
    if (maxByteLength > left) throw new RangeError('Array buffer allocation failed');
    left -= maxByteLength > 0 ? maxByteLength : 0;
    const exact = createObject(null) as { maxByteLength: number };
    exact.maxByteLength = maxByteLength;
    return construct(Original, [length, exact], new.target as never) as object;
  } as unknown as ArrayBufferConstructor;
  const species = Reflect.getOwnPropertyDescriptor(Original, Symbol.species)!;
  defineProperty(Guarded, 'prototype', { value: Original.prototype, writable: false });
  defineProperty(Guarded, 'name', { value: 'ArrayBuffer', configurable: true });
  defineProperty(Guarded, 'length', { value: 1, configurable: true });
  defineProperty(Guarded, 'isView', { value: isView, writable: true, configurable: true });
  defineProperty(Guarded, Symbol.species, species);
  const descriptor = { value: Guarded, writable: true, configurable: true };
  defineProperty(Original.prototype, 'constructor', descriptor);
  defineProperty(globalThis, 'ArrayBuffer', descriptor);
}
