import { stringifySetCookie } from 'cookie';
import {
  beginStream,
  endStream,
  type EventEmitter,
  type Invocation,
  part,
  respond,
  type Waiting,
  writeChunk,
} from '../../core/facade.ts';
import { expandType, withCharset } from './media-type.ts';
import type { ShimRequest } from './request.ts';

type HeaderValue = string | number | readonly string[];
type Chunk = string | Uint8Array;
type Done = (error?: Error) => void;

export interface CookieOptions {
  readonly [name: string]: unknown;
  readonly expires?: Date;
  /** Milliseconds. */
  readonly maxAge?: number;
  readonly path?: string;
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const statusTexts: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The part of Express' response that functions use; a writable stream as far as `pipe` needs one. */
export class ShimResponse extends (part('node-events') as new () => EventEmitter) {
  statusCode = 200;
  statusMessage = '';
  headersSent = false;
  /** Whether `end` was called. */
  finished = false;
  writable = true;
  readonly locals = {};
  readonly req: ShimRequest;
  readonly #invocation: Invocation;
  /** By lower-case name: the name as it was set, and its value. */
  readonly #headers = new Map<string, [name: string, value: HeaderValue]>();
  /** Chunks that wait for the client to take those before them. */
  readonly #queue: { readonly chunk: Chunk; readonly done: Done | undefined }[] = [];
  #isWaiting = false;
  #needsDrain = false;

  constructor(invocation: Invocation, request: ShimRequest) {
    super();
    this.#invocation = invocation;
    this.req = request;
  }

  get writableEnded(): boolean {
    return this.finished;
  }
  get writableFinished(): boolean {
    return this.finished && this.#queue.length === 0;
  }

  // Node's ServerResponse

  setHeader(name: string, value: HeaderValue): this {
    this.#assertUnsent('set');
    if (typeof name !== 'string' || !headerName.test(name)) {
      throw nodeError(
        TypeError,
        'ERR_INVALID_HTTP_TOKEN',
        `Header name must be a valid HTTP token ["${String(name)}"]`,
      );
    }
    if (value === undefined || value === null) {
      throw nodeError(
        TypeError,
        'ERR_HTTP_INVALID_HEADER_VALUE',
        `Invalid value "${String(value)}" for header "${name}"`,
      );
    }
    for (const text of [value].flat()) {
      if (/[^\t\x20-\x7e\x80-\xff]/.test(String(text))) {
        throw nodeError(TypeError, 'ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
      }
    }
    this.#headers.set(name.toLowerCase(), [name, value]);
    return this;
  }
  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name.toLowerCase())?.[1];
  }
  getHeaders(): Record<string, HeaderValue> {
    return Object.fromEntries(Array.from(this.#headers, ([key, [, value]]) => [key, value]));
  }
  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }
  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }
  removeHeader(name: string): void {
    this.#assertUnsent('remove');
    this.#headers.delete(name.toLowerCase());
  }
  flushHeaders(): void {
    this.#sendHead();
  }
  writeHead(
    status: number,
    message?: string | Record<string, HeaderValue>,
    headers?: Record<string, HeaderValue>,
  ): this {
    this.#assertUnsent('write');
    this.statusCode = status;
    const given = typeof message === 'object' ? message : headers;
    if (typeof message === 'string') this.statusMessage = message;
    for (const [name, value] of Object.entries(given ?? {})) this.setHeader(name, value);
    return this;
  }
  writeContinue(): void {}
  setTimeout(): this {
    return this;
  }
  cork(): void {}
  uncork(): void {}
  destroy(error?: Error): this {
    if (error !== undefined) this.emit('error', error);
    this.emit('close');
    return this;
  }

  write(chunk: Chunk, encoding?: string | Done, callback?: Done): boolean {
    const done = typeof encoding === 'function' ? encoding : callback;
    if (this.finished) {
      const error = nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
      part('node-process').process.nextTick(() => {
        this.emit('error', error);
        done?.(error);
      });
      return false;
    }
    this.#sendHead();
    this.#enqueue(toChunk(chunk, encoding), done);
    this.#needsDrain ||= this.#isWaiting;
    return !this.#isWaiting;
  }

