/** `node:stream/web`: the classes of the Streams Standard, and the streams of text and compression. */
import { part } from '../core/facade.ts';

const streams = part('streams');
const { TextDecoderStream, TextEncoderStream } = part('encoding-streams');
const { CompressionStream, DecompressionStream } = part('compression');

export default {
  ByteLengthQueuingStrategy: streams.ByteLengthQueuingStrategy,
  CompressionStream,
  CountQueuingStrategy: streams.CountQueuingStrategy,
  DecompressionStream,
  ReadableByteStreamController: streams.ReadableByteStreamController,
  ReadableStream: streams.ReadableStream,
  ReadableStreamBYOBReader: streams.ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest: streams.ReadableStreamBYOBRequest,
  ReadableStreamDefaultController: streams.ReadableStreamDefaultController,
  ReadableStreamDefaultReader: streams.ReadableStreamDefaultReader,
  TextDecoderStream,
  TextEncoderStream,
  TransformStream: streams.TransformStream,
  TransformStreamDefaultController: streams.TransformStreamDefaultController,
  WritableStream: streams.WritableStream,
  WritableStreamDefaultController: streams.WritableStreamDefaultController,
  WritableStreamDefaultWriter: streams.WritableStreamDefaultWriter,
};
