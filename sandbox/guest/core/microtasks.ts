import { bindContext } from './async-context.ts';
import { uncaught } from './invocation.ts';
import { Promise, TypeError, subscribe } from './primordials.ts';
import { watchResult } from './rejections.ts';

const settled = Promise.resolve();

export function queueMicrotask(callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError(`queueMicrotask needs a function, not ${typeof callback}`);
  const bound = bindContext(callback as () => void);
  subscribe(
    settled,
    () => {
      try {
        watchResult(callback, (bound as () => unknown)());
      } catch (thrown) {
        uncaught(thrown);
      }
    },
    uncaught,
  );
}
