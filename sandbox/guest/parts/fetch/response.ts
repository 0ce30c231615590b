/** https://fetch.spec.whatwg.org/#response-class */
import { defineInterface } from '../shared/interface.ts';
import { loadedPart, part } from '../../core/facade.ts';
import type { Blob, FormData } from '../blob.ts';
import type { URL } from '../url.ts';
import type { WebSocket } from '../web-socket.ts';
import {
  type Body,
  type BodyInit,
  bodyBlob,
  bodyBytes,
  bodyForm,
  bodyOf,
  bodyStream,
  bodyText,
  cloneBody,
  extractBody,
  provideLength,
  type GuestReadableStream,
  isBodyUnusable,
  isBodyUsed,
} from './body.ts';
import {
  fillHeaders,
  guardHeaders,
  Headers,
  type HeadersInit,
  headerLines,
  headersFromLines,
  provideHeader,
} from './headers.ts';

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
  /** As on Workers: one of a WebSocketPair, with the status 101. */
  webSocket?: WebSocket | null;
}

/** What a dialect sends of a response. */
export interface ResponseParts {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Body | undefined;
  readonly webSocket: WebSocket | undefined;
}

const nullBodyStatuses: readonly number[] = [101, 103, 204, 205, 304];
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A response as it came from the network. */
export interface ReceivedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: string[];
  readonly body: Body | undefined;
}

let received: (response: ReceivedResponse) => Response;
let partsOf: (value: unknown) => ResponseParts | undefined;

export class Response {
  #type: 'default' | 'error' | 'basic' = 'default';
  #url = '';
  #redirected = false;
  #status = 200;
  #statusText = '';
  #headers = new Headers();
  #body: Body | undefined;
  #webSocket: WebSocket | undefined;

