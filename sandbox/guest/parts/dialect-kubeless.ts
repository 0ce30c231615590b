/**
 * The Kubeless dialect: `module.exports = { name(event, context) {} }`, with the event, context, body parsing and mapping of return
 * values of the Kubeless Node.js runtime.
 */
import { bodyKind, hints, pseudoHeaders, tagging } from '../../wire.ts';
import { dialectGlobals } from '../manifest.ts';
import {
  callAsync,
  encodeFrame,
  fail,
  follow,
  holdInvocation,
  installGlobal,
  installLazyGlobal,
  type Invocation,
  isExpected,
  part,
  readFrame,
  respond,
  settings,
} from '../core/facade.ts';
import type { Serve } from '../core/index.ts';
import type { Exchange, IncomingHeaders, KubelessRequest } from './kubeless-http.ts';
import { bytesOfLatin1 } from './shared/latin1.ts';
import { defineLazy } from './shared/lazy-property.ts';
import { mediaTypeOf } from './shared/media-type.ts';
import { addHeaderLine, type NodeHeaders } from './shared/node-headers.ts';

type Handler = (event: object, context: object) => unknown;

const jsonType = 'application/json; charset=utf-8';

/** What functions of this dialect find beside the web platform. */
export function prepareRealm(): void {
  installGlobal('global', globalThis);
  for (const [name, provider] of Object.entries(dialectGlobals['dialect-kubeless']!)) installLazyGlobal(name, provider);
}

export function preload(): void {
  for (const name of ['node-buffer', 'kubeless-http', 'package-stream'] as const) if (isExpected(name)) part(name);
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
    callAsync('gather', encodeFrame([fields[5]!, 'best'])).then(
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
    const headers = exchange === undefined ? request.standingHeaders : exchange.failureLines();
    fail(invocation, reason, [...headers, hints.handled, '1']);
    release();
  };
  try {
    const { headers } = request;
    const extensions = {};
    defineLazy(extensions, 'request', () => openExchange().request);
    defineLazy(extensions, 'response', () => openExchange().response);
    const event = {
      'event-type': headers['event-type'],
      'event-id': headers['event-id'],
      'event-time': headers['event-time'],
      'event-namespace': headers['event-namespace'],
      data: readData(request, body),
      extensions,
    };
    follow(
      handler(event, context),
      (value) => {
        try {
          finalize(invocation, request, exchange, value);
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
  if (body === undefined) return {};
  const type = mediaTypeOf(headers['content-type'] as string | undefined);
  if (type?.startsWith('multipart/') === true) return {};
  if (body.length === 0) return part('node-buffer').Buffer.alloc(0);
  const text = typeof body === 'string' ? body : part('encoding').decodeUtf8WithMark(body);
  return type === 'application/json' ? (JSON.parse(text) as unknown) : text;
}

/** Sends what the function returned, unless it has answered by `event.extensions.response` already. */
function finalize(
  invocation: Invocation,
  { standingHeaders }: KubelessRequest,
  exchange: Exchange | undefined,
  value: unknown,
): void {
  if (exchange !== undefined) {
    exchange.finalize(value);
    return;
  }
  switch (typeof value) {
    case 'string':
      respond(invocation, 200, standingHeaders, value.toWellFormed());
      break;
    case 'object': {
      // Undefined when its `toJSON` answers that.
      const text = JSON.stringify(value) as string | undefined;
      const tag = text === undefined ? tagging.check : tagging.weak;
      respond(invocation, 200, [...standingHeaders, 'content-type', jsonType, hints.etag, tag], text ?? '');
      break;
    }
    case 'undefined':
      respond(invocation, 200, standingHeaders, '');
      break;
    default:
      // A function or a symbol has no JSON form, a BigInt throws.
      respond(invocation, 200, standingHeaders, JSON.stringify(value) ?? '');
  }
}

function readRequest(fields: readonly string[]): KubelessRequest {
  const lines = readFrame(fields[3]!);
  const pseudo: Record<string, string> = {};
  let count = 0;
  while (lines[count]?.startsWith(':') === true) {
    pseudo[lines[count]!] = lines[count + 1]!;
    count += 2;
  }
  const rawHeaders = count === 0 ? lines : lines.slice(count);
  const allowOrigin = pseudo[pseudoHeaders.allowOrigin];
  return {
    method: fields[1]!,
    target: pseudo[pseudoHeaders.target] ?? targetOf(fields[2]!),
    httpVersion: pseudo[pseudoHeaders.httpVersion] ?? '1.1',
    headers: joinHeaders(rawHeaders),
    rawHeaders,
    remoteAddress: fields[6]!,
    remotePort: Number(pseudo[pseudoHeaders.remotePort] ?? 0),
    standingHeaders: allowOrigin === undefined ? [] : ['access-control-allow-origin', allowOrigin],
  };
}

/** What follows the authority of an absolute URL. */
function targetOf(url: string): string {
  let end = url.indexOf('//') + 2;
  for (; end < url.length; end += 1) {
    const character = url[end]!;
    if (character === '/' || character === '?' || character === '#') return url.slice(end);
  }
  return '/';
}

function bodyOf(fields: readonly string[]): string | Uint8Array {
  return fields[4] === bodyKind.latin1 ? bytesOfLatin1(fields[5]!) : fields[5]!;
}

/** Header lines as Node joins them. */
function joinHeaders(lines: readonly string[]): IncomingHeaders {
  const headers: NodeHeaders = {};
  for (let index = 0; index < lines.length; index += 2) addHeaderLine(headers, lines[index]!, lines[index + 1]!);
  return headers;
}
