/** The Streams Standard's classes, from web-streams-polyfill: https://streams.spec.whatwg.org */
import { ReadableByteStreamController, ReadableStream, TransformStream } from 'web-streams-polyfill';
import { part } from '../core/facade.ts';
import { addAtLeast, addReadAtLeast } from './streams/read-at-least.ts';

addReadAtLeast();
addAtLeast();

export {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from 'web-streams-polyfill';

/** The polyfill takes another one, so that it works where there is none. */
const asyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})()) as object) as object,
) as object;
const iterator = new ReadableStream().values();
Object.setPrototypeOf(Object.getPrototypeOf(iterator) as object, asyncIteratorPrototype);

/** Whether a stream was read from or cancelled: the polyfill's name of the standard's slot [[disturbed]]. */
export function isDisturbed(stream: object): boolean {
  return (stream as { _disturbed?: boolean })._disturbed === true;
}

/** Room that a source of bytes is given to fill where the runtime itself reads, as on Workers: bytes. */
const readBytes = 16 * 1024;

/** Lets a stream of bytes find a `byobRequest` when the runtime reads it, though it has named no size for one. */
export function offerRoom(stream: object): void {
  const { _readableStreamController: controller } = stream as { _readableStreamController: object };
  if (!(controller instanceof ReadableByteStreamController)) return;
  (controller as unknown as { _autoAllocateChunkSize?: number })._autoAllocateChunkSize ??= readBytes;
}

/** The host takes no headers of more digits. */
const maxExpected = 1e15;

/** How many bytes a stream will have, if who has made it has said so with `expectedLength`, as on Workers. */
export function expectedLength(stream: object): number | undefined {
  const { _expectedLength: length } = stream as { _expectedLength?: unknown };
  const number = typeof length === 'bigint' ? Number(length) : length;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < maxExpected
    ? number
    : undefined;
}

/** A byte stream of what `read` returns: all of it, or nothing. */
export function streamOf(read: () => Promise<Uint8Array | undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    type: 'bytes',
    async pull(controller) {
      const bytes = await read();
      if (bytes !== undefined && bytes.length > 0) controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

/**
 * A byte stream of pieces that the host has, the next of which is asked for while the last is looked at.
 *
 * @param read Answers an empty piece at the end.
 */
export function streamOfPieces(read: () => Promise<Uint8Array>, cancel: () => void): ReadableStream<Uint8Array> {
  let next: Promise<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>({
    type: 'bytes',
    async pull(controller) {
      const bytes = await (next ?? read());
      next = undefined;
      if (bytes.length === 0) {
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      next = read();
      next.catch(() => {
        // Whoever reads on gets to know.
      });
      controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
    },
    cancel,
  });
}

/** A branch of `tee` whose chunks are clones: those of a byte stream are already. */
export function withOwnChunks(branch: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const { _readableStreamController: controller } = branch as unknown as { _readableStreamController: object };
  if (controller instanceof ReadableByteStreamController) return branch;
  const { structuredClone } = part('structured-clone');
  const reader = branch.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(clone) {
        const { done, value } = await reader.read();
        if (done) clone.close();
        else clone.enqueue(structuredClone(value));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A new stream with the content of another, which is locked by it. */
export function takeOver(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>());
}
