/** `node:timers/promises`: timers to be awaited. */
import { clearTimer, setTimeout as startTimer } from '../core/facade.ts';
import { withCode } from './shared/node-error.ts';

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

function wait<T>(delay: number, value: T, { signal }: Options = {}): Promise<T> {
  return new Promise((resolve, reject) => {
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
    }, delay);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

export function setTimeout<T>(delay = 1, value?: T, options?: Options): Promise<T | undefined> {
  return wait(delay, value, options);
}

export function setImmediate<T>(value?: T, options?: Options): Promise<T | undefined> {
  return wait(0, value, options);
}

export async function* setInterval<T>(delay = 1, value?: T, options?: Options): AsyncGenerator<T | undefined> {
  for (;;) yield await wait(delay, value, options);
}

export const scheduler = {
  wait: (delay: number, options?: Options): Promise<undefined> => wait(delay, undefined, options),
  yield: (): Promise<undefined> => wait(0, undefined),
};

export default { scheduler, setImmediate, setInterval, setTimeout };
