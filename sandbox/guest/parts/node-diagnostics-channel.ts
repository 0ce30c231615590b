/** `node:diagnostics_channel`: named channels for messages, and the five of a traced operation. */
import { assertFunction, invalidArgument } from './shared/node-error.ts';
import { uncaught } from '../core/facade.ts';

type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
type Callback = (this: unknown, ...args: unknown[]) => unknown;
interface Storage {
  run(store: unknown, callback: () => unknown): unknown;
  withScope(store: unknown): Disposable;
}
type Transform = (message: unknown) => unknown;

const channels = new Map<Name, Channel>();

export class Channel {
  readonly name: Name;
  #subscribers: readonly Subscriber[] = [];
  readonly #stores = new Map<Storage, Transform | undefined>();

  constructor(name: Name) {
    this.name = name;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  subscribe(subscriber: Subscriber): void {
    assertFunction('subscription', subscriber);
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): boolean {
    const index = this.#subscribers.indexOf(subscriber);
    if (index === -1) return false;
    this.#subscribers = this.#subscribers.toSpliced(index, 1);
    return true;
  }

  /** Whoever publishes is not to fail because somebody listens. */
  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name);
      } catch (thrown) {
        uncaught(thrown);
      }
    }
  }

  bindStore(storage: Storage, transform?: Transform): void {
    this.#stores.set(storage, transform);
  }

  unbindStore(storage: Storage): boolean {
    return this.#stores.delete(storage);
  }

  runStores(message: unknown, callback: Callback, receiver?: unknown, ...args: unknown[]): unknown {
    let run = (): unknown => {
      this.publish(message);
      return Reflect.apply(callback, receiver, args);
    };
    for (const [storage, transform] of this.#stores) {
      const inner = run;
      run = () => {
        let store = message;
        try {
          if (transform !== undefined) store = transform(message);
        } catch (thrown) {
          uncaught(thrown);
          return inner();
        }
        return storage.run(store, inner);
      };
    }
    return run();
  }

  withStoreScope(message: unknown): Disposable {
    const stack = new DisposableStack();
    for (const [storage, transform] of this.#stores) {
      try {
        stack.use(storage.withScope(transform === undefined ? message : transform(message)));
      } catch (thrown) {
        uncaught(thrown);
      }
    }
    this.publish(message);
    return stack;
  }
}

export function channel(name: Name): Channel {
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw invalidArgument('channel', 'one of type string or symbol', name);
  }
  let found = channels.get(name);
  if (found === undefined) {
    found = new Channel(name);
    channels.set(name, found);
  }
  return found;
}

export function subscribe(name: Name, subscriber: Subscriber): void {
  channel(name).subscribe(subscriber);
}

export function unsubscribe(name: Name, subscriber: Subscriber): boolean {
  return channel(name).unsubscribe(subscriber);
}

export function hasSubscribers(name: Name): boolean {
  return channels.get(name)?.hasSubscribers ?? false;
}

const boundedEvents = ['start', 'end'] as const;
const events = [...boundedEvents, 'asyncStart', 'asyncEnd', 'error'] as const;
type EventName = (typeof events)[number];
type Channels = Readonly<Record<EventName, Channel>>;
type Subscribers = Partial<Record<EventName, Subscriber>>;

function channelsOf(named: unknown, names: readonly EventName[]): Record<EventName, Channel> {
  if (typeof named !== 'string' && (typeof named !== 'object' || named === null)) {
    throw invalidArgument('nameOrChannels', 'of type string or an instance of TracingChannel or Object', named);
  }
  const own = names.map((event): [EventName, Channel] => {
    const given = typeof named === 'string' ? channel(`tracing:${named}:${event}`) : (named as Channels)[event];
    if (!(given instanceof Channel)) throw invalidArgument(`nameOrChannels.${event}`, 'an instance of Channel', given);
    return [event, given];
  });
  return Object.fromEntries(own) as Record<EventName, Channel>;
}

function unsubscribeAll(all: object, subscribers: Subscribers): boolean {
  let isDone = true;
  for (const [event, subscriber] of Object.entries(subscribers)) {
    if (!(all as Channels)[event as EventName].unsubscribe(subscriber)) isDone = false;
  }
  return isDone;
}

