/**
 * The context of `AsyncLocalStorage`: whatever runs later runs in the context in which it was asked for. V8 keeps track of that natively, but
 * only for embedders; here callbacks are bound to their context one by one, once somebody asks for contexts at all.
 */
import { Object, apply, setPrototypeOf } from './primordials.ts';

const { getPrototypeOf } = Object;

type Callback = (this: never, ...args: never[]) => unknown;

let isTracked = false;
let current: object | undefined;

export function trackContext(): void {
  isTracked = true;
}

export function currentContext(): object | undefined {
  return current;
}

/** For whatever runs until the callback around it has returned. */
export function enterContext(context: object | undefined): void {
  current = context;
}

export function runInContext<T>(
  context: object | undefined,
  callback: Callback,
  receiver: unknown,
  args: readonly unknown[],
): T {
  const before = current;
  current = context;
  try {
    return apply(callback as never, receiver, args as unknown[]) as T;
  } finally {
    current = before;
  }
}

/** The callback, to be run in the context of this moment. */
export function bindContext<F>(callback: F): F {
  if (!isTracked) return callback;
  const context = current;
  const bound = function (this: unknown, ...args: unknown[]): unknown {
    return runInContext(context, callback as Callback, this, args);
  };
  // That of an async function is how its rejections are told: see rejections.ts.
  setPrototypeOf(bound, getPrototypeOf(callback));
  return bound as F;
}
