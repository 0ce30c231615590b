/**
 * Rejections that nobody handles. V8 tells of them to its embedder only, which does not pass it on; but nobody except the caller of an async
 * function has the promise that it returns. Where the caller is the runtime, nobody can handle its rejection. Of all other promises it
 * cannot be known whether somebody does, and nothing is said of them.
 */
import { reportUncaught } from './invocation.ts';
import { Object, follow } from './primordials.ts';

const { getPrototypeOf } = Object;
const asyncFunctionPrototype: unknown = getPrototypeOf(async () => {});

/** Listeners are being told of a rejection. */
let isTelling = false;
let isHandled: ((promise: unknown, reason: unknown) => boolean) | undefined;

/** @param handle Told of such rejections; answers whether it has taken care of one. */
export function handleRejections(handle: (promise: unknown, reason: unknown) => boolean): void {
  isHandled = handle;
}

/** Takes the result of a callback that the runtime has called for user code. */
export function watchResult(callback: object, result: unknown): void {
  if (getPrototypeOf(callback) !== asyncFunctionPrototype) return;
  const prefix = 'Uncaught (in promise)';
  // Those listeners are not told of their own.
  const report = isTelling ? reportUncaught : (text: string, reason: unknown) => rejected(text, result, reason);
  follow(result, ignore, (reason) => report(prefix, reason));
}

/** The invocation goes on: the rejection is logged, unless a listener takes care of it. */
export function rejected(prefix: string, promise: unknown, reason: unknown): void {
  isTelling = true;
  try {
    if (isHandled?.(promise, reason) !== true) reportUncaught(prefix, reason);
  } finally {
    isTelling = false;
  }
}

function ignore(): void {
  // It was fulfilled.
}
