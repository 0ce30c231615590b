/** https://fetch.spec.whatwg.org/#bodies */
import type { ReadableStream } from 'web-streams-polyfill';
import { callAsync, encodeFrame, loadedPart, makeRoom, part } from '../../core/facade.ts';
import { isArrayBuffer } from '../shared/buffer-source.ts';
import { joinBytes } from '../shared/join-bytes.ts';
import { blobTypeOf, extractMimeType } from '../shared/mime-type.ts';
import type { Blob, FormData } from '../blob.ts';
import type { Headers } from './headers.ts';
import type { AbortSignal } from '../events.ts';
import type { URLSearchParams } from '../url.ts';

export type GuestReadableStream = ReadableStream<Uint8Array>;

/**
 * A body whose bytes the host keeps until they are asked for. It crosses in one piece, piece by piece, or, passed on by its number, not at
 * all. Clones share it: in either form it crosses once.
 */
export class HeldBody {
  /** Its number on the host. */
  readonly id: number;
  #isShared = false;
  #text: Promise<string> | undefined;
  #bytes: Promise<Uint8Array> | undefined;
  readonly #signal: AbortSignal | undefined;

  /** @param signal By whose abort the host ends the body. */
  constructor(id: number, signal?: AbortSignal) {
    this.id = id;
    this.#signal = signal;
  }

  /** It has become the body of more than one: each of them needs all of it. */
  share(): void {
    this.#isShared = true;
  }

  get isShared(): boolean {
    return this.#isShared;
  }

  text(): Promise<string> {
    this.#text ??= this.#gather('text') as Promise<string>;
    return this.#text;
  }

  async bytes(): Promise<Uint8Array> {
    this.#bytes ??= this.#gather(this.#isShared ? 'bytes' : 'moved') as Promise<Uint8Array>;
    const bytes = await this.#bytes;
    // Who reads them may change them.
    return this.#isShared ? bytes.slice() : bytes;
  }

  stream(): GuestReadableStream {
    const { streamOf, streamOfPieces } = part('streams');
    if (this.#isShared) return streamOf(() => this.bytes());
    const id = String(this.id);
    const stream = streamOfPieces(
      () => {
        makeRoom();
        return this.#ask('read', id) as Promise<Uint8Array>;
      },
      () => void callAsync('cancel', id).catch(() => {}),
    );
    unreadStreams.set(stream, this);
    return stream;
  }

  #gather(form: string): Promise<string | Uint8Array> {
    return this.#ask('gather', encodeFrame([String(this.id), form]));
  }

  async #ask(operation: string, argument: string): Promise<string | Uint8Array> {
    try {
      return await callAsync(operation, argument);
    } catch (reason) {
      throw this.#signal?.aborted === true ? this.#signal.reason : reason;
    }
  }
}

/** Streams of held bodies; of those that were not read from, the body can still be passed on as it is. */
const unreadStreams = new WeakMap<object, HeldBody>();

/** Takes the body that the host holds out of a stream that nobody has read from. The stream is locked afterwards. */
export function takeHeld(stream: GuestReadableStream): HeldBody | undefined {
  const held = unreadStreams.get(stream);
  if (held === undefined || stream.locked || part('streams').isDisturbed(stream)) return undefined;
  unreadStreams.delete(stream);
  stream.getReader();
  return held;
}

/** The same of a body, which counts as read afterwards. */
export function takeHeldBody(body: Body): HeldBody | undefined {
  if (body.used) return undefined;
  const held = body.stream === undefined ? body.source : takeHeld(body.stream);
  if (!(held instanceof HeldBody) || held.isShared) return undefined;
  body.used = true;
  return held;
}

export interface Body {
  /** What the body is made of, unless it is a stream from the start. Bytes are never changed. */
  source: string | Uint8Array | HeldBody | undefined;
  stream: GuestReadableStream | undefined;
  used: boolean;
}

export interface ExtractedBody {
  readonly body: Body;
  readonly contentType: string | undefined;
}

export type BodyInit = string | ArrayBuffer | ArrayBufferView | URLSearchParams | Blob | FormData | GuestReadableStream;

export function bodyOf(source: string | Uint8Array | HeldBody): Body {
  return { source, stream: undefined, used: false };
}

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(init: unknown): ExtractedBody {
  if (typeof init === 'string') {
    return { body: bodyOf(init.toWellFormed()), contentType: 'text/plain;charset=UTF-8' };
  }
  if (typeof init === 'object' && init !== null) {
    const bytes = copyBytes(init);
    if (bytes !== undefined) return { body: bodyOf(bytes), contentType: undefined };
    const url = loadedPart('url');
    if (url !== undefined && init instanceof url.URLSearchParams) {
      return { body: bodyOf(init.toString()), contentType: 'application/x-www-form-urlencoded;charset=UTF-8' };
    }
    const blob = loadedPart('blob');
    if (blob?.isBlob(init) === true) {
      return { body: bodyOf(blob.blobBytes(init)), contentType: init.type === '' ? undefined : init.type };
    }
    if (blob?.isFormData(init) === true) {
      const { bytes: form, contentType } = blob.encodeMultipart(init);
      return { body: bodyOf(form), contentType };
    }
    const streams = loadedPart('streams');
    if (streams !== undefined && init instanceof streams.ReadableStream) {
      if (init.locked || streams.isDisturbed(init))
        throw new TypeError('the stream given as a body is locked or disturbed (it was read from or cancelled)');
      return { body: { source: undefined, stream: init as GuestReadableStream, used: false }, contentType: undefined };
    }
    // As in Node and on Workers: the standard would make a text of it.
    if (isIterableBody(init)) {
      const stream = part('streams').ReadableStream.from(init as AsyncIterable<Uint8Array>);
      return { body: { source: undefined, stream, used: false }, contentType: undefined };
    }
  }
  return { body: bodyOf(`${init as string}`.toWellFormed()), contentType: 'text/plain;charset=UTF-8' };
}

