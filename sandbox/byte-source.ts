import type { Readable } from 'node:stream';
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

/**
 * Reads all that is left.
 *
 * @throws TooManyBytes as soon as there are over `maxBytes`.
 */
export async function gather(source: ByteSource, maxBytes: number): Promise<Uint8Array> {
  if (source.gather !== undefined) {
    const gathered = await source.gather(maxBytes);
    if (gathered.length <= maxBytes) return gathered;
    source.cancel();
    throw tooManyBytes(maxBytes, gathered.length);
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for (let piece = await source.read(); piece !== undefined; piece = await source.read()) {
    bytes += piece.length;
    if (bytes > maxBytes) {
      source.cancel();
      throw tooManyBytes(maxBytes, bytes);
    }
    pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes);
}

function tooManyBytes(maxBytes: number, bytes: number): TooManyBytes {
  return new TooManyBytes(`a body of over ${maxBytes} bytes was to be gathered`, bytes);
}

/** A web stream. */
export function sourceOfStream(stream: ReadableStream<Uint8Array>, length?: number): ByteSource {
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

/**
 * Takes all that a Node stream has ready at once.
 *
 * @param onCancel What to do when no more is wanted, if not to destroy it.
 */
export function sourceOfReadable(
  readable: Readable,
  length?: number,
  onCancel: () => void = () => readable.destroy(),
): ByteSource {
  let isCanceled = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const onChange = (): void => wake?.();
  readable.on('error', (error) => {
    failure = error;
    onChange();
  });
  for (const event of ['readable', 'end', 'close']) readable.on(event, onChange);
  return {
    length,
    async read() {
      for (;;) {
        const piece = readable.read() as Uint8Array | null;
        if (piece !== null) return piece;
        if (isCanceled || readable.readableEnded) return undefined;
        if (failure !== undefined) throw failure;
        if (readable.closed || readable.destroyed)
          throw new Error('the connection was closed before the end of the body');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
    },
    cancel() {
      isCanceled = true;
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
  };
}
