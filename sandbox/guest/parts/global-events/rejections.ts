/**
 * Follows promises from when somebody first listens to `unhandledrejection` or `rejectionhandled`: V8 tells of rejections that nobody handles to
 * its embedder only, which does not pass it on. Watched are promises that the constructor makes, which `then`, `Promise.reject` and their kin
 * all call, and every way of handling one calls `then`: `await` as well, when the constructor of promises is not the engine's own. What an
 * async function returns is not seen, save where the runtime has called it: see rejections.ts of the core.
 *
 * https://html.spec.whatwg.org/#unhandled-promise-rejections
 */
import { defineHidden, invocationNumber, queueTask } from '../../core/facade.ts';

interface Listener {
  /** Of a promise that was rejected in a task at whose end nobody had handled it. */
  rejected(promise: object, reason: unknown): void;
  /** Of one that was told of, and is handled now. */
  handled(promise: object, reason: unknown): void;
}
/** What was rejected in one task. */
interface Batch {
  readonly invocation: number;
  readonly rejected: [promise: object, reason: unknown][];
}
type Then = (this: object, onFulfilled?: unknown, onRejected?: unknown) => Promise<unknown>;

export function followRejections(listener: Listener): void {
  const Native = Promise;
  const prototype = Native.prototype as unknown as { then: Then };
  const { then } = prototype;
  const handled = new WeakSet<object>();
  const told = new WeakMap<object, { readonly reason: unknown }>();
  let batch: Batch | undefined;

  const tell = (own: Batch): void => {
    if (batch === own) batch = undefined;
    for (const [promise, reason] of own.rejected) {
      if (handled.has(promise)) continue;
      told.set(promise, { reason });
      listener.rejected(promise, reason);
    }
  };
  const add = (promise: object, reason: unknown): void => {
    const invocation = invocationNumber();
    // The task of an invocation that is over never comes.
    if (batch?.invocation !== invocation) {
      const own: Batch = { invocation, rejected: [] };
      batch = own;
      queueTask(() => tell(own));
    }
    batch.rejected.push([promise, reason]);
  };
  /** A promise of our own is being made. */
  let isWatching = false;
  const watch = <P extends object>(promise: P): P => {
    if (isWatching) return promise;
    isWatching = true;
    try {
      Reflect.apply(then, promise, [
        undefined,
        (reason: unknown) => {
          if (!handled.has(promise)) add(promise, reason);
        },
      ]);
    } finally {
      isWatching = false;
    }
    return promise;
  };
  const handle = (promise: object): void => {
    handled.add(promise);
    const earlier = told.get(promise);
    if (earlier === undefined) return;
    told.delete(promise);
    queueTask(() => listener.handled(promise, earlier.reason));
  };

  const Watched = new Proxy(Native, {
    construct: (target, args, newTarget) => watch(Reflect.construct(target, args, newTarget) as object),
  });
  const replacements = {
    // oxlint-disable-next-line unicorn/no-thenable -- it becomes that of promises
    then(this: object, onFulfilled?: unknown, onRejected?: unknown): Promise<unknown> {
      handle(this);
      return then.call(this, onFulfilled, onRejected);
    },
  };
  defineHidden(prototype, 'then', replacements.then);
  defineHidden(prototype, 'constructor', Watched);
  defineHidden(globalThis, 'Promise', Watched);
}
