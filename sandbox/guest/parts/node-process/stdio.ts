/** The standard streams of `node:process`: what is written becomes lines of the log, and nothing is ever read. */
import { defineHidden, log, part, queueMicrotask } from '../../core/facade.ts';

type Done = (error?: Error | null) => void;
type Write = (chunk: unknown, ...rest: readonly (string | Done | undefined)[]) => boolean;

/** Most functions do no more than write: the classes of `node:stream` are loaded for those that look further. */
function lazyStream(own: Record<string, unknown>, make: () => object): object {
  let made: Record<PropertyKey, unknown> | undefined;
  const stream = (): Record<PropertyKey, unknown> => {
    if (made === undefined) {
      made = make() as Record<PropertyKey, unknown>;
      for (const [name, value] of Object.entries(own)) if (name !== 'write') defineHidden(made, name, value);
    }
    return made;
  };
  return new Proxy(
    {},
    {
      get: (_, name) => (made === undefined && Object.hasOwn(own, name) ? own[name as string] : stream()[name]),
      set: (_, name, value) => Reflect.set(stream(), name, value),
      has: (_, name) => Reflect.has(stream(), name),
      ownKeys: () => Reflect.ownKeys(stream()),
      deleteProperty: (_, name) => Reflect.deleteProperty(stream(), name),
      defineProperty: (_, name, descriptor) =>
        Reflect.defineProperty(stream(), name, { ...descriptor, configurable: true }),
      getOwnPropertyDescriptor(_, name) {
        const descriptor = Reflect.getOwnPropertyDescriptor(stream(), name);
        return descriptor && { ...descriptor, configurable: true };
      },
      getPrototypeOf: () => Reflect.getPrototypeOf(stream()),
    },
  );
}

/** Each write is a line of the log. */
export function writableStdio(level: 'info' | 'error', fd: number): object {
  const tell = (chunk: unknown): void => {
    const text = chunk instanceof Uint8Array ? part('encoding').decodeUtf8(chunk) : `${chunk as string}`;
    log(level, text.replace(/\n$/, ''));
  };
  const write: Write = (chunk, ...rest) => {
    tell(chunk);
    const done = rest.find((each): each is Done => typeof each === 'function');
    if (done !== undefined) queueMicrotask(() => done());
    return true;
  };
  return lazyStream({ _isStdio: true, _type: 'fs', fd, isTTY: false, readable: false, write }, () => {
    const { Writable } = part('package-stream');
    return new Writable({
      decodeStrings: false,
      write(chunk: unknown, _encoding: string, done: Done) {
        tell(chunk);
        done();
      },
    });
  });
}

/** Ends when it is looked at. */
export function readableStdio(): object {
  return lazyStream({ fd: 0, isTTY: false }, () => {
    const { Readable } = part('package-stream');
    return new Readable({
      read(this: { push(chunk: null): void }) {
        this.push(null);
      },
    });
  });
}
