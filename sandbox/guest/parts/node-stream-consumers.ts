/** `node:stream/consumers`: all of a stream at once, of Node's or of the standard's. */
import { part } from '../core/facade.ts';
import { joinBytes } from './shared/join-bytes.ts';
import { viewBufferSource } from './shared/buffer-source.ts';

type Source = AsyncIterable<unknown>;

async function bytes(stream: Source): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of stream) {
    pieces.push(typeof chunk === 'string' ? part('encoding').encodeUtf8(chunk) : viewBufferSource(chunk)!);
  }
  return joinBytes(pieces);
}

async function arrayBuffer(stream: Source): Promise<ArrayBuffer> {
  return (await bytes(stream)).buffer;
}

async function blob(stream: Source): Promise<object> {
  const all = await bytes(stream);
  return new (part('blob').Blob)([all]);
}

async function buffer(stream: Source): Promise<object> {
  return part('node-buffer').Buffer.from((await bytes(stream)).buffer as never);
}

async function text(stream: Source): Promise<string> {
  return part('encoding').decodeUtf8(await bytes(stream));
}

async function json(stream: Source): Promise<unknown> {
  return JSON.parse(await text(stream));
}

export default { arrayBuffer, blob, buffer, bytes, json, text };
