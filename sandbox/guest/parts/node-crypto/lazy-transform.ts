/**
 * What hashes and ciphers are made of: streams, most of which are never used as such. Loading streams takes longer than a hash does, so it waits
 * until something is asked that only a stream has. Node does the same.
 */
import { part } from '../../core/facade.ts';

type Method = (...args: unknown[]) => unknown;
type Members = Record<string | symbol, unknown>;
type Transform = new (options?: object) => object;

const Emitter = part('package-events') as new () => object;
let Stream: Transform | undefined;

export abstract class LazyTransform extends Emitter {
  abstract _transform(chunk: Uint8Array, encoding: string, done: (error?: unknown) => void): void;
  abstract _flush(done: (error?: unknown) => void): void;
}

const prototype = LazyTransform.prototype as unknown as Members;
const methods = [
  'addListener',
  'cork',
  'destroy',
  'end',
  'on',
  'once',
  'pause',
  'pipe',
  'prependListener',
  'push',
  'read',
  'resume',
  'setEncoding',
  'unpipe',
  'write',
  Symbol.asyncIterator,
] as const;
const properties = ['destroyed', 'readable', 'readableEnded', 'writable', 'writableEnded', 'writableFinished'] as const;
const states = ['_readableState', '_writableState'] as const;

for (const name of methods) {
  prototype[name] = function load(this: Members, ...args: unknown[]) {
    loadStream();
    return (this[name] as Method)(...args);
  };
}
for (const name of properties) {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: Members) {
      loadStream();
      return this[name];
    },
  });
}
for (const name of states) {
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: Members) {
      becomeStream(this);
      return this[name];
    },
    set(this: Members, value: unknown) {
      Object.defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value });
    },
  });
}

/** From now on all of them are transforms; each gets its state when that is asked for. */
function loadStream(): void {
  if (Stream !== undefined) return;
  Stream = part('package-stream').Transform;
  for (const name of [...methods, ...properties]) delete prototype[name];
  Object.setPrototypeOf(prototype, Stream.prototype as object);
}

function becomeStream(target: Members): void {
  loadStream();
  if (Object.hasOwn(target, '_readableState')) return;
  // Makes the state first: what constructs a stream reads it.
  Reflect.apply(Stream as unknown as Method, target, [{}]);
}
