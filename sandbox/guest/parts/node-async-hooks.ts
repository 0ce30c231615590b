/**
 * `node:async_hooks`: `AsyncLocalStorage` and `AsyncResource`. A context follows promises, timers and microtasks. Async functions await by
 * themselves, unseen by anybody: the bundler rewrites those of bundles that import this module into generators that call `then`.
 */
import { bindContext, currentContext, defineHidden, enterContext, runInContext, trackContext } from '../core/facade.ts';
import { assertFunction, invalidArgument, withCode } from './shared/node-error.ts';

type Callback = (this: never, ...args: never[]) => unknown;
type Frame = ReadonlyMap<AsyncLocalStorage, unknown>;

trackContext();
followPromises();

function frame(): Frame | undefined {
  return currentContext() as Frame | undefined;
}

function frameWith(storage: AsyncLocalStorage, store: unknown): Frame {
  return new Map(frame()).set(storage, store);
}

/** Every way of waiting for a promise calls `then`, save for `await` and for the promise that adopts another thenable. */
function followPromises(): void {
  const prototype = Promise.prototype as object as { then: (...args: unknown[]) => Promise<unknown> };
  const { then } = prototype;
  const Native = Promise;
  const { resolve } = Native;
  const Adopting = new Proxy(Native, { construct: constructBound });
  const bound = (callback: unknown): unknown => (typeof callback === 'function' ? bindContext(callback) : callback);
  const replacements = {
    // oxlint-disable-next-line unicorn/no-thenable -- it becomes that of promises
    then(this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
      return then.call(this, bound(onFulfilled), bound(onRejected));
    },
    resolve(this: PromiseConstructor, value?: unknown): Promise<unknown> {
      // A promise has the native constructor: it stays itself.
      const Class = this === Adopting ? Native : this;
      return resolve.call(Class, isObject(value) && !(value instanceof Promise) ? boundThenable(value) : value);
    },
  };
  defineHidden(prototype, 'then', replacements.then);
  defineHidden(Promise, 'resolve', replacements.resolve);
  defineHidden(globalThis, 'Promise', Adopting);
}

/** A promise that adopts a thenable calls its `then` later, too. */
function constructBound(target: PromiseConstructor, args: unknown[], newTarget: Function): object {
  const [executor] = args;
  if (typeof executor !== 'function') return Reflect.construct(target, args, newTarget) as object;
  const run = (resolve: (value: unknown) => void, reject: unknown): unknown =>
    Reflect.apply(executor, undefined, [
      (value: unknown) => resolve(isObject(value) && !(value instanceof target) ? boundThenable(value) : value),
      reject,
    ]);
  return Reflect.construct(target, [run], newTarget) as object;
}

