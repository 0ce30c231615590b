/**
 * `http.Server`: there is no port to listen at, so its requests are those of the function. One that listens serves the function, unless that
 * exports a handler; one that is exported serves it, too.
 */
import { type EventEmitter, part } from '../../core/facade.ts';
import type { Request, Response } from '../fetch.ts';
import { nodeError } from '../kubeless/node-error.ts';
import { Socket } from '../kubeless/socket.ts';
import { assertFunction } from '../shared/node-error.ts';
import { IncomingMessage, openMessage, type WebBody } from './incoming-message.ts';
import { responseOf, ServerResponse } from './server-response.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
interface ServerOptions {
  IncomingMessage?: typeof IncomingMessage;
  ServerResponse?: typeof ServerResponse;
}

const Emitter = part('package-events') as new () => EventEmitter;
const firstFreePort = 49_152;
/** By port, in the order in which they began to listen. */
const listening = new Map<number, Server>();

export class Server extends Emitter {
  timeout = 0;
  keepAliveTimeout = 5_000;
  headersTimeout = 60_000;
  requestTimeout = 300_000;
  maxHeadersCount: number | null = null;
  maxRequestsPerSocket = 0;
  readonly #classes: Required<ServerOptions>;
  #port: number | undefined;

  constructor(options?: ServerOptions | Listener | null, listener?: Listener) {
    super();
    const given = typeof options === 'function' ? {} : (options ?? {});
    this.#classes = {
      IncomingMessage: given.IncomingMessage ?? IncomingMessage,
      ServerResponse: given.ServerResponse ?? ServerResponse,
    };
    const onRequest = typeof options === 'function' ? options : listener;
    if (onRequest === undefined) return;
    assertFunction('requestListener', onRequest);
    this.on('request', onRequest as (...args: never[]) => void);
  }

  get listening(): boolean {
    return this.#port !== undefined;
  }

  listen(...args: unknown[]): this {
    if (this.#port !== undefined) {
      throw nodeError(
        Error,
        'ERR_SERVER_ALREADY_LISTEN',
        'Listen method has been called more than once without closing.',
      );
    }
    const callback = args.find((value) => typeof value === 'function');
    if (callback !== undefined) this.once('listening', callback as () => void);
    const port = portOf(args[0]);
    if (listening.has(port)) {
      const error = nodeError(Error, 'EADDRINUSE', `listen EADDRINUSE: address already in use :::${port}`);
      soon(() => this.emit('error', Object.assign(error, { syscall: 'listen', port })));
      return this;
    }
    this.#port = port;
    listening.set(port, this);
    soon(() => this.emit('listening'));
    return this;
  }

  address(): { address: string; family: string; port: number } | null {
    return this.#port === undefined ? null : { address: '127.0.0.1', family: 'IPv4', port: this.#port };
  }

  close(callback?: (error?: Error) => void): this {
    const wasListening = this.#port !== undefined;
    if (this.#port !== undefined) listening.delete(this.#port);
    this.#port = undefined;
    const error = wasListening ? undefined : nodeError(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.');
    soon(() => {
      callback?.(error);
      if (wasListening) this.emit('close');
    });
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.listening) await new Promise<void>((resolve) => void this.close(() => resolve()));
  }

  // Connections are the host's.

  closeAllConnections(): void {}
  closeIdleConnections(): void {}
  getConnections(callback?: (error: null, count: number) => void): this {
    soon(() => callback?.(null, 0));
    return this;
  }
  setTimeout(timeout?: unknown): this {
    if (typeof timeout === 'number') this.timeout = timeout;
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  /** Makes an exported server one that the function serves by. What goes with the request is its `isohost`. */
  async fetch(request: Request, env?: object, ctx?: object): Promise<Response> {
    const { IncomingMessage: Incoming, ServerResponse: Outgoing } = this.#classes;
    const { pathname, protocol, search, host } = new (part('url').URL)(request.url);
    const socket = new Socket(part('fetch').clientAddress(request), 0, () => response.destroy());
    const incoming = new Incoming(Object.assign(socket, { encrypted: protocol === 'https:' }));
    const response = new Outgoing(incoming);
    openMessage(incoming, headersOf(request, host), request.body as WebBody | null);
    Object.assign(incoming, { method: request.method, url: `${pathname}${search}`, isohost: { env, ctx } });
    response.once('close', () => void incoming.destroy());
    if (!this.emit('request', incoming, response)) throw new TypeError('the server has no listener for "request"');
    return responseOf(response);
  }
}

export function createServer(options?: ServerOptions | Listener, listener?: Listener): Server {
  return new Server(options, listener);
}

/** The server that was first to listen, of those that do. */
export function listeningServer(): Server | undefined {
  const [server] = listening.values();
  return server;
}

/** The server of an application that makes one when it is to listen: of Express, Koa, Fastify and the like. */
export function serverOf(app: { listen(options: object): unknown }): () => Promise<Server> {
  const before = new Set(listening.values());
  const find = (): Server | undefined => [...listening.values()].find((server) => !before.has(server));
  const listened = app.listen({ port: 0, host: '0.0.0.0' });
  return async () => {
    if (find() === undefined) await listened;
    const server = find();
    if (server !== undefined) return server;
    throw new TypeError('listen() of what the function exports did not make a server of node:http listen');
  };
}

/** With those by which Node's frameworks know the host, and that there is a body. */
function headersOf({ body, headers }: Request, host: string): [name: string, value: string][] {
  const lines = [...headers] as [string, string][];
  if (!headers.has('host')) lines.unshift(['host', host]);
  const isFramed = headers.has('content-length') || headers.has('transfer-encoding');
  if (body !== null && !isFramed) lines.push(['transfer-encoding', 'chunked']);
  return lines;
}

function portOf(value: unknown): number {
  const given = typeof value === 'object' && value !== null ? (value as { port?: unknown }).port : value;
  const port = typeof given === 'number' || typeof given === 'string' ? Number(given) : 0;
  // A name is that of a Unix socket.
  if (Number.isNaN(port) || port === 0) {
    let free = firstFreePort;
    while (listening.has(free)) free += 1;
    return free;
  }
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw nodeError(
    RangeError,
    'ERR_SOCKET_BAD_PORT',
    `options.port should be >= 0 and < 65536. Received ${String(given)}.`,
  );
}

function soon(callback: () => void): void {
  part('node-process').process.nextTick(callback);
}