/** The header of a stream whose length is known. */
export function provideLength(headers: Headers, { stream }: Body): void {
  const length = stream === undefined ? undefined : part('streams').expectedLength(stream);
  if (length !== undefined && !headers.has('content-length')) headers.append('content-length', String(length));
}

/** Lists and texts in objects become a text all the same, which code for browsers counts on. */
function isIterableBody(value: object): boolean {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = value as Record<symbol, unknown>;
  if (typeof later === 'function') return true;
  return typeof now === 'function' && !Array.isArray(value) && !(value instanceof String);
}

function copyBytes(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).slice();
  }
  return isArrayBuffer(value) ? new Uint8Array(value).slice() : undefined;
}

export function isBodyUsed(body: Body | undefined): boolean {
  if (body === undefined) return false;
  return body.used || (body.stream !== undefined && part('streams').isDisturbed(body.stream));
}

export function isBodyUnusable(body: Body | undefined): boolean {
  return isBodyUsed(body) || (body?.stream?.locked ?? false);
}

export function bodyStream(body: Body | undefined): GuestReadableStream | null {
  if (body === undefined) return null;
  if (body.stream === undefined) {
    const { source, used } = body;
    body.stream =
      source instanceof HeldBody && !used
        ? source.stream()
        : part('streams').streamOf(async () => (used ? undefined : await sourceBytes(source!)));
    body.source = undefined;
    // The stream of a body that was read already is closed and counts as read from.
    if (used) void body.stream.getReader().read();
  }
  return body.stream;
}

export async function bodyText(body: Body | undefined): Promise<string> {
  const source = takeSource(body);
  if (source === undefined) return '';
  if (typeof source === 'string') return stripByteOrderMark(source);
  if (source instanceof HeldBody) return stripByteOrderMark(await source.text());
  return part('encoding').decodeUtf8(await collect(source));
}

export async function bodyBytes(body: Body | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const source = takeSource(body);
  if (source === undefined) return new Uint8Array();
  if (source instanceof Uint8Array) return source.slice() as Uint8Array<ArrayBuffer>;
  return (await (isStream(source) ? collect(source) : sourceBytes(source))) as Uint8Array<ArrayBuffer>;
}

/** @param type The value of the header Content-Type. */
export async function bodyBlob(body: Body | undefined, type: string | null): Promise<Blob> {
  const bytes = await bodyBytes(body);
  const { Blob } = part('blob');
  return new Blob([bytes], { type: blobTypeOf(type) });
}

/** https://fetch.spec.whatwg.org/#dom-body-formdata */
export async function bodyForm(body: Body | undefined, type: string | null): Promise<FormData> {
  const bytes = await bodyBytes(body);
  const { FormData, parseMultipart } = part('blob');
  const mime = extractMimeType(type ?? '');
  if (mime?.essence === 'multipart/form-data') {
    const boundary = mime.parameters.get('boundary');
    const form = boundary === undefined ? undefined : parseMultipart(bytes, boundary);
    if (form !== undefined) return form;
    throw new TypeError('the body cannot be parsed as multipart/form-data');
  }
  if (mime?.essence === 'application/x-www-form-urlencoded') {
    const form = new FormData();
    const text = part('encoding').decodeUtf8WithMark(bytes);
    // A question mark at the start is part of the first name.
    for (const [name, value] of new (part('url').URLSearchParams)(text.startsWith('?') ? `&${text}` : text)) {
      form.append(name, value);
    }
    return form;
  }
  throw new TypeError(`the body is no form: its type is ${type === null ? 'not given' : JSON.stringify(type)}`);
}

/** Hands out the body for its one reading. */
function takeSource(body: Body | undefined): string | Uint8Array | HeldBody | ReadableStream<Uint8Array> | undefined {
  if (body === undefined) return undefined;
  if (isBodyUnusable(body)) throw new TypeError('Body is unusable: it has already been read or is locked');
  if (body.stream !== undefined) return body.stream;
  body.used = true;
  return body.source;
}

function isStream(source: object | string): source is ReadableStream<Uint8Array> {
  return typeof source === 'object' && 'getReader' in source;
}

async function sourceBytes(source: string | Uint8Array | HeldBody): Promise<Uint8Array> {
  if (typeof source === 'string') return part('encoding').encodeUtf8(source);
  if (source instanceof Uint8Array) return source.slice();
  return source.bytes();
}

async function collect(source: Uint8Array | ReadableStream<Uint8Array>): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  part('streams').offerRoom(source);
  const reader = source.getReader();
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError('a body stream must consist of Uint8Array chunks');
      void reader.cancel(error);
      throw error;
    }
    chunks.push(value);
  }
  return joinBytes(chunks);
}

function stripByteOrderMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Splits a body in two that can be read independently. */
export function cloneBody(body: Body): Body {
  if (body.stream === undefined) {
    if (body.source instanceof HeldBody) body.source.share();
    return { ...body };
  }
  const [kept, copy] = body.stream.tee();
  body.stream = kept;
  return { source: undefined, stream: part('streams').withOwnChunks(copy), used: false };
}