  static {
    partsOf = (value) => {
      if (typeof value !== 'object' || value === null || !(#body in value)) return undefined;
      const response = value as Response;
      return {
        status: response.#status,
        headers: headerLines(response.#headers),
        body: response.#body,
        webSocket: response.#webSocket,
      };
    };
    received = ({ status, statusText, url, redirected, headers, body }) => {
      const response = new Response();
      response.#type = 'basic';
      response.#status = status;
      response.#statusText = statusText;
      response.#url = url;
      response.#redirected = redirected;
      response.#headers = headersFromLines(headers, 'immutable');
      response.#body = body;
      return response;
    };
  }

  constructor(body?: BodyInit | null, init?: ResponseInit | null) {
    if (init !== undefined && init !== null) {
      if (typeof init !== 'object' && typeof init !== 'function') {
        throw new TypeError("Failed to construct 'Response': the second argument must be an object");
      }
      const { headers, status, statusText, webSocket } = init;
      if (webSocket !== undefined && webSocket !== null) this.#webSocket = validateSocket(webSocket, status);
      else if (status !== undefined) this.#status = validateStatus(status);
      if (this.#webSocket !== undefined) this.#status = 101;
      if (statusText !== undefined) this.#statusText = validateStatusText(statusText);
      if (headers !== undefined) fillHeaders(this.#headers, headers);
    }
    if (body === undefined || body === null) return;
    if (nullBodyStatuses.includes(this.#status)) {
      throw new TypeError(`Failed to construct 'Response': a response with status ${this.#status} cannot have a body`);
    }
    const extracted = extractBody(body);
    this.#body = extracted.body;
    if (extracted.body.stream !== undefined) provideLength(this.#headers, extracted.body);
    const { contentType } = extracted;
    if (contentType === undefined) return;
    if (typeof body === 'string') provideHeader(this.#headers, 'content-type', contentType);
    else if (!this.#headers.has('content-type')) this.#headers.append('content-type', contentType);
  }

  static error(): Response {
    const response = new Response();
    response.#type = 'error';
    response.#status = 0;
    guardHeaders(response.#headers, 'immutable');
    return response;
  }

  static redirect(url: string | URL, status = 302): Response {
    const parsed = part('url').parseUrl(`${url as string}`);
    if (parsed === undefined) {
      throw new TypeError(
        `Failed to execute 'redirect' on 'Response': invalid URL ${JSON.stringify(`${url as string}`)}`,
      );
    }
    if (!redirectStatuses.includes(toUnsignedShort(status))) {
      throw new RangeError(`Failed to execute 'redirect' on 'Response': ${status} is not a redirect status`);
    }
    const response = new Response();
    response.#status = toUnsignedShort(status);
    response.#headers.append('location', parsed.href);
    guardHeaders(response.#headers, 'immutable');
    return response;
  }

  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) throw new TypeError("Failed to execute 'json' on 'Response': the value has no JSON form");
    const response = new Response(null, init);
    if (nullBodyStatuses.includes(response.#status)) {
      throw new TypeError(`Failed to execute 'json' on 'Response': status ${response.#status} cannot have a body`);
    }
    response.#body = bodyOf(text);
    provideHeader(response.#headers, 'content-type', 'application/json');
    return response;
  }

  get type(): string {
    return this.#type;
  }
  get url(): string {
    return this.#url;
  }
  get redirected(): boolean {
    return this.#redirected;
  }
  get status(): number {
    return this.#status;
  }
  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299;
  }
  get statusText(): string {
    return this.#statusText;
  }
  get headers(): Headers {
    return this.#headers;
  }

  get webSocket(): WebSocket | null {
    return this.#webSocket ?? null;
  }
  get body(): GuestReadableStream | null {
    return bodyStream(this.#body);
  }
  get bodyUsed(): boolean {
    return isBodyUsed(this.#body);
  }
  async text(): Promise<string> {
    return bodyText(this.#body);
  }
  async json(): Promise<unknown> {
    return JSON.parse(await bodyText(this.#body)) as unknown;
  }
  async bytes(): Promise<Uint8Array> {
    return bodyBytes(this.#body);
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await bodyBytes(this.#body)).buffer;
  }
  async blob(): Promise<Blob> {
    return bodyBlob(this.#body, this.#headers.get('content-type'));
  }
  async formData(): Promise<FormData> {
    return bodyForm(this.#body, this.#headers.get('content-type'));
  }

  clone(): Response {
    if (this.#webSocket !== undefined) throw new TypeError('a response with a WebSocket cannot be cloned');
    if (isBodyUnusable(this.#body)) throw new TypeError('Body is unusable: it has already been read or is locked');
    const copy = new Response();
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headers = new Headers(this.#headers);
    copy.#body = this.#body === undefined ? undefined : cloneBody(this.#body);
    return copy;
  }
}

defineInterface(Response, 'Response', { constructor: 0, 'static json': 1 });

export function receivedResponse(response: ReceivedResponse): Response {
  return received(response);
}

/** `undefined` for anything that is not a Response of this realm. */
export function responseParts(value: unknown): ResponseParts | undefined {
  return partsOf(value);
}

function validateStatus(status: unknown): number {
  const number = toUnsignedShort(status);
  if (number >= 200 && number <= 599) return number;
  throw new RangeError(`Failed to construct 'Response': the status ${String(status)} is not between 200 and 599`);
}

function validateSocket(webSocket: unknown, status: unknown): WebSocket {
  if (loadedPart('web-socket')?.isWebSocket(webSocket) !== true) {
    throw new TypeError("Failed to construct 'Response': webSocket is no WebSocket");
  }
  if (toUnsignedShort(status) === 101) return webSocket as WebSocket;
  throw new RangeError("Failed to construct 'Response': a response with a WebSocket has the status 101");
}

function validateStatusText(text: unknown): string {
  const string = `${text as string}`;
  if (reasonPhrase.test(string)) return string;
  throw new TypeError("Failed to construct 'Response': invalid statusText");
}

/** Web IDL's conversion to `unsigned short`. */
function toUnsignedShort(value: unknown): number {
  const number = Math.trunc(Number(value));
  return Number.isFinite(number) ? ((number % 65_536) + 65_536) % 65_536 : 0;
}
