/** `http.request`, on top of `fetch`: a request is sent when all of it was written, through the host, where the function may send it. */
import { clearTimer, part, setTimeout } from '../../core/facade.ts';
import type { Response } from '../fetch.ts';
import type { URL } from '../url.ts';
import { invalidArgument, nodeError } from '../kubeless/node-error.ts';
import { Socket } from '../kubeless/socket.ts';
import { IncomingMessage, openMessage, type WebBody } from './incoming-message.ts';
import { markHeadersSent } from '../kubeless/outgoing-headers.ts';
import { OutgoingMessage, sentHeaders } from './outgoing-message.ts';
import type { Done } from './streams.ts';

type OnResponse = (response: IncomingMessage) => void;
export interface RequestOptions {
  protocol?: string | null;
  host?: string | null;
  hostname?: string | null;
  port?: number | string | null;
  path?: string | null;
  method?: string;
  auth?: string | null;
  headers?: Readonly<Record<string, string | readonly string[]>> | readonly string[];
  timeout?: number;
  signal?: { readonly aborted: boolean; readonly reason: unknown };
  agent?: unknown;
  defaultProtocol?: string;
}

const decodedByHost = /^(?:x-)?(?:gzip|deflate|br|zstd)(?:\s*,|$)/i;

export class ClientRequest extends OutgoingMessage {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  aborted = false;
  reusedSocket = false;
  maxHeadersCount: number | null = null;
  timeout: number | undefined;
  res: IncomingMessage | undefined;
  agent: unknown;
  readonly #url: string;
  readonly #pieces: Uint8Array[] = [];
  readonly #controller = new (part('events').AbortController)();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    input: string | URL | RequestOptions,
    options?: RequestOptions | OnResponse | null,
    onResponse?: OnResponse,
  ) {
    // It ends with the answer.
    super({ autoDestroy: false });
    const given = { ...fieldsOf(input), ...(typeof options === 'object' ? options : {}) };
    const callback = typeof options === 'function' ? options : onResponse;
    this.method = methodOf(given.method);
    const expected = (given.agent as { protocol?: string } | undefined)?.protocol ?? given.defaultProtocol ?? 'http:';
    this.protocol = given.protocol ?? expected;
    if (this.protocol !== expected) {
      throw nodeError(
        TypeError,
        'ERR_INVALID_PROTOCOL',
        `Protocol "${this.protocol}" not supported. Expected "${expected}"`,
      );
    }
    this.path = pathOf(given.path);
    this.host = hostOf(given);
    this.agent = given.agent;
    this.#url = urlOf(this.protocol, this.host, given.port, this.path);
    this.#setHeaders(given);
    if (callback !== undefined) this.once('response', callback as (...args: never[]) => void);
    if (given.timeout !== undefined) this.setTimeout(given.timeout);
    const { signal } = given;
    if (signal !== undefined) {
      const abort = (): void => void this.destroy(abortError(signal.reason));
      if (signal.aborted) soon(abort);
      else part('events').onAbort(signal as never, abort);
    }
    const socket = new Socket('', 0, () => void this.destroy());
    this.socket = Object.assign(socket, { connecting: false, encrypted: this.protocol === 'https:' });
    soon(() => {
      if (!this.destroyed) this.emit('socket', this.socket);
    });
  }

  /** Ends it, and tells of that by `abort`. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    soon(() => this.emit('abort'));
    this.destroy();
  }

  override setTimeout(timeoutMs = 0, callback?: () => void): this {
    if (callback !== undefined) this.once('timeout', callback);
    this.timeout = timeoutMs;
    this.#clearTimer();
    if (timeoutMs > 0 && !this.destroyed) this.#timer = setTimeout(() => this.emit('timeout'), timeoutMs);
    return this;
  }
  setNoDelay(): void {}
  setSocketKeepAlive(): void {}

  _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#pieces.push(new Uint8Array(chunk));
    done();
  }

  _final(done: Done): void {
    this[markHeadersSent]();
    this.#send().then(
      (response) => this.#received(response),
      (reason: unknown) => {
        if (!this.destroyed) this.destroy(causeOf(reason));
      },
    );
    done();
  }

  _destroy(error: Error | null, done: Done): void {
    this.#clearTimer();
    const { res } = this;
    if (res === undefined) {
      this.#controller.abort();
      done(error ?? nodeError(Error, 'ECONNRESET', 'socket hang up'));
      return;
    }
    if (!res.complete && !res.destroyed) {
      res.aborted = true;
      res.destroy(error ?? nodeError(Error, 'ECONNRESET', 'aborted'));
    }
    done(error);
  }

  #setHeaders({ auth, headers = {} }: RequestOptions): void {
    const pairs = Array.isArray(headers) ? pairsOf(headers as readonly string[]) : Object.entries(headers);
    for (const [name, value] of pairs) this.appendHeader(name, value as string);
    if (typeof auth === 'string' && !this.hasHeader('authorization')) {
      const credentials = part('node-buffer').Buffer.from(auth, 'utf8') as { toString(encoding: string): string };
      this.setHeader('Authorization', `Basic ${credentials.toString('base64')}`);
    }
  }

  #send(): Promise<Response> {
    const hasBody = this.#pieces.length > 0 && this.method !== 'GET' && this.method !== 'HEAD';
    return part('fetch-client').fetch(this.#url, {
      method: this.method,
      headers: sentHeaders(this).filter(([name]) => name !== 'host' && name !== 'content-length' && name !== 'expect'),
      body: hasBody ? (part('node-buffer').Buffer.concat(this.#pieces as never) as never) : null,
      redirect: 'manual',
      signal: this.#controller.signal as never,
    });
  }

  #received(response: Response): void {
    if (this.destroyed) return;
    this.#clearTimer();
    const message = new IncomingMessage(this.socket ?? undefined);
    const encoding = response.headers.get('content-encoding') ?? '';
    const isDecoded = this.method !== 'HEAD' && decodedByHost.test(encoding.trim());
    const lines = ([...response.headers] as [string, string][]).filter(
      ([name]) => !isDecoded || (name !== 'content-encoding' && name !== 'content-length'),
    );
    openMessage(message, lines, response.body as WebBody | null);
    Object.assign(message, { req: this, statusCode: response.status, statusMessage: response.statusText });
    this.res = message;
    message.once('close', () => void this.destroy());
    // Nobody would read it otherwise.
    if (!this.emit('response', message)) (message as unknown as { resume(): void }).resume();
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) clearTimer(this.#timer);
    this.#timer = undefined;
  }
}

function fieldsOf(input: string | URL | RequestOptions): RequestOptions {
  const { URL: Url } = part('url');
  if (typeof input !== 'string' && !(input instanceof Url)) return input;
  const { hostname, password, pathname, port, protocol, search, username } = new Url(String(input));
  const auth = username === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` };
  return { protocol, hostname, port, path: `${pathname}${search}`, ...auth };
}

function methodOf(method: unknown): string {
  if (method === undefined || method === null) return 'GET';
  if (typeof method !== 'string') throw invalidArgument('options.method', 'of type string', method);
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) return method.toUpperCase();
  throw nodeError(TypeError, 'ERR_INVALID_HTTP_TOKEN', `Method must be a valid HTTP token ["${method}"]`);
}

function pathOf(path: string | null | undefined): string {
  const text = path === undefined || path === null || path === '' ? '/' : String(path);
  if (/[^\u0021-\u00ff]/.test(text)) {
    throw nodeError(TypeError, 'ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters');
  }
  return text;
}

function hostOf({ host, hostname }: RequestOptions): string {
  const name = hostname ?? host ?? 'localhost';
  if (typeof name !== 'string')
    throw invalidArgument('options.hostname', 'of type string or one of undefined or null', name);
  return /^[\da-f.]*:[\da-f:.]*$/i.test(name) ? `[${name}]` : name;
}

/** The path is kept apart from the host, whatever it begins with. */
function urlOf(protocol: string, host: string, port: number | string | null | undefined, path: string): string {
  const { URL: Url } = part('url');
  const isDefault = port === undefined || port === null || port === '';
  const origin = new Url(`${protocol}//${host}${isDefault ? '' : `:${port}`}`);
  if (origin.pathname !== '/' || origin.search !== '' || origin.username !== '') {
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.host' is no name of a host: ${host}`);
  }
  if (!path.startsWith('/')) {
    const url = new Url(path, `${origin.origin}/`);
    if (url.origin === origin.origin && url.username === '') return url.href;
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.path' names another host: ${path}`);
  }
  return `${origin.origin}${path}`;
}

function pairsOf(list: readonly string[]): (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < list.length; index += 2) pairs.push([list[index]!, list[index + 1]!]);
  return pairs;
}

/** What `fetch` failed with says only that it failed; its cause says why. */
function causeOf(reason: unknown): Error {
  const { cause } = reason as { cause?: unknown };
  return cause instanceof Error ? cause : (reason as Error);
}

function abortError(cause: unknown): Error {
  return Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError', code: 'ABORT_ERR' });
}

function soon(callback: () => void): void {
  part('node-process').process.nextTick(callback);
}
