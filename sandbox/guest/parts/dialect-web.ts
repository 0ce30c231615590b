/**
 * The web dialect: `export default { fetch(request, env, ctx) }`, `export default (request, env, ctx) => Response`, an object with
 * a `fetch` method (a Hono app, for example), functions exported under the names of HTTP methods, an application that can listen (of
 * Express, Koa, Fastify), or a server of `node:http` that listens.
 */
import { bodyKind } from '../../wire.ts';
import {
  beginStream,
  callSync,
  endStream,
  fail,
  follow,
  freeBytes,
  type Invocation,
  loadedPart,
  part,
  readFrame,
  respond,
  respondWithHeld,
  settings,
  waitUntil,
  writeChunk,
} from '../core/facade.ts';
import { defineLazy } from './shared/lazy-property.ts';
import type { Serve } from '../core/index.ts';
import type { GuestReadableStream, Request } from './fetch.ts';

type Handler = (request: Request, env: object, context: ExecutionContext) => unknown;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

interface Budget {
  readonly cpuTimeMs: number;
  readonly wallTimeMs: number;
  readonly memoryBytes: number;
  readonly subrequests: number;
}

/** Lets a function work on after its answer, as on Workers. */
class ExecutionContext {
  readonly #invocation: Invocation;
  readonly props = {};

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  /** What is left of the limits, at this moment. */
  get budget(): Budget {
    void this.#invocation;
    const [cpuTimeMs, wallTimeMs, subrequests] = readFrame(callSync('budget', '') as string);
    return {
      cpuTimeMs: Number(cpuTimeMs),
      wallTimeMs: Number(wallTimeMs),
      memoryBytes: freeBytes(),
      subrequests: Number(subrequests),
    };
  }

  /** Keeps the invocation alive until the promise settles; after the answer it has limits of its own. */
  waitUntil(promise: unknown): void {
    waitUntil(this.#invocation, promise);
  }

  /** There is no origin to pass to: an error is answered as an error. Kept for code written for Workers. */
  passThroughOnException(): void {}
}

export function preload(): void {
  part('fetch');
}

export function createServe(exported: unknown): Serve {
  const { name, env: granted, kv } = settings();
  const handler = findHandler(exported, name);
  const env = { ...granted };
  for (const binding of kv) defineLazy(env, binding, () => new (part('storage').KVNamespace)(binding));
  return (invocation, fields) => {
    const { requestFromWire } = part('fetch');
    let result: unknown;
    try {
      result = handler(requestFromWire(fields), env, new ExecutionContext(invocation));
    } catch (thrown) {
      fail(invocation, thrown);
      return;
    }
    follow(
      result,
      (value) => answer(invocation, value, name, fields[4] === bodyKind.socket ? fields[5]! : undefined),
      (reason) => fail(invocation, reason),
    );
  };
}

/** @param messages The number of the body that a client's WebSocket messages are read from, if it asks for a WebSocket. */
function answer(invocation: Invocation, value: unknown, name: string, messages: string | undefined): void {
  const parts = part('fetch').responseParts(value);
  if (parts === undefined) {
    fail(
      invocation,
      new TypeError(`${name} answered ${nameType(value)} instead of a Response; return new Response(...)`),
    );
    return;
  }
  const { status, headers, body, webSocket } = parts;
  if (webSocket !== undefined) {
    part('web-socket').serveSocket(invocation, messages, headers, webSocket);
    return;
  }
  if (body === undefined) {
    respond(invocation, status, headers, '');
    return;
  }
  if (body.used || body.stream?.locked === true) {
    fail(invocation, new TypeError(`${name} answered with a Response whose body was already read or is locked`));
    return;
  }
  const held = part('fetch').takeHeldBody(body);
  if (held !== undefined) {
    respondWithHeld(invocation, status, headers, held.id);
  } else if (body.stream !== undefined) {
    beginStream(invocation, status, headers);
    void pump(invocation, body.stream);
  } else if (typeof body.source === 'string' || body.source instanceof Uint8Array) {
    respond(invocation, status, headers, body.source);
  } else {
    part('fetch')
      .bodyBytes(body)
      .then(
        (bytes) => respond(invocation, status, headers, bytes),
        (reason: unknown) => fail(invocation, reason),
      );
  }
}

async function pump(invocation: Invocation, stream: GuestReadableStream): Promise<void> {
  try {
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!(value instanceof Uint8Array)) {
        const error = new TypeError(
          'a streamed response takes Uint8Array chunks; encode text with TextEncoder or TextEncoderStream',
        );
        void reader.cancel(error).catch(() => {});
        throw error;
      }
      const wait = writeChunk(invocation, value);
      if (wait !== undefined) await wait;
    }
    endStream(invocation);
  } catch (thrown) {
    fail(invocation, thrown);
  }
}