  end(chunk?: Chunk | Done, encoding?: string | Done, callback?: Done): this {
    const done = [chunk, encoding, callback].find((value) => typeof value === 'function');
    if (this.finished) return this;
    const body = chunk === undefined || chunk === null || typeof chunk === 'function' ? '' : toChunk(chunk, encoding);
    this.finished = true;
    this.writable = false;
    const finish = (): void => {
      part('node-process').process.nextTick(() => {
        this.emit('finish');
        done?.();
        this.emit('close');
      });
    };
    if (this.headersSent) {
      this.#enqueue(body, finish);
    } else {
      this.headersSent = true;
      respond(
        this.#invocation,
        this.#status(),
        this.headerLines(),
        typeof body === 'string' ? body.toWellFormed() : body,
      );
      finish();
    }
    return this;
  }

  // Express' response

  status(code: number): this {
    this.statusCode = code;
    return this;
  }
  sendStatus(code: number): this {
    this.statusCode = code;
    this.type('txt');
    return this.send(statusTexts[code] ?? String(code));
  }
  set(name: string | Record<string, HeaderValue>, value?: HeaderValue): this {
    if (typeof name === 'object') {
      for (const [key, item] of Object.entries(name)) this.set(key, item);
      return this;
    }
    const text = Array.isArray(value) ? value.map(String) : String(value);
    if (name.toLowerCase() !== 'content-type') return this.setHeader(name, text);
    if (Array.isArray(text)) throw new TypeError('Content-Type cannot be set to an Array');
    return this.setHeader(name, withCharset(text));
  }
  header(name: string | Record<string, HeaderValue>, value?: HeaderValue): this {
    return this.set(name, value);
  }
  get(name: string): HeaderValue | undefined {
    return this.getHeader(name);
  }
  append(name: string, value: string | readonly string[]): this {
    const earlier = this.getHeader(name);
    return this.set(name, earlier === undefined ? value : [earlier, value].flat().map(String));
  }
  type(type: string): this {
    return this.set('Content-Type', expandType(type));
  }
  contentType(type: string): this {
    return this.type(type);
  }
  vary(field: string | readonly string[]): this {
    const fields = [this.getHeader('Vary') ?? [], field].flat().map(String);
    return this.setHeader('Vary', [...new Set(fields.flatMap((text) => text.split(/\s*,\s*/)))].join(', '));
  }
  links(links: Readonly<Record<string, string>>): this {
    const earlier = this.getHeader('Link');
    const added = Object.entries(links).map(([relation, url]) => `<${url}>; rel="${relation}"`);
    return this.set('Link', [...(earlier === undefined ? [] : [String(earlier)]), ...added].join(', '));
  }
  attachment(fileName?: string): this {
    if (fileName === undefined) return this.set('Content-Disposition', 'attachment');
    const dot = fileName.lastIndexOf('.');
    if (dot !== -1) this.type(fileName.slice(dot + 1));
    return this.set('Content-Disposition', `attachment; filename="${fileName.replace(/["\\\r\n]/g, '_')}"`);
  }
  location(url: string): this {
    const target = url === 'back' ? (this.req.headers['referrer'] ?? this.req.headers['referer'] ?? '/') : url;
    return this.set('Location', encodeUrl(target));
  }
  redirect(status: number | string, url?: number | string): this {
    const [code, target] =
      typeof status === 'number' ? [status, String(url)] : typeof url === 'number' ? [url, status] : [302, status];
    this.location(target);
    const address = String(this.getHeader('Location'));
    const name = statusTexts[code] ?? String(code);
    const accept = this.req.headers['accept'] ?? '*/*';
    this.vary('Accept');
    let body = '';
    if (/text\/plain|text\/\*|\*\/\*/.test(accept) && !/^\s*text\/html/.test(accept)) {
      this.type('txt');
      body = `${name}. Redirecting to ${address}`;
    } else if (accept.includes('text/html')) {
      this.type('html');
      const escaped = escapeHtml(address);
      body = `<p>${name}. Redirecting to <a href="${escaped}">${escaped}</a></p>`;
    }
    this.statusCode = code;
    return this.end(body);
  }
  cookie(name: string, value: unknown, options: CookieOptions = {}): this {
    if (options['signed'] === true) throw new Error('signed cookies need a secret, which functions do not have here');
    const { maxAge, ...rest } = options;
    const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value);
    const age =
      maxAge === undefined ? {} : { expires: new Date(Date.now() + maxAge), maxAge: Math.floor(maxAge / 1_000) };
    return this.append('Set-Cookie', stringifySetCookie({ path: '/', ...rest, ...age, name, value: text } as never));
  }
  clearCookie(name: string, options: CookieOptions = {}): this {
    return this.cookie(name, '', { path: '/', ...options, expires: new Date(1) });
  }
  json(value: unknown, deprecated?: unknown): this {
    let body = value;
    if (deprecated !== undefined) {
      // The old forms json(body, status) and json(status, body).
      if (typeof deprecated === 'number') {
        this.statusCode = deprecated;
      } else {
        this.statusCode = Number(value);
        body = deprecated;
      }
    }
    const text = JSON.stringify(body) as string | undefined;
    if (!this.hasHeader('Content-Type')) this.set('Content-Type', 'application/json');
    return this.#sendWhole(text ?? '');
  }
  jsonp(value: unknown): this {
    return this.json(value);
  }
  send(body?: unknown): this {
    switch (typeof body) {
      case 'string':
        if (!this.hasHeader('Content-Type')) this.type('html');
        else this.set('Content-Type', this.getHeader('Content-Type')!);
        return this.#sendWhole(body);
      case 'number':
        // The old form send(status).
        if (!this.hasHeader('Content-Type')) this.type('txt');
        this.statusCode = body;
        return this.#sendWhole(statusTexts[body] ?? String(body));
      case 'boolean':
        return this.json(body);
      case 'object':
        if (body === null) return this.#sendWhole('');
        if (body instanceof Uint8Array) {
          if (!this.hasHeader('Content-Type')) this.type('bin');
          return this.#sendWhole(body);
        }
        return this.json(body);
      default:
        return this.#sendWhole('');
    }
  }

  /** Header lines as they are sent; of an array, one line per item. */
  headerLines(): string[] {
    const lines: string[] = [];
    for (const [key, [, value]] of this.#headers) {
      for (const text of [value].flat()) lines.push(key, String(text));
    }
    return lines;
  }

  /** A body in one piece, with the ETag that Express gives to such. */
  #sendWhole(body: Chunk): this {
    if (this.statusCode === 204 || this.statusCode === 304) {
      this.removeHeader('Content-Type');
      this.removeHeader('Content-Length');
      return this.end();
    }
    this.setHeader('x-isohost-etag', 'weak');
    return this.end(body);
  }

  #sendHead(): void {
    if (this.headersSent) return;
    this.headersSent = true;
    beginStream(this.#invocation, this.#status(), this.headerLines());
  }

  #status(): number {
    const status = Number(this.statusCode);
    if (!Number.isInteger(status) || status < 100 || status > 999) {
      throw nodeError(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(this.statusCode)}`);
    }
    return status;
  }

  #enqueue(chunk: Chunk, done: Done | undefined): void {
    this.#queue.push({ chunk, done });
    if (!this.#isWaiting) this.#flush();
  }

  #flush(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { chunk, done } = next;
      const waiting: Waiting = chunk.length === 0 ? undefined : writeChunk(this.#invocation, chunk);
      if (waiting !== undefined) {
        this.#isWaiting = true;
        void waiting.then(() => {
          this.#isWaiting = false;
          done?.();
          this.#flush();
        });
        return;
      }
      done?.();
    }
    if (this.finished) {
      endStream(this.#invocation);
    } else if (this.#needsDrain) {
      this.#needsDrain = false;
      this.emit('drain');
    }
  }

  #assertUnsent(verb: string): void {
    if (!this.headersSent) return;
    throw nodeError(Error, 'ERR_HTTP_HEADERS_SENT', `Cannot ${verb} headers after they are sent to the client`);
  }
}

function toChunk(chunk: unknown, encoding: unknown): Chunk {
  if (typeof chunk === 'string') {
    return typeof encoding === 'string' && !/^utf-?8$/i.test(encoding)
      ? part('node-buffer').Buffer.from(chunk, encoding as 'latin1')
      : chunk;
  }
  if (chunk instanceof Uint8Array) return chunk;
  throw nodeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ${typeof chunk}`,
  );
}

function nodeError(Type: ErrorConstructor, code: string, message: string): Error {
  return Object.assign(new Type(message), { code });
}

/** Percent-encodes what a URL cannot hold, and leaves escapes alone. */
function encodeUrl(url: string): string {
  return url
    .toWellFormed()
    .replace(/[^\x21\x23-\x3b\x3d\x3f-\x5f\x61-\x7a\x7c\x7e]/gu, (character) => encodeURIComponent(character))
    .replace(/%(?![0-9A-Fa-f]{2})/g, '%25');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
