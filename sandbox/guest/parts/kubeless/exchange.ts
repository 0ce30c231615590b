import { type Invocation, part } from '../../core/facade.ts';
import { defineLazy } from '../shared/lazy-property.ts';
import { mediaTypeOf } from '../shared/media-type.ts';
import { createApp } from './app.ts';
import { openIncoming } from './incoming.ts';
import { createNext } from './next.ts';
import { type ExpressRequest, queryOf } from './request.ts';
import { ExpressResponse } from './response.ts';
import { Socket } from './socket.ts';
import { parseTarget } from './target.ts';

/** Lower-case names, joined as Node joins them. */
export type IncomingHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A request as the dialect reads it. */
export interface KubelessRequest {
  readonly method: string;
  /** The target as the client sent it. */
  readonly target: string;
  readonly httpVersion: string;
  readonly headers: IncomingHeaders;
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** What a response has before the function sets anything, names and values in turn. */
  readonly standingHeaders: readonly string[];
}

/** Text over this length is not encoded by the package buffer, which takes several times its size for that. */
const smallText = 16 * 1024;

export interface Exchange {
  readonly request: ExpressRequest;
  readonly response: ExpressResponse;
  /** Header lines for the answer to a failure. */
  failureLines(): string[];
  /** Sends the value that the function returned, unless it has ended the response itself. */
  finalize(value: unknown): void;
}

export function createExchange(
  invocation: Invocation,
  wire: KubelessRequest,
  body: string | Uint8Array | undefined,
): Exchange {
  const app = createApp();
  const socket = new Socket(wire.remoteAddress, wire.remotePort, () => response.destroy());
  let request: ExpressRequest | undefined;
  const openRequest = (): ExpressRequest => (request ??= createRequest(wire, body, response));
  const response: ExpressResponse = new ExpressResponse(invocation, wire, socket, app, openRequest);
  return {
    get request() {
      return openRequest();
    },
    response,
    failureLines: () => response.failureLines(),
    finalize(value) {
      if (response.finished) return;
      switch (typeof value) {
        case 'string':
          response.end(value);
          break;
        case 'object':
          response.json(value);
          break;
        case 'undefined':
          response.end();
          break;
        default:
          response.end(JSON.stringify(value) as string | undefined);
      }
    },
  };
}

function createRequest(
  wire: KubelessRequest,
  content: string | Uint8Array | undefined,
  response: ExpressResponse,
): ExpressRequest {
  const { method, target, httpVersion, headers, rawHeaders } = wire;
  const { socket, app } = response;
  const isMultipart = mediaTypeOf(headers['content-type'] as string | undefined)?.startsWith('multipart/') === true;
  const bytes = (): Uint8Array => {
    const { Buffer } = part('node-buffer');
    if (typeof content === 'string' && content.length <= smallText) return Buffer.from(content, 'utf8');
    const raw = typeof content === 'string' ? part('encoding').encodeUtf8(content) : (content ?? new Uint8Array());
    return Buffer.from(raw.buffer as ArrayBuffer, raw.byteOffset, raw.byteLength);
  };
  const isConsumed = content !== undefined && !isMultipart;
  const request = openIncoming({ bytes: isMultipart ? bytes() : undefined, isConsumed });
  const parsed = parseTarget(target);
  const [major, minor] = httpVersion.split('.').map(Number);
  Object.assign(request, {
    httpVersion,
    httpVersionMajor: major,
    httpVersionMinor: minor,
    complete: isConsumed,
    aborted: false,
    upgrade: false,
    method,
    url: target,
    originalUrl: target,
    baseUrl: '',
    statusCode: null,
    statusMessage: null,
    headers,
    rawHeaders,
    trailers: {},
    rawTrailers: [],
    socket,
    client: socket,
    app,
    res: response,
    params: { 0: decode(parsed.pathname ?? '') },
    route: { path: '*', stack: [], methods: { _all: true } },
    next: createNext(response),
    _parsedUrl: { ...parsed, _raw: target },
  });
  defineLazy(request, 'query', () => queryOf(parsed));
  defineLazy(request, 'body', () => (isConsumed ? bytes() : {}));
  return request;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // The server refuses such paths; a path that comes here all the same stays as it is.
    return path;
  }
}
