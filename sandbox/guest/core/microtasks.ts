import { uncaught } from './invocation.ts';
import { Promise, TypeError, subscribe } from './primordials.ts';

const settled = Promise.resolve();

export function queueMicrotask(callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError(`queueMicrotask needs a function, not ${typeof callback}`);
  subscribe(
    settled,
    () => {
      try {
        (callback as () => void)();
      } catch (thrown) {
        uncaught(thrown);
      }
    },
    uncaught,
  );
}
