/** `node:events`, from the package events, with what Node has besides. */
import EventEmitter from 'events/events.js';
import { part } from '../core/facade.ts';
import { asyncIteratorOf } from './node-events/on.ts';
import { assertFunction, invalidArgument, withCode } from './shared/node-error.ts';

interface Target {
  addEventListener(type: string, listener: (event: unknown) => void, options?: object): void;
  removeEventListener(type: string, listener: (event: unknown) => void): void;
}
interface Signal extends Target {
  readonly aborted: boolean;
  readonly reason: unknown;
}
type Emitter = InstanceType<typeof EventEmitter>;
type Listener = (...args: unknown[]) => void;

function isTarget(of: object): of is Target {
  return typeof (of as Partial<Target>).addEventListener === 'function' && !('on' in of);
}

function abortError({ reason }: Signal): Error {
  const error = withCode(new Error('The operation was aborted', { cause: reason }), 'ABORT_ERR');
  error.name = 'AbortError';
  return error;
}

/** Resolves to the arguments of the next event, and is rejected by an `error` or the signal. */
function once(
  emitter: Emitter | Target,
  name: string | symbol,
  { signal }: { signal?: Signal } = {},
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortError(signal));
      return;
    }
    const settle = (finish: () => void): void => {
      if (isTarget(emitter)) {
        emitter.removeEventListener(name as string, onEvent);
      } else {
        emitter.off(name, onEvent).off('error', onError);
      }
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const onEvent = (...args: unknown[]): void => settle(() => resolve(args));
    const onError = (reason: unknown): void => settle(() => reject(reason));
    const onAbort = (): void => settle(() => reject(abortError(signal!)));
    if (isTarget(emitter)) {
      emitter.addEventListener(name as string, onEvent, { once: true });
    } else {
      emitter.on(name, onEvent);
      if (name !== 'error') emitter.on('error', onError);
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function addAbortListener(signal: Signal, listener: (event: unknown) => void): Disposable {
  if (typeof signal?.addEventListener !== 'function')
    throw invalidArgument('signal', 'an instance of AbortSignal', signal);
  assertFunction('listener', listener);
  if (signal.aborted) queueMicrotask(() => listener({ type: 'abort', target: signal }));
  else signal.addEventListener('abort', listener, { once: true });
  return {
    [Symbol.dispose]() {
      signal.removeEventListener('abort', listener);
    },
  };
}
const { queueMicrotask } = globalThis as unknown as { queueMicrotask: (callback: () => void) => void };

function getEventListeners(emitter: Emitter, name: string | symbol): Listener[] {
  if (typeof emitter?.listeners !== 'function')
    throw invalidArgument('emitter', 'an instance of EventEmitter', emitter);
  return emitter.listeners(name);
}

function setMaxListeners(count = EventEmitter.defaultMaxListeners, ...emitters: Partial<Emitter>[]): void {
  if (emitters.length === 0) EventEmitter.defaultMaxListeners = count;
  for (const emitter of emitters) emitter.setMaxListeners?.(count);
}

/** Listeners run in the context in which the emitter was made. */
class EventEmitterAsyncResource extends EventEmitter {
  readonly asyncResource: object & {
    runInAsyncScope(callback: unknown, receiver: unknown, ...args: unknown[]): unknown;
  };

  constructor(options: { name?: string } = {}) {
    super(options);
    const { AsyncResource } = part('node-async-hooks');
    this.asyncResource = new AsyncResource(options.name ?? new.target.name) as never;
  }

  override emit(name: string | symbol, ...args: unknown[]): boolean {
    return this.asyncResource.runInAsyncScope(super.emit, this, name, ...args) as boolean;
  }
}

const captureRejectionSymbol = Symbol.for('nodejs.rejection');
const added = {
  EventEmitterAsyncResource,
  addAbortListener,
  captureRejectionSymbol,
  captureRejections: false,
  errorMonitor: Symbol('events.errorMonitor'),
  getEventListeners,
  getMaxListeners: (emitter: Partial<Emitter>): number =>
    emitter.getMaxListeners?.() ?? EventEmitter.defaultMaxListeners,
  on: asyncIteratorOf(abortError as never),
  once,
  setMaxListeners,
  usingDomains: false,
};

const { emit, listenerCount } = EventEmitter.prototype as Emitter;
const emitter = {
  /** Who monitors errors hears of them first. */
  emit(this: Emitter, name: string | symbol, ...args: unknown[]): boolean {
    if (name === 'error' && listenerCount.call(this, added.errorMonitor) > 0)
      emit.call(this, added.errorMonitor, ...args);
    return emit.call(this, name, ...args);
  },
};
Object.defineProperty(EventEmitter.prototype, 'emit', {
  ...Object.getOwnPropertyDescriptor(EventEmitter.prototype, 'emit'),
  value: emitter.emit,
});

for (const [name, value] of Object.entries(added)) {
  Object.defineProperty(EventEmitter, name, { configurable: true, enumerable: true, writable: true, value });
}

export default EventEmitter;
