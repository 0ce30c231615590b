/** The Streams Standard's classes, from web-streams-polyfill: https://streams.spec.whatwg.org */
import { ReadableStream, TransformStream } from 'web-streams-polyfill';

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

/** Whether a stream was read from or cancelled: the polyfill's name of the standard's slot [[disturbed]]. */
export function isDisturbed(stream: object): boolean {
  return (stream as { _disturbed?: boolean })._disturbed === true;
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

/** A new stream with the content of another, which is locked by it. */
export function takeOver(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>());
}
