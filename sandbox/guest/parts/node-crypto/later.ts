/** Results that come by a callback. */
import { queueMicrotask } from '../../core/facade.ts';
import { assertFunction } from '../shared/node-error.ts';

export type Callback<T> = (error: Error | null, result?: T) => void;

export function assertCallback(callback: unknown): void {
  assertFunction('callback', callback);
}

export function later<T>(make: () => T, callback: Callback<T>): void {
  assertCallback(callback);
  queueMicrotask(() => {
    let result: T;
    try {
      result = make();
    } catch (thrown) {
      callback(thrown as Error);
      return;
    }
    callback(null, result);
  });
}

/** What the callback throws is an exception of nobody's promise: it is thrown outside of it. */
export function settle<T>(promise: Promise<T>, callback: Callback<T>): void {
  promise.then(
    (result) => queueMicrotask(() => callback(null, result)),
    (reason: unknown) => queueMicrotask(() => callback(reason as Error)),
  );
}

/** The function in the form that `util.promisify` finds. */
export function promisified(of: object, value: (...args: never[]) => Promise<unknown>): void {
  Object.defineProperty(of, Symbol.for('nodejs.util.promisify.custom'), { configurable: true, value });
}
