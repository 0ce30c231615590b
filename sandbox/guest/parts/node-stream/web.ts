/** Between Node's streams and those of the Streams Standard: chunks, ends, errors and pressure go both ways. */
import stream from 'readable-stream/lib/stream.js';
import { part } from '../../core/facade.ts';
import { invalidArgument } from '../shared/node-error.ts';

type Done = (error?: unknown) => void;
type NodeReadable = InstanceType<(typeof stream)['Readable']>;
type NodeWritable = InstanceType<(typeof stream)['Writable']>;
interface WebReadable {
  getReader(): Reader;
}
interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
}
interface WebWritable {
  getWriter(): Writer;
}
interface Writer {
  readonly ready: Promise<unknown>;
  write(chunk: unknown): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}

function assertWeb(name: string, value: unknown, method: string, expected: string): void {
  if (typeof (value as Record<string, unknown> | undefined)?.[method] !== 'function') {
    throw invalidArgument(name, `an instance of ${expected}`, value);
  }
}

/** How a stream of Node's reads from a reader. */
function reading(reader: Reader) {
  return {
    read(this: NodeReadable): void {
      reader.read().then(
        ({ done, value }) => {
          this.push(done ? null : value instanceof Uint8Array ? toBuffer(value) : value);
        },
        (reason: unknown) => this.destroy(reason as Error),
      );
    },
  };
}

function toBuffer(bytes: Uint8Array): unknown {
  const { Buffer } = part('node-buffer');
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer as never, bytes.byteOffset, bytes.byteLength);
}

function writing(writer: Writer) {
  return {
    write(chunk: unknown, _encoding: unknown, done: Done): void {
      writer.ready.then(() => writer.write(chunk)).then(() => done(), done);
    },
    final(done: Done): void {
      writer.close().then(() => done(), done);
    },
  };
}

function whenSettled(promise: Promise<void>, then: () => void): void {
  promise.then(then, then);
}

/** Whoever destroys the stream of Node's tells the other side. */
function whenDestroyed(tell: (reason: unknown) => Promise<void>, isOver: (of: never) => boolean) {
  return {
    destroy(this: unknown, error: Error | null, done: Done): void {
      if (error === null && isOver(this as never)) done(null);
      else whenSettled(tell(error ?? abortError()), () => done(error));
    },
  };
}

function abortError(): Error {
  const { DOMException } = part('events');
  return new DOMException('The operation was aborted', 'AbortError');
}

export function readableFromWeb(source: WebReadable, options: object = {}): object {
  assertWeb('readableStream', source, 'getReader', 'ReadableStream');
  const reader = source.getReader();
  return new stream.Readable({
    ...options,
    ...reading(reader),
    ...whenDestroyed(
      (reason) => reader.cancel(reason),
      (of: NodeReadable) => of.readableEnded,
    ),
  });
}

export function writableFromWeb(target: WebWritable, options: object = {}): object {
  assertWeb('writableStream', target, 'getWriter', 'WritableStream');
  const writer = target.getWriter();
  return new stream.Writable({
    ...options,
    ...writing(writer),
    ...whenDestroyed(
      (reason) => writer.abort(reason),
      (of: NodeWritable) => of.writableFinished,
    ),
  });
}

export function duplexFromWeb(
  pair: { readonly readable: WebReadable; readonly writable: WebWritable },
  options: object = {},
): object {
  assertWeb('pair.readable', pair?.readable, 'getReader', 'ReadableStream');
  assertWeb('pair.writable', pair?.writable, 'getWriter', 'WritableStream');
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  return new stream.Duplex({
    ...options,
    ...reading(reader),
    ...writing(writer),
    ...whenDestroyed(
      (reason) => Promise.allSettled([reader.cancel(reason), writer.abort(reason)]).then(() => undefined),
      (of: NodeReadable & NodeWritable) => of.readableEnded && of.writableFinished,
    ),
  });
}

interface ToWebOptions {
  readonly strategy?: object;
  readonly type?: 'bytes';
}

export function readableToWeb(source: NodeReadable, options: ToWebOptions = {}): object {
  assertWeb('streamReadable', source, 'on', 'stream.Readable');
  const { ReadableStream, CountQueuingStrategy, ByteLengthQueuingStrategy } = part('streams');
  const highWaterMark = source.readableHighWaterMark;
  const isOfBytes = options.type === 'bytes';
  const strategy = isOfBytes
    ? undefined
    : (options.strategy ??
      new (source.readableObjectMode ? CountQueuingStrategy : ByteLengthQueuingStrategy)({ highWaterMark }));
  let isOver = false;
  source.pause();
  return new ReadableStream<unknown>(
    {
      ...(isOfBytes && { type: 'bytes' }),
      start(controller: {
        enqueue(chunk: unknown): void;
        close(): void;
        error(reason: unknown): void;
        desiredSize: number | null;
        byobRequest?: { respond(bytes: number): void } | null;
      }) {
        source.on('data', (chunk: unknown) => {
          if (isOver) return;
          controller.enqueue(toWebChunk(chunk, source.readableObjectMode && !isOfBytes));
          if ((controller.desiredSize ?? 0) <= 0) source.pause();
        });
        stream.finished(source, { writable: false }, (error?: Error | null) => {
          if (isOver) return;
          isOver = true;
          if (error !== undefined && error !== null) {
            controller.error(error);
            return;
          }
          controller.close();
          controller.byobRequest?.respond(0);
        });
        source.pause();
      },
      pull() {
        source.resume();
      },
      cancel(reason: unknown) {
        isOver = true;
        source.destroy(reason as Error);
      },
    } as never,
    strategy as never,
  );
}

/** The standard's streams know bytes as plain views. */
function toWebChunk(chunk: unknown, isObject: boolean): unknown {
  if (isObject) return chunk;
  if (typeof chunk === 'string') return part('encoding').encodeUtf8(chunk);
  return chunk instanceof Uint8Array ? new Uint8Array(chunk) : chunk;
}

export function writableToWeb(target: NodeWritable): object {
  assertWeb('streamWritable', target, 'on', 'stream.Writable');
  const { WritableStream } = part('streams');
  // As in Node, a chunk counts one, however long it is.
  const strategy = { highWaterMark: target.writableHighWaterMark };
  let isOver = false;
  return new WritableStream<unknown>(
    {
      start(controller: { error(reason: unknown): void }) {
        stream.finished(target, { readable: false }, (error?: Error | null) => {
          if (!isOver) controller.error(error ?? abortError());
          isOver = true;
        });
      },
      write(chunk: unknown) {
        if (target.write(chunk)) return undefined;
        return new Promise<void>((resolve, reject) => {
          const settle = (error?: unknown): void => {
            target.off('drain', settle);
            target.off('close', settle);
            if (error === undefined && target.writableNeedDrain !== true) resolve();
            else reject(target.errored ?? abortError());
          };
          target.on('drain', settle);
          target.on('close', settle);
        });
      },
      close() {
        isOver = true;
        return new Promise<void>((resolve, reject) => {
          stream.finished(target, { readable: false }, (error?: Error | null) => {
            if (error === undefined || error === null) resolve();
            else reject(error);
          });
          target.end();
        });
      },
      abort(reason: unknown) {
        isOver = true;
        target.destroy(reason as Error);
      },
    } as never,
    strategy,
  );
}

export function duplexToWeb(duplex: NodeReadable & NodeWritable): { readable: object; writable: object } {
  return { readable: readableToWeb(duplex), writable: writableToWeb(duplex) };
}
