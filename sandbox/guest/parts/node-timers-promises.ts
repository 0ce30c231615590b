/** `node:timers/promises`: timers to be awaited. */
import { clearTimer, setInterval as startInterval, setTimeout as startTimer } from '../core/facade.ts';
import { assertBoolean, assertNumber, assertObject, assertSignal, withCode } from './shared/node-error.ts';

interface Options {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

function abortError({ reason }: AbortSignal): Error {
  const error = withCode(new Error('The operation was aborted', { cause: reason }), 'ABORT_ERR');
  error.name = 'AbortError';
  return error;
}

/** @throws In time for the promise to be rejected, as everything in it. */
function assertOptions(delay: unknown, options: unknown): Options {
  if (delay !== undefined) assertNumber('delay', delay);
  if (options === undefined) return {};
  assertObject('options', options);
  const { signal, ref } = options as Options;
  assertSignal('options.signal', signal);
  if (ref !== undefined) assertBoolean('options.ref', ref);
  return options;
}

async function wait<T>(delay: number | undefined, value: T, options?: Options): Promise<T> {
  const { signal } = assertOptions(delay, options);
  return await new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortError(signal));
      return;
    }
    const abort = (): void => {
      clearTimer(timer);
      reject(abortError(signal!));
    };
    const timer = startTimer(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, delay ?? 1);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

export function setTimeout<T>(delay?: number, value?: T, options?: Options): Promise<T | undefined> {
  return wait(delay, value, options);
}

export function setImmediate<T>(value?: T, options?: Options): Promise<T | undefined> {
  return wait(0, value, options);
}

/** Ticks go on while nobody asks for one: those are had at once. */
export async function* setInterval<T>(delay?: number, value?: T, options?: Options): AsyncGenerator<T | undefined> {
  const { signal } = assertOptions(delay, options);
  if (signal?.aborted === true) throw abortError(signal);
  const isAborted = (): boolean => signal?.aborted === true;
  let ticks = 0;
  let wake: (() => void) | undefined;
  const proceed = (): void => wake?.();
  const timer = startInterval(() => {
    ticks += 1;
    proceed();
  }, delay ?? 1);
  const stop = (): void => {
    clearTimer(timer);
    proceed();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      if (ticks === 0 && !isAborted()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      for (; ticks > 0; ticks -= 1) yield value;
      if (isAborted()) throw abortError(signal!);
    }
  } finally {
    clearTimer(timer);
    signal?.removeEventListener('abort', stop);
  }
}

export const scheduler = {
  wait: (delay: number, options?: Options): Promise<undefined> => wait(delay, undefined, options),
  yield: (): Promise<undefined> => wait(0, undefined),
};

export default { scheduler, setImmediate, setInterval, setTimeout };
