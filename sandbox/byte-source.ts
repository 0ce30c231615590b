import type { Readable } from 'node:stream';
import { Pieces } from './pieces.ts';
import type { WireStream as ByteSource } from './wire.ts';

export type { ByteSource };

export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  let rest: Uint8Array | undefined = bytes.length === 0 ? undefined : bytes;
  return {
    length: bytes.length,
    async read() {
      const piece = rest;
      rest = undefined;
      return piece;
    },
    cancel() {
      rest = undefined;
    },
  };
}

export async function* iterateSource(source: ByteSource): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = await source.read(); piece !== undefined; piece = await source.read()) yield piece;
  } finally {
    source.cancel();
  }
}

/** More came than may be taken. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes';
  readonly bytes: number;

  constructor(message: string, bytes: number) {
    super(message);
    this.bytes = bytes;
  }
}

/** From this size on, a body whose length is known is written to where it will be as it comes. */
const minFilledBytes = 256 * 1024;

/**
 * Reads all that is left.
 *
 * @throws TooManyBytes as soon as there are over `maxBytes`.
 */
export async function gather(source: ByteSource, maxBytes: number): Promise<Pieces> {
  source.keep?.();
  const { length = 0 } = source;
  const isFilled = length >= minFilledBytes && length <= maxBytes;
  let whole: Buffer<ArrayBuffer> | undefined;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for (let piece = await source.read(); piece !== undefined; piece = await source.read()) {
    const at = bytes;
    bytes += piece.length;
    if (bytes > maxBytes) {
      source.cancel();
      throw tooManyBytes(maxBytes, bytes);
    }
    // Not before something comes: who says how much he is going to send has not sent it.
    if (isFilled) whole ??= Buffer.allocUnsafeSlow(length);
    if (whole === undefined || bytes > length) {
      // There is more than it said.
      if (at > 0 && pieces.length === 0) pieces.push(whole!.subarray(0, at));
      pieces.push(piece);
    } else {
      whole.set(piece, at);
      source.release?.(piece);
    }
  }
  if (whole !== undefined && bytes === length) return Pieces.whole(whole);
  if (whole !== undefined && pieces.length === 0) pieces.push(whole.subarray(0, bytes));
  return new Pieces(pieces, bytes, source);
}

function tooManyBytes(maxBytes: number, bytes: number): TooManyBytes {
  return new TooManyBytes(`a body of over ${maxBytes} bytes was to be gathered`, bytes);
}

const sources = new WeakMap<ReadableStream<Uint8Array>, ByteSource>();

/** A web stream for whoever knows no sources; `sourceOfStream` gets the source back. */
export function streamOfSource(source: ByteSource): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        sources.delete(stream);
        const piece = await source.read();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel() {
        sources.delete(stream);
        source.cancel();
      },
    },
    { highWaterMark: 0 },
  );
  sources.set(stream, source);
  return stream;
}

/** A web stream, which is locked from the first read on. */
export function sourceOfStream(stream: ReadableStream<Uint8Array>, length?: number): ByteSource {
  const source = sources.get(stream);
  if (source !== undefined && !stream.locked) {
    stream.getReader();
    return source;
  }
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isCanceled = false;
  return {
    length,
    async read() {
      for (;;) {
        if (isCanceled) return undefined;
        reader ??= stream.getReader();
        const { done, value } = await reader.read();
        if (done) return undefined;
        if (!(value instanceof Uint8Array)) throw new TypeError('a request body must consist of Uint8Array chunks');
        if (value.byteLength > 0) return value;
      }
    },
    cancel() {
      if (isCanceled) return;
      isCanceled = true;
      // Somebody else may be reading it, or it has failed: then there is nothing to cancel.
      void (reader ?? stream).cancel().catch(() => {});
    },
  };
}

/** What may wait of a Node stream besides what the stream itself keeps. */
const readableWindowBytes = 64 * 1024;

/**
 * A Node stream, which flows from the first read on, as long as somebody reads: to stop and start it for each piece would cost more than the
 * piece.
 *
 * @param onCancel What to do when no more is wanted, if not to destroy it.
 */
export function sourceOfReadable(
  readable: Readable,
  length?: number,
  onCancel: () => void = () => readable.destroy(),
): ByteSource {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let hasBegun = false;
  let isCanceled = false;
  let isStopped = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const onChange = (): void => wake?.();
  readable.on('error', (error) => {
    failure = error;
    onChange();
  });
  for (const event of ['end', 'close']) readable.on(event, onChange);
  const begin = (): void => {
    hasBegun = true;
    readable.on('data', (piece: Uint8Array) => {
      if (isCanceled || piece.length === 0) return;
      pieces.push(piece);
      bytes += piece.length;
      isStopped = bytes >= readableWindowBytes;
      if (isStopped) readable.pause();
      onChange();
    });
  };
  const take = (): Uint8Array | undefined => {
    const piece = pieces.shift();
    bytes -= piece?.length ?? 0;
    return piece;
  };
  return {
    length,
    async read() {
      if (!hasBegun && !isCanceled) begin();
      for (;;) {
        const piece = take();
        if (piece !== undefined) return piece;
        if (isCanceled || readable.readableEnded) return undefined;
        if (failure !== undefined) throw failure;
        if (readable.closed || readable.destroyed)
          throw new Error('the connection was closed before the end of the body');
        if (isStopped) {
          isStopped = false;
          readable.resume();
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
    },
    cancel() {
      isCanceled = true;
      pieces.length = 0;
      bytes = 0;
      onCancel();
      onChange();
    },
  };
}

/** Lets through what a limit allows. `fail` gives the error of the read that goes over it. */
export function limitSource(source: ByteSource, maxBytes: number, fail: (bytes: number) => Error): ByteSource {
  let bytes = 0;
  return {
    length: source.length,
    async read() {
      const piece = await source.read();
      bytes += piece?.length ?? 0;
      if (bytes <= maxBytes) return piece;
      source.cancel();
      throw fail(bytes);
    },
    cancel: () => source.cancel(),
    release: (piece) => source.release?.(piece),
  };
}

/** Calls `onEnd` once, when the source has been read to its end, has failed, or is not wanted any more. */
export function watchSource(source: ByteSource, onEnd: () => void): ByteSource {
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    onEnd();
  };
  return {
    length: source.length,
    async read() {
      try {
        const piece = await source.read();
        if (piece === undefined) over();
        return piece;
      } catch (error) {
        over();
        throw error;
      }
    },
    cancel() {
      source.cancel();
      over();
    },
    release: (piece) => source.release?.(piece),
  };
}