/** A query builder, for example, that begins its work when it is awaited: `then` is called later, but in this context. */
function boundThenable(value: object): unknown {
  try {
    const { then } = value as { then?: unknown };
    if (typeof then !== 'function') return value;
    // oxlint-disable-next-line unicorn/no-thenable -- the engine is to call it
    return { then: bindContext((...settle: unknown[]): unknown => Reflect.apply(then, value, settle)) };
  } catch {
    // A getter that throws: the engine reads it again, and rejects.
    return value;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

interface StorageOptions {
  readonly defaultValue?: unknown;
  readonly name?: string;
}

export class AsyncLocalStorage {
  readonly #defaultValue: unknown;
  readonly #name: string;

  constructor(options: StorageOptions = {}) {
    if (!isObject(options)) throw invalidArgument('options', 'of type object', options);
    const { defaultValue, name } = options;
    if (name !== undefined && typeof name !== 'string') throw invalidArgument('options.name', 'of type string', name);
    this.#defaultValue = defaultValue;
    this.#name = name ?? '';
  }

  /** A function that runs others in the context of this moment. */
  static snapshot(): (callback: Callback, ...args: unknown[]) => unknown {
    return bindContext(function run(this: unknown, callback: Callback, ...args: unknown[]): unknown {
      return Reflect.apply(callback, this, args);
    });
  }

  static bind<F extends Callback>(callback: F): F {
    assertFunction('fn', callback);
    return bindContext(callback);
  }

  get name(): string {
    return this.#name;
  }

  getStore(): unknown {
    const stores = frame();
    return stores?.has(this) === true ? stores.get(this) : this.#defaultValue;
  }

  run(store: unknown, callback: Callback, ...args: unknown[]): unknown {
    assertFunction('callback', callback);
    // Whoever has this store already, needs no other context.
    if (Object.is(this.getStore(), store)) return Reflect.apply(callback, null as never, args);
    return runInContext(frameWith(this, store), callback, null, args);
  }

  exit(callback: Callback, ...args: unknown[]): unknown {
    return this.run(undefined, callback, ...args);
  }

  /** For the rest of the function that runs, and everything that it starts. */
  enterWith(store: unknown): void {
    enterContext(frameWith(this, store));
  }

  /** `using scope = storage.withScope(store)`: until the end of the block. */
  withScope(store: unknown): RunScope {
    return new RunScope(this, store);
  }

  disable(): void {
    const stores = new Map(frame());
    stores.delete(this);
    enterContext(stores);
  }
}

class RunScope {
  readonly #before = currentContext();
  #isOver = false;

  constructor(storage: AsyncLocalStorage, store: unknown) {
    storage.enterWith(store);
  }

  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    enterContext(this.#before);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const rootId = 1;
let lastId = rootId;
/** The resources whose callbacks run now, the innermost last. */
const running: AsyncResource[] = [];
const rootResource = {};

interface ResourceOptions {
  readonly triggerAsyncId?: number;
  readonly requireManualDestroy?: boolean;
}

export class AsyncResource {
  readonly #context = currentContext();
  readonly #id: number;
  readonly #triggerId: number;

  constructor(type: string, options: ResourceOptions | number = {}) {
    if (typeof type !== 'string') throw invalidArgument('type', 'of type string', type);
    const trigger = typeof options === 'number' ? options : (options.triggerAsyncId ?? executionAsyncId());
    if (!Number.isSafeInteger(trigger) || trigger < -1) {
      throw withCode(new RangeError(`Invalid triggerAsyncId value: ${String(trigger)}`), 'ERR_INVALID_ASYNC_ID');
    }
    lastId += 1;
    this.#id = lastId;
    this.#triggerId = trigger;
  }

  static bind<F extends Callback>(callback: F, type?: string, receiver?: unknown): F {
    return new AsyncResource(type ?? (callback.name || 'bound-anonymous-fn')).bind(callback, receiver);
  }

  runInAsyncScope(callback: Callback, receiver?: unknown, ...args: unknown[]): unknown {
    running.push(this);
    try {
      return runInContext(this.#context, callback, receiver, args);
    } finally {
      running.pop();
    }
  }

  bind<F extends Callback>(callback: F, receiver?: unknown): F {
    assertFunction('fn', callback);
    const bound = (own: unknown, args: unknown[]): unknown => this.runInAsyncScope(callback, receiver ?? own, ...args);
    const result = function (this: unknown, ...args: unknown[]): unknown {
      return bound(this, args);
    };
    Object.defineProperty(result, 'length', { configurable: true, value: callback.length });
    return result as unknown as F;
  }

  /** There are no hooks to be told. */
  emitDestroy(): this {
    return this;
  }

  asyncId(): number {
    return this.#id;
  }

  triggerAsyncId(): number {
    return this.#triggerId;
  }
}

/** That of the `AsyncResource` whose callback runs, otherwise that of the function as a whole: nothing else has one. */
export function executionAsyncId(): number {
  return running.at(-1)?.asyncId() ?? rootId;
}

export function triggerAsyncId(): number {
  return running.at(-1)?.triggerAsyncId() ?? 0;
}

export function executionAsyncResource(): object {
  return running.at(-1) ?? rootResource;
}

/** A hook can be made, and not be enabled: the engine tells nobody here of its promises and of what they trigger. */
export function createHook(callbacks: Record<string, unknown>): { enable(): never; disable(): object } {
  for (const name of ['init', 'before', 'after', 'destroy', 'promiseResolve']) {
    if (callbacks[name] !== undefined) assertFunction(`hook.${name}`, callbacks[name]);
  }
  return {
    enable(): never {
      throw withCode(
        new Error('hooks of node:async_hooks cannot be enabled in a function; use AsyncLocalStorage to keep a context'),
        'ERR_METHOD_NOT_IMPLEMENTED',
      );
    },
    disable(): object {
      return this;
    },
  };
}

export const asyncWrapProviders = Object.freeze({ __proto__: null, NONE: 0 });

export default {
  AsyncLocalStorage,
  AsyncResource,
  asyncWrapProviders,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
};
