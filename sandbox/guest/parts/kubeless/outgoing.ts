import { hints } from '../../../wire.ts';
import { type EventEmitter, fail, type Invocation, loadedPart, part, respond } from '../../core/facade.ts';
import { type Chunk, ChunkQueue, type Done } from './chunk-queue.ts';
import type { KubelessRequest } from './exchange.ts';
import { type HeadersArgument, hasInvalidCharacter, headerPairs } from './header-table.ts';
import { headersSent, invalidArgument, nodeError } from './node-error.ts';
import { headerLines, markHeadersSent, withOutgoingHeaders } from './outgoing-headers.ts';
import type { Socket } from './socket.ts';
import { statuses } from './statuses.ts';

interface Head {
  readonly status: number;
  readonly lines: readonly string[];
  /** By `writeHead`: before the length of the body was known. */
  readonly isExplicit: boolean;
}

/** From this size on, a writer is asked to wait. */
const highWaterMark = 64 * 1024;

/** A stream for who has loaded streams: before that, nobody can ask whether it is one. */
const Base = (loadedPart('package-stream') ?? part('package-events')) as new () => EventEmitter;

/** Node's `ServerResponse`. What it sends goes to the host: in one piece where it can, otherwise as a stream. */
export class ServerResponse extends withOutgoingHeaders(Base) {
  statusCode = 200;
  statusMessage: string | undefined = undefined;
  /** Whether `end` was called. */
  finished = false;
  destroyed = false;
  writable = true;
  sendDate = true;
  chunkedEncoding = false;
  shouldKeepAlive: boolean;
  useChunkedEncodingByDefault: boolean;
  strictContentLength = false;
  readonly socket: Socket;
  readonly #invocation: Invocation;
  readonly #isHead: boolean;
  #head: Head | undefined;
  #isImplicit = false;
  #hasBody = true;
  #queue: ChunkQueue | undefined;
  #needsDrain = false;
  #isFlushed = false;
  #tag: string | undefined;

  constructor(invocation: Invocation, { method, headers, httpVersion }: KubelessRequest, socket: Socket) {
    super();
    this.#invocation = invocation;
    this.#isHead = method === 'HEAD';
    this.socket = socket;
    this.useChunkedEncodingByDefault = httpVersion !== '1.0';
    this.shouldKeepAlive = this.useChunkedEncodingByDefault && !/\bclose\b/i.test(String(headers['connection'] ?? ''));
  }

  get connection(): Socket {
    return this.socket;
  }
  get writableEnded(): boolean {
    return this.finished;
  }
  get writableFinished(): boolean {
    return this.#isFlushed;
  }
  get writableLength(): number {
    return this.#queue?.length ?? 0;
  }
  get writableNeedDrain(): boolean {
    return this.#needsDrain;
  }
  get writableHighWaterMark(): number {
    return highWaterMark;
  }
  get writableObjectMode(): boolean {
    return false;
  }
  get writableCorked(): number {
    return 0;
  }
  get closed(): boolean {
    return this.#isFlushed;
  }
  get errored(): null {
    return null;
  }

