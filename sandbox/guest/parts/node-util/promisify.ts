/** `util.promisify`: a function with a callback as one that returns a promise. */
import { setTimeout } from '../../core/facade.ts';
import { assertFunction } from '../shared/node-error.ts';

const custom: symbol = Symbol.for('nodejs.util.promisify.custom');

type Callback = (this: unknown, ...args: never[]) => unknown;

function promisifyFunction(original: Callback): Callback {
  assertFunction('original', original);
  const own = Reflect.get(original, custom) as Callback | undefined | null;
  if (own !== undefined && own !== null) {
    assertFunction('util.promisify.custom', own);
    return Object.defineProperty(own, custom, { value: own, configurable: true });
  }
  // Timers take their callback first.
  if ((original as unknown) === globalThis.setTimeout || (original as unknown) === setTimeout) {
    return (delay: unknown, value: unknown) => new Promise((resolve) => void setTimeout(() => resolve(value), delay));
  }
  const promisified = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      void Reflect.apply(original, this, [
        ...args,
        (error: unknown, value: unknown) => {
          if (error) reject(error);
          else resolve(value);
        },
      ]);
    });
  };
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original) as object);
  Object.defineProperty(promisified, custom, { value: promisified, configurable: true });
  return Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
}

export const promisify: Callback & { readonly custom: symbol } = Object.assign(promisifyFunction, { custom });
