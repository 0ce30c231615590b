/**
 * Finalizers run when the engine likes, outside of every turn, and what one throws V8 prints on the standard output of the process. So none
 * may throw.
 */
import { Reflect, TypeError, defineProperty } from './primordials.ts';

type Callback = (value: unknown) => void;
type RegistryConstructor = new (callback: Callback) => object;

const Original = globalThis.FinalizationRegistry as unknown as RegistryConstructor;
const { construct } = Reflect;

let made = false;

/** Whether there may be finalizers that have not run. */
export function hasFinalizers(): boolean {
  return made;
}

/** @param report Gets what a finalizer threw. */
export function guardFinalizers(report: (thrown: unknown) => void): void {
  const Guarded = function FinalizationRegistry(callback: unknown): object {
    if (new.target === undefined) throw new TypeError("Constructor FinalizationRegistry requires 'new'");
    if (typeof callback !== 'function') {
      throw new TypeError('FinalizationRegistry: cleanup must be callable');
    }
    const guarded: Callback = (value) => {
      try {
        (callback as Callback)(value);
      } catch (thrown) {
        report(thrown);
      }
    };
    made = true;
    return construct(Original, [guarded], new.target as never) as object;
  } as unknown as RegistryConstructor;
  const prototype = Original.prototype as object;
  defineProperty(Guarded, 'prototype', { value: prototype, writable: false });
  defineProperty(Guarded, 'name', { value: 'FinalizationRegistry', configurable: true });
  const descriptor = { value: Guarded, writable: true, configurable: true, enumerable: false };
  defineProperty(prototype, 'constructor', descriptor);
  defineProperty(globalThis, 'FinalizationRegistry', descriptor);
}