  writeHead(status: number, message?: string | HeadersArgument, headers?: HeadersArgument): this {
    const isExplicit = !this.#isImplicit;
    this.statusCode = status;
    for (const [name, value] of headerPairs(typeof message === 'string' ? headers : message))
      this.setHeader(name, value);
    if (this.headersSent) throw headersSent('write');
    // Whatever it is, it is sent as a 32-bit integer.
    const code = Number(status) | 0;
    if (code < 100 || code > 999) {
      throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(status)}`);
    }
    const given = typeof message === 'string' ? message : (this.statusMessage ?? '');
    this.statusCode = code;
    this.statusMessage = given === '' ? (statuses[code] ?? 'unknown') : given;
    if (hasInvalidCharacter(this.statusMessage)) {
      throw nodeError(TypeError, 'ERR_INVALID_CHAR', 'Invalid character in statusMessage');
    }
    this.#hasBody = !this.#isHead && code !== 204 && code !== 304 && code >= 200;
    this[markHeadersSent]();
    this.#head = { status: code, lines: [...this[headerLines](), ...this.#standingHints(given)], isExplicit };
    return this;
  }
  flushHeaders(): void {
    this.#commit();
    this.#stream();
  }

  write(chunk: unknown, encoding?: string | Done | null, callback?: Done): boolean {
    const done = typeof encoding === 'function' ? encoding : callback;
    const piece = toChunk(chunk, encoding);
    if (this.finished || this.destroyed) {
      this.#refuse(writeAfterEnd(), done);
      return false;
    }
    this.#commit();
    const queue = this.#stream();
    if (queue === undefined) {
      // A response without a body takes one, and drops it.
      if (done !== undefined) part('node-process').process.nextTick(() => done());
      return true;
    }
    queue.push(piece, done);
    if (queue.isBlocked) this.#needsDrain = true;
    else if (piece.length >= highWaterMark) this.#drainSoon();
    return !this.#needsDrain;
  }

  end(chunk?: unknown, encoding?: string | Done | null, callback?: Done): this {
    const done = [chunk, encoding, callback].find((value) => typeof value === 'function') as Done | undefined;
    const hasChunk = Boolean(chunk) && typeof chunk !== 'function';
    const body = hasChunk ? toChunk(chunk, encoding) : '';
    if (!this.finished) return this.#finish(body, done);
    if (hasChunk) {
      this.#refuse(writeAfterEnd(), done);
    } else if (!this.#isFlushed) {
      if (done !== undefined) this.on('finish', done);
    } else {
      done?.(nodeError(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished'));
    }
    return this;
  }

  /** Cuts the connection, unless the response is complete. */
  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.writable = false;
    if (!this.finished) fail(this.#invocation, error ?? new Error('the response was destroyed'), [hints.destroy, '1']);
    part('node-process').process.nextTick(() => this.emit('close'));
    return this;
  }

  pipe(): void {
    this.emit('error', nodeError(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable'));
  }

  // There is no socket to act on, and trailers and interim responses are not sent.

  setTimeout(): this {
    return this;
  }
  addTrailers(): void {}
  writeContinue(callback?: () => void): void {
    callback?.();
  }
  writeProcessing(callback?: () => void): void {
    callback?.();
  }
  writeEarlyHints(_hints: object, callback?: () => void): void {
    callback?.();
  }
  assignSocket(): void {}
  detachSocket(): void {}
  cork(): void {}
  uncork(): void {}

  /** Header lines for the answer to a failure of the function. */
  failureLines(): string[] {
    const message = this.#head === undefined ? (this.statusMessage ?? '') : '';
    return [...this[headerLines](), ...this.#standingHints(message)];
  }

  /**
   * Ends the response by `end`, which functions replace at times.
   *
   * @param tag How the host gives it an ETag, and answers 304 if the client has it; see `tagging`.
   */
  protected endTagged(tag: string, body: Chunk = ''): this {
    this.#tag = tag;
    return this.end(body);
  }

  #finish(body: Chunk, done: Done | undefined): this {
    this.#commit();
    const { status, lines, isExplicit } = this.#head!;
    if (done !== undefined) this.once('finish', done);
    this.finished = true;
    this.writable = false;
    if (this.#queue !== undefined) {
      if (body.length > 0) this.#queue.push(body, undefined);
      this.#queue.end(() => this.#finishSoon());
      return this;
    }
    const tag = this.#tag;
    const sent = [...lines];
    if (tag !== undefined) sent.push(hints.etag, tag);
    if (isExplicit && !this.hasHeader('content-length')) sent.push(hints.framing, 'chunked');
    // The ETag is that of the body that a response without one would have had.
    const content = this.#hasBody || tag !== undefined ? body : '';
    respond(this.#invocation, status, sent, typeof content === 'string' ? content.toWellFormed() : content);
    this.#finishSoon();
    return this;
  }

  #commit(): void {
    if (this.headersSent) return;
    this.#isImplicit = true;
    try {
      this.writeHead(this.statusCode);
    } finally {
      this.#isImplicit = false;
    }
  }

  #stream(): ChunkQueue | undefined {
    if (!this.#hasBody) return undefined;
    const { status, lines } = this.#head!;
    this.#queue ??= new ChunkQueue(this.#invocation, status, lines, () => this.#drain());
    return this.#queue;
  }

  #standingHints(message: string): string[] {
    const length = this.getHeader('content-length');
    const lines = length === undefined ? [] : [hints.length, String(length)];
    return message === '' ? lines : [...lines, hints.reason, message];
  }

  #drainSoon(): void {
    this.#needsDrain = true;
    part('node-process').process.nextTick(() => this.#drain());
  }

  #drain(): void {
    if (!this.#needsDrain || this.#queue?.isBlocked === true) return;
    this.#needsDrain = false;
    this.emit('drain');
  }

  #finishSoon(): void {
    part('node-process').process.nextTick(() => {
      this.#isFlushed = true;
      this.emit('finish');
      this.emit('close');
    });
  }

  #refuse(error: Error, done: Done | undefined): void {
    part('node-process').process.nextTick(() => {
      done?.(error);
      if (!this.destroyed) this.emit('error', error);
    });
  }
}

function toChunk(chunk: unknown, encoding: unknown): Chunk {
  if (chunk === null) throw nodeError(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk !== 'string') {
    throw invalidArgument('chunk', 'of type string or an instance of Buffer or Uint8Array', chunk);
  }
  return typeof encoding === 'string' && !/^utf-?8$/i.test(encoding)
    ? part('node-buffer').Buffer.from(chunk, encoding as 'latin1')
    : chunk;
}

function writeAfterEnd(): Error {
  return nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
}