function subscribeAll(all: object, subscribers: Subscribers): void {
  for (const [event, subscriber] of Object.entries(subscribers)) {
    (all as Channels)[event as EventName].subscribe(subscriber);
  }
}

/** The start and the end of a synchronous operation. */
export class BoundedChannel {
  declare readonly start: Channel;
  declare readonly end: Channel;

  constructor(named: unknown) {
    Object.assign(this, channelsOf(named, boundedEvents));
  }

  get hasSubscribers(): boolean {
    return boundedEvents.some((event) => this[event].hasSubscribers);
  }

  subscribe(subscribers: Subscribers): void {
    subscribeAll(this, subscribers);
  }

  unsubscribe(subscribers: Subscribers): boolean {
    return unsubscribeAll(this, subscribers);
  }

  run(context: object, callback: Callback, receiver?: unknown, ...args: unknown[]): unknown {
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(callback, receiver, args);
      } finally {
        this.end.publish(context);
      }
    });
  }

  withScope(context: object = {}): Disposable {
    const stack = new DisposableStack();
    stack.use(this.start.withStoreScope(context));
    stack.defer(() => this.end.publish(context));
    return stack;
  }
}

type Context = { error?: unknown; result?: unknown };

class TracingChannel {
  declare readonly start: Channel;
  declare readonly end: Channel;
  declare readonly asyncStart: Channel;
  declare readonly asyncEnd: Channel;
  declare readonly error: Channel;

  constructor(named: unknown) {
    Object.assign(this, channelsOf(named, events));
  }

  get hasSubscribers(): boolean {
    return events.some((event) => this[event].hasSubscribers);
  }

  subscribe(subscribers: Subscribers): void {
    subscribeAll(this, subscribers);
  }

  unsubscribe(subscribers: Subscribers): boolean {
    return unsubscribeAll(this, subscribers);
  }

  traceSync(callback: Callback, context: Context = {}, receiver?: unknown, ...args: unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(callback, receiver, args);
    return this.start.runStores(context, () => {
      try {
        context.result = Reflect.apply(callback, receiver, args);
        return context.result;
      } catch (thrown) {
        this.#fail(context, thrown);
        throw thrown;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(callback: Callback, context: Context = {}, receiver?: unknown, ...args: unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(callback, receiver, args);
    const settled = (): void => {
      this.asyncStart.publish(context);
      // There is no operation whose end could be told apart from its result.
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        const result = Reflect.apply(callback, receiver, args);
        if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') {
          context.result = result;
          return result;
        }
        return (result as Promise<unknown>).then(
          (value) => {
            context.result = value;
            settled();
            return value;
          },
          (reason: unknown) => {
            this.#fail(context, reason);
            settled();
            throw reason;
          },
        );
      } catch (thrown) {
        this.#fail(context, thrown);
        throw thrown;
      } finally {
        this.end.publish(context);
      }
    });
  }

  /** @param position Of the callback among the arguments; -1 is the last. */
  traceCallback(
    callback: Callback,
    position = -1,
    context: Context = {},
    receiver?: unknown,
    ...args: unknown[]
  ): unknown {
    if (!this.hasSubscribers) return Reflect.apply(callback, receiver, args);
    const done = args.at(position);
    assertFunction('callback', done);
    const fail = (reason: unknown): void => this.#fail(context, reason);
    const { asyncStart, asyncEnd } = this;
    const traced = function (this: unknown, error: unknown, result: unknown, ...rest: unknown[]): unknown {
      if (error) fail(error);
      else context.result = result;
      return asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(done as Callback, this, [error, result, ...rest]);
        } finally {
          asyncEnd.publish(context);
        }
      });
    };
    args.splice(position, 1, traced);
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(callback, receiver, args);
      } catch (thrown) {
        this.#fail(context, thrown);
        throw thrown;
      } finally {
        this.end.publish(context);
      }
    });
  }

  #fail(context: Context, reason: unknown): void {
    context.error = reason;
    this.error.publish(context);
  }
}

export function boundedChannel(named: unknown): BoundedChannel {
  return new BoundedChannel(named);
}

export function tracingChannel(named: unknown): TracingChannel {
  return new TracingChannel(named);
}

export default {
  BoundedChannel,
  Channel,
  boundedChannel,
  channel,
  hasSubscribers,
  subscribe,
  tracingChannel,
  unsubscribe,
};
