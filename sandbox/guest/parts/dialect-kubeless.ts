/**
 * The Kubeless dialect: `module.exports = { name(event, context) {} }`, with the event, context, body parsing and mapping of return
 * values of the Kubeless Node.js runtime.
 */
import { bodyKind, decodeFrame, maxHeaderLines } from '../../wire.ts';
import { dialectGlobals } from '../manifest.ts';
import {
  callAsync,
  fail,
  follow,
  holdInvocation,
  installGlobal,
  installLazyGlobal,
  type Invocation,
  part,
  respond,
  settings,
} from '../core/facade.ts';
import type { Serve } from '../core/index.ts';
import type { Exchange, KubelessRequest } from './kubeless-http.ts';
import { bytesOfLatin1 } from './shared/latin1.ts';

type Handler = (event: object, context: object) => unknown;

const jsonType = 'application/json; charset=utf-8';

/** What functions of this dialect find beside the web platform. */
export function prepareRealm(): void {
  installGlobal('global', globalThis);
  for (const [name, provider] of Object.entries(dialectGlobals['dialect-kubeless']!)) installLazyGlobal(name, provider);
}

export function createServe(exported: unknown): Serve {
  const { handler: name, timeout, runtime, memoryLimit } = settings().dialectSettings;
  const handler = findHandler(exported, String(name));
  const context = {
    'function-name': name,
    timeout,
    runtime: runtime ?? undefined,
    'memory-limit': memoryLimit ?? undefined,
  };
  return (invocation, fields) => {
    const request = readRequest(fields);
    if (fields[4] !== bodyKind.held) {
      serve(invocation, handler, context, request, fields[4] === bodyKind.none ? undefined : bodyOf(fields));
      return;
    }
    callAsync('body', 'best').then(
      (body) => serve(invocation, handler, context, request, body),
      (reason: unknown) => fail(invocation, reason),
    );
  };
}

function serve(
  invocation: Invocation,
  handler: Handler,
  context: object,
  request: KubelessRequest,
  body: string | Uint8Array | undefined,
): void {
  let exchange: Exchange | undefined;
  const openExchange = (): Exchange => {
    exchange ??= part('kubeless-http').createExchange(invocation, request, body);
    return exchange;
  };
  // A function that has ended the response may go on until its promise settles.
  const release = holdInvocation(invocation);
  const failed = (reason: unknown): void => {
    fail(invocation, reason, exchange?.headers());
    release();
  };
  try {
    const { headers } = request;
    const event = {
      'event-type': headers['event-type'],
      'event-id': headers['event-id'],
      'event-time': headers['event-time'],
      'event-namespace': headers['event-namespace'],
      data: readData(request, body),
      extensions: lazily({ request: () => openExchange().request, response: () => openExchange().response }),
    };
    follow(
      handler(event, context),
      (value) => {
        try {
          finalize(invocation, exchange, value);
          release();
        } catch (thrown) {
          failed(thrown);
        }
      },
      failed,
    );
  } catch (thrown) {
    failed(thrown);
  }
}

/** https://github.com/vmware-archive/kubeless: what is exported decides what is called. */
function findHandler(exported: unknown, name: string): Handler {
  const { name: functionName } = settings();
  const candidate =
    typeof exported === 'function'
      ? exported
      : typeof exported === 'object' && exported !== null
        ? own(exported, name)
        : undefined;
  if (typeof candidate === 'function') return candidate as Handler;
  throw new TypeError(
    `${functionName} exports no function "${name}"; use "module.exports = { ${name}(event, context) {} }", ` +
      'or name another export as the handler',
  );
}

/** Inherited exports count; what every object has does not. */
function own(exported: object, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(exported, name)
    ? undefined
    : (exported as Record<string, unknown>)[name];
}

function readData({ headers }: KubelessRequest, body: string | Uint8Array | undefined): unknown {
  const type = mediaType(headers['content-type']);
  if (body === undefined || type.startsWith('multipart/')) return {};
  if (body.length === 0) return part('node-buffer').Buffer.alloc(0);
  const text = typeof body === 'string' ? body : part('encoding').decodeUtf8WithMark(body);
  return type === 'application/json' ? (JSON.parse(text) as unknown) : text;
}

function mediaType(contentType: string | readonly string[] | undefined): string {
  return typeof contentType === 'string' ? contentType.split(';', 1)[0]!.trim().toLowerCase() : '';
}

/** Sends what the function returned, unless it has answered by `event.extensions.response` already. */
function finalize(invocation: Invocation, exchange: Exchange | undefined, value: unknown): void {
  if (exchange !== undefined) {
    exchange.finalize(value);
    return;
  }
  switch (typeof value) {
    case 'string':
      respond(invocation, 200, [], value.toWellFormed());
      break;
    case 'object':
      respond(invocation, 200, ['content-type', jsonType, 'x-isohost-etag', 'weak'], JSON.stringify(value) ?? '');
      break;
    case 'undefined':
      respond(invocation, 200, [], '');
      break;
    default:
      // A function or a symbol has no JSON form, a BigInt throws.
      respond(invocation, 200, [], JSON.stringify(value) ?? '');
  }
}

function readRequest(fields: readonly string[]): KubelessRequest {
  const lines = decodeFrame(fields[3]!, maxHeaderLines * 2) ?? [];
  return {
    method: fields[1]!,
    url: fields[2]!,
    headers: joinHeaders(lines),
    rawHeaders: lines,
    remoteAddress: fields[6]!,
  };
}

function bodyOf(fields: readonly string[]): string | Uint8Array {
  return fields[4] === bodyKind.latin1 ? bytesOfLatin1(fields[5]!) : fields[5]!;
}

/** Names that Node keeps the first line of. */
const singleHeaders = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/** Header lines as Node joins them. */
function joinHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!;
    const value = lines[index + 1]!;
    if (!Object.hasOwn(headers, name)) define(headers, name, value);
    else if (!singleHeaders.has(name)) headers[name] += (name === 'cookie' ? '; ' : ', ') + value;
  }
  return headers;
}

function define(object: object, name: string, value: string): void {
  Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value });
}

function lazily(getters: Readonly<Record<string, () => unknown>>): object {
  const object = {};
  for (const [name, read] of Object.entries(getters)) {
    Object.defineProperty(object, name, { configurable: true, enumerable: true, get: read });
  }
  return object;
}
