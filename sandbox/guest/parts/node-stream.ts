/** `node:stream`, from the package readable-stream, with what it lacks: the ways to the standard's streams and back. */
import stream from 'readable-stream/lib/stream.js';
import {
  duplexFromWeb,
  duplexToWeb,
  readableFromWeb,
  readableToWeb,
  writableFromWeb,
  writableToWeb,
} from './node-stream/web.ts';

type NodeStream = typeof stream;

const { Readable, Writable, Duplex } = stream;
define(Readable, 'fromWeb', readableFromWeb);
define(Readable, 'toWeb', readableToWeb);
define(Writable, 'fromWeb', writableFromWeb);
define(Writable, 'toWeb', writableToWeb);
define(Duplex, 'fromWeb', duplexFromWeb);
define(Duplex, 'toWeb', duplexToWeb);

// As in Node since its version 20: callbacks of writes that were not begun are called, too.
define(Duplex.prototype as object, 'destroy', (Writable.prototype as { destroy: unknown }).destroy);

type End = (this: unknown, ...args: unknown[]) => unknown;

/** As in Node: who ends a stream is told of no error by `null`. */
function endWithNull(Class: { prototype: { end: End } }): void {
  const { end } = Class.prototype;
  define(Class.prototype, 'end', function (this: unknown, ...args: unknown[]): unknown {
    const last = args.at(-1);
    if (typeof last === 'function')
      args[args.length - 1] = (error?: unknown) => last.call(this, error ?? null) as unknown;
    return Reflect.apply(end, this, args);
  });
}
endWithNull(Writable as never);
endWithNull(Duplex as never);

// As in Node since its version 22.
(stream as unknown as { setDefaultHighWaterMark(isObject: boolean, value: number): void }).setDefaultHighWaterMark(
  false,
  64 * 1024,
);

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, value });
}

interface State {
  readonly destroyed?: boolean;
  readonly errored?: Error | null;
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/** Two streams, each of which reads what the other writes. */
function duplexPair(options: object = {}): [object, object] {
  const sides: InstanceType<NodeStream['Duplex']>[] = [];
  const waiting: ((() => void) | undefined)[] = [];
  for (const index of [0, 1]) {
    const other = 1 - index;
    sides.push(
      new Duplex({
        ...options,
        read() {
          const resume = waiting[index];
          waiting[index] = undefined;
          resume?.();
        },
        write(chunk: unknown, _encoding: string, done: () => void) {
          if (sides[other]!.push(chunk)) done();
          else waiting[other] = done;
        },
        final(done: () => void) {
          sides[other]!.push(null);
          done();
        },
      }),
    );
  }
  return [sides[0]!, sides[1]!];
}

const added = {
  duplexPair,
  isDestroyed: (of: State): boolean | null => of?.destroyed ?? null,
  isErrored: (of: State): boolean => of?.errored !== null && of?.errored !== undefined,
  isReadable: (of: State): boolean | null => of?.readable ?? null,
  isWritable: (of: State): boolean | null => of?.writable ?? null,
};
for (const [name, value] of Object.entries(added)) if (!Object.hasOwn(stream, name)) define(stream, name, value);

export default stream;