function findHandler(exported: unknown, name: string): Handler {
  const candidates = isObject(exported) && 'default' in exported ? [exported.default, exported] : [exported];
  for (const candidate of candidates) {
    const handler = callableOf(candidate);
    if (handler !== undefined) return handler;
  }
  const listening = loadedPart('node-http-objects');
  if (listening?.listeningServer() !== undefined) return (...args) => listening.listeningServer()!.fetch(...args);
  throw new TypeError(
    `${name} exports no handler; use "export default { fetch(request) {...} }", "export default (request) => new Response(...)" ` +
      `or functions named after HTTP methods (GET, POST, ...)${describeExports(exported)}`,
  );
}

function callableOf(candidate: unknown): Handler | undefined {
  if (typeof candidate === 'function' && !canListen(candidate)) return candidate as Handler;
  if (typeof candidate !== 'function' && !isObject(candidate)) return undefined;
  return handlerOf(candidate as Record<string, unknown>);
}

function handlerOf(candidate: Record<string, unknown>): Handler | undefined {
  if (typeof candidate['fetch'] === 'function') {
    return (request, env, context) => (candidate['fetch'] as Handler).call(candidate, request, env, context);
  }
  if (canListen(candidate)) return byListening(candidate);
  return methods.some((method) => typeof candidate[method] === 'function') ? byMethod(candidate) : undefined;
}

/** Applications of Node's frameworks are objects, or functions that are no handlers as the Web has them. */
function canListen(candidate: object): candidate is { listen(options: object): unknown } {
  return typeof (candidate as { listen?: unknown }).listen === 'function';
}

function byListening(app: { listen(options: object): unknown }): Handler {
  const server = part('node-http-objects').serverOf(app);
  return async (...args) => (await server()).fetch(...args);
}

function byMethod(handlers: Record<string, unknown>): Handler {
  const allowed = methods.filter(
    (method) => typeof handlers[method] === 'function' || (method === 'HEAD' && typeof handlers['GET'] === 'function'),
  );
  if (!allowed.includes('OPTIONS')) allowed.push('OPTIONS');
  return (request, env, context) => {
    const { method } = request;
    const own = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    const handler = own ?? (method === 'HEAD' ? handlers['GET'] : undefined);
    if (typeof handler === 'function' && (methods as readonly string[]).includes(method)) {
      return (handler as Handler).call(handlers, request, env, context);
    }
    const { Response } = part('fetch');
    const headers = { allow: allowed.join(', ') };
    return method === 'OPTIONS'
      ? new Response(null, { status: 204, headers })
      : new Response(`Method ${method} is not allowed here`, { status: 405, headers });
  };
}

function describeExports(exported: unknown): string {
  if (!isObject(exported)) return `; it exports ${nameType(exported)}`;
  const names = Object.keys(exported);
  return names.length === 0 ? '; it exports nothing' : `; it exports ${names.slice(0, 10).join(', ')}`;
}

function nameType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return `an object (${tag})`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
