/** https://fetch.spec.whatwg.org/#request-class */
import { defineInterface } from '../shared/interface.ts';
import { bodyKind, endings } from '../../../wire.ts';
import { invocationNumber, part, readFrame, watchEnding } from '../../core/facade.ts';
import { bytesOfLatin1 } from '../shared/latin1.ts';
import type { AbortSignal } from '../events.ts';
import type { Blob, FormData } from '../blob.ts';
import type { URL } from '../url.ts';
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
  type GuestReadableStream,
  HeldBody,
  isBodyUnusable,
  isBodyUsed,
  provideLength,
  takeHeld,
} from './body.ts';
import { fillHeaders, Headers, type HeadersInit, headerLines, headersFromLines } from './headers.ts';

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  signal?: AbortSignal | null;
  redirect?: RequestRedirect;
  duplex?: 'half';
  mode?: string;
  credentials?: string;
  cache?: string;
  integrity?: string;
  keepalive?: boolean;
  referrer?: string;
  referrerPolicy?: string;
  window?: null;
}
type RequestRedirect = 'follow' | 'error' | 'manual';

interface Fields {
  method: string;
  url: string;
  headers: Headers | undefined;
  /** The header lines of the host, until someone asks for `headers`. */
  lines: string[] | undefined;
  body: Body | undefined;
  signal: AbortSignal | undefined;
  /** It is of the client: its signal tells of the end of the invocation. */
  isOfClient: boolean;
  clientAddress: string;
  redirect: string;
  mode: string;
  credentials: string;
  cache: string;
  integrity: string;
  keepalive: boolean;
  referrer: string;
  referrerPolicy: string;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const forbiddenMethods = /^(?:CONNECT|TRACE|TRACK)$/i;
const normalizedMethods = /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/i;
const enumerations = {
  redirect: ['follow', 'error', 'manual'],
  mode: ['cors', 'no-cors', 'same-origin', 'navigate'],
  credentials: ['omit', 'same-origin', 'include'],
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  referrerPolicy: [
    '',
    'no-referrer',
    'no-referrer-when-downgrade',
    'same-origin',
    'origin',
    'strict-origin',
    'origin-when-cross-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ],
} as const;

let adopt: (fields: Fields) => Request;
let fieldsOf: (request: Request) => Fields;
let isRequest: (value: object) => value is Request;

/** Marks the call of the constructor that takes its fields as they are. */
const adopted = Symbol('adopted');

export class Request {
  readonly #fields: Fields;

  static {
    adopt = (fields) => new Request(fields as never, adopted as never);
    fieldsOf = (request) => request.#fields;
    isRequest = (value): value is Request => #fields in value;
  }

  constructor(input: string | URL | Request, init?: RequestInit) {
    if ((init as unknown) === adopted) {
      this.#fields = input as unknown as Fields;
      return;
    }
    if (arguments.length === 0) throw new TypeError("Failed to construct 'Request': a URL or a Request is needed");
    if (init !== undefined && init !== null && typeof init !== 'object' && typeof init !== 'function') {
      throw new TypeError("Failed to construct 'Request': the second argument must be an object");
    }
    const options = init ?? {};
    const source = typeof input === 'object' && input !== null && #fields in input ? input.#fields : undefined;
    const fields =
      source === undefined ? fieldsOfUrl(`${input as string}`) : { ...source, headers: undefined, lines: [] };
    this.#fields = fields;
    if (source !== undefined) fields.lines = [...headerLines(headersOf(source))];
    applyOptions(fields, options);
    if (options.headers !== undefined) {
      fields.lines = undefined;
      fields.headers = new Headers();
      fillHeaders(fields.headers, options.headers);
    }
    if (options.signal !== undefined) {
      fields.signal = checkSignal(options.signal);
      fields.isOfClient = false;
    }
    if (options.signal === undefined && source?.signal !== undefined)
      fields.signal = part('events').dependentSignal([source.signal]);
    this.#initBody(source, options);
  }

  #initBody(source: Fields | undefined, options: RequestInit): void {
    const fields = this.#fields;
    const hasInitBody = options.body !== undefined && options.body !== null;
    if ((hasInitBody || source?.body !== undefined) && (fields.method === 'GET' || fields.method === 'HEAD')) {
      throw new TypeError(`Failed to construct 'Request': a ${fields.method} request cannot have a body`);
    }
    if (hasInitBody) {
      const { body, contentType } = extractBody(options.body);
      fields.body = body;
      const headers = headersOf(fields);
      if (contentType !== undefined && !headers.has('content-type')) headers.append('content-type', contentType);
      provideLength(headers, body);
    } else if (source?.body !== undefined) {
      if (isBodyUnusable(source.body)) throw new TypeError('Body is unusable: it has already been read or is locked');
      // The body moves over to the new request; the old one counts as read.
      fields.body = { ...source.body };
      source.body.used = true;
      source.body.source = '';
      if (source.body.stream !== undefined) {
        const held = takeHeld(source.body.stream);
        fields.body =
          held === undefined
            ? { source: undefined, stream: part('streams').takeOver(source.body.stream), used: false }
            : bodyOf(held);
      }
    }
  }

  get method(): string {
    return this.#fields.method;
  }
  get url(): string {
    return this.#fields.url;
  }
  get headers(): Headers {
    return headersOf(this.#fields);
  }
  get destination(): '' {
    void this.#fields;
    return '';
  }
  get referrer(): string {
    return this.#fields.referrer;
  }
  get referrerPolicy(): string {
    return this.#fields.referrerPolicy;
  }
  get mode(): string {
    return this.#fields.mode;
  }
  get credentials(): string {
    return this.#fields.credentials;
  }
  get cache(): string {
    return this.#fields.cache;
  }
  get redirect(): string {
    return this.#fields.redirect;
  }
  get integrity(): string {
    return this.#fields.integrity;
  }
  get keepalive(): boolean {
    return this.#fields.keepalive;
  }
  get isReloadNavigation(): false {
    void this.#fields;
    return false;
  }
  get isHistoryNavigation(): false {
    void this.#fields;
    return false;
  }
  get duplex(): 'half' {
    void this.#fields;
    return 'half';
  }
  get signal(): AbortSignal {
    const fields = this.#fields;
    fields.signal ??= part('events').dependentSignal(fields.isOfClient ? [clientSignal()] : []);
    return fields.signal;
  }

  get body(): GuestReadableStream | null {
    return bodyStream(this.#fields.body);
  }
  get bodyUsed(): boolean {
    return isBodyUsed(this.#fields.body);
  }
  async text(): Promise<string> {
    return bodyText(this.#fields.body);
  }
  async json(): Promise<unknown> {
    return JSON.parse(await bodyText(this.#fields.body)) as unknown;
  }
  async bytes(): Promise<Uint8Array> {
    return bodyBytes(this.#fields.body);
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await bodyBytes(this.#fields.body)).buffer;
  }
  async blob(): Promise<Blob> {
    return bodyBlob(this.#fields.body, headersOf(this.#fields).get('content-type'));
  }
  async formData(): Promise<FormData> {
    return bodyForm(this.#fields.body, headersOf(this.#fields).get('content-type'));
  }

  clone(): Request {
    const fields = this.#fields;
    if (isBodyUnusable(fields.body)) throw new TypeError('Body is unusable: it has already been read or is locked');
    return adopt({
      ...fields,
      headers: undefined,
      lines: [...headerLines(headersOf(fields))],
      body: fields.body === undefined ? undefined : cloneBody(fields.body),
      signal: fields.signal === undefined ? undefined : part('events').dependentSignal([fields.signal]),
    });
  }
}

defineInterface(Request, 'Request', { constructor: 1 });

function headersOf(fields: Fields): Headers {
  if (fields.headers === undefined) {
    fields.headers = headersFromLines(fields.lines ?? [], 'none');
    fields.lines = undefined;
  }
  return fields.headers;
}

function fieldsOfUrl(input: string): Fields {
  const url = part('url').parseUrl(input);
  if (url === undefined)
    throw new TypeError(`Failed to construct 'Request': invalid URL ${JSON.stringify(input.slice(0, 200))}`);
  if (url.hasCredentials) {
    throw new TypeError("Failed to construct 'Request': the URL contains a user name or password");
  }
  return newFields('GET', url.href);
}

function newFields(method: string, url: string): Fields {
  return {
    method,
    url,
    headers: undefined,
    lines: undefined,
    body: undefined,
    signal: undefined,
    isOfClient: false,
    clientAddress: '',
    redirect: 'follow',
    mode: 'cors',
    credentials: 'same-origin',
    cache: 'default',
    integrity: '',
    keepalive: false,
    referrer: 'about:client',
    referrerPolicy: '',
  };
}

function applyOptions(fields: Fields, options: RequestInit): void {
  if (options.window !== undefined && options.window !== null) {
    throw new TypeError("Failed to construct 'Request': 'window' can only be null");
  }
  if (options.referrer !== undefined) fields.referrer = readReferrer(`${options.referrer}`);
  for (const name of ['referrerPolicy', 'mode', 'credentials', 'cache', 'redirect'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    const text = `${value}`;
    if (!(enumerations[name] as readonly string[]).includes(text) || (name === 'mode' && text === 'navigate')) {
      throw new TypeError(`Failed to construct 'Request': ${name} cannot be ${JSON.stringify(text)}`);
    }
    fields[name] = text;
  }
  if (fields.cache === 'only-if-cached' && fields.mode !== 'same-origin') {
    throw new TypeError("Failed to construct 'Request': cache 'only-if-cached' needs mode 'same-origin'");
  }
  if (options.integrity !== undefined) fields.integrity = `${options.integrity}`;
  if (options.keepalive !== undefined) fields.keepalive = Boolean(options.keepalive);
  if (options.duplex !== undefined && options.duplex !== 'half') {
    throw new TypeError("Failed to construct 'Request': duplex can only be 'half'");
  }
  if (options.method !== undefined) fields.method = normalizeMethod(`${options.method}`);
}

function readReferrer(referrer: string): string {
  if (referrer === '') return '';
  const url = part('url').parseUrl(referrer);
  if (url === undefined)
    throw new TypeError(`Failed to construct 'Request': invalid referrer ${JSON.stringify(referrer)}`);
  return url.href === 'about:client' ? 'about:client' : url.href;
}

function normalizeMethod(method: string): string {
  if (!token.test(method) || forbiddenMethods.test(method)) {
    throw new TypeError(`Failed to construct 'Request': the method ${JSON.stringify(method)} is not allowed`);
  }
  return normalizedMethods.test(method) ? method.toUpperCase() : method;
}

function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === null) return undefined;
  const { AbortSignal, dependentSignal } = part('events');
  if (!(signal instanceof AbortSignal)) {
    throw new TypeError("Failed to construct 'Request': signal is not an AbortSignal");
  }
  return dependentSignal([signal]);
}

/** What is sent of a request. */
export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly redirect: string;
  readonly body: Body | undefined;
  readonly signal: AbortSignal | undefined;
}

export function requestParts(request: Request): RequestParts {
  const fields = fieldsOf(request);
  const { method, url, redirect, body, signal } = fields;
  return { method, url, headers: headerLines(headersOf(fields)), redirect, body, signal };
}

let ofClient: { readonly signal: AbortSignal; readonly invocation: number } | undefined;

/** Aborted when the client has gone away or a limit is near; the host is asked to say so when it is first looked at. */
function clientSignal(): AbortSignal {
  if (ofClient?.invocation !== invocationNumber()) {
    const { AbortController, DOMException } = part('events');
    const controller = new AbortController();
    ofClient = { signal: controller.signal, invocation: invocationNumber() };
    watchEnding((reason) =>
      controller.abort(
        reason === endings.client
          ? new DOMException('The client went away', 'AbortError')
          : new DOMException(`The limit ${reason} is near`, 'TimeoutError'),
      ),
    );
  }
  return ofClient.signal;
}

/** A request without a body, for `structuredClone`; `undefined` of anything else. */
export function cloneOfRequest(value: object): Request | undefined {
  if (!isRequest(value)) return undefined;
  const fields = fieldsOf(value);
  if (fields.body !== undefined) return undefined;
  return adopt({ ...fields, headers: undefined, lines: [...headerLines(headersOf(fields))], signal: undefined });
}

/** Empty for a request that did not come in. */
export function clientAddress(request: Request): string {
  return fieldsOf(request).clientAddress;
}

/** Makes a request of the fields of a request message. */
export function requestFromWire(wire: readonly string[]): Request {
  const fields = newFields(wire[1]!, wire[2]!);
  fields.lines = readFrame(wire[3]!);
  fields.body = bodyFromWire(wire[4]!, wire[5]!);
  fields.isOfClient = true;
  fields.clientAddress = wire[6] ?? '';
  return adopt(fields);
}

function bodyFromWire(kind: string, payload: string): Body | undefined {
  switch (kind) {
    case bodyKind.text:
      return bodyOf(payload);
    case bodyKind.latin1:
      return bodyOf(bytesOfLatin1(payload));
    case bodyKind.held:
      return bodyOf(new HeldBody(Number(payload)));
    default:
      return undefined;
  }
}
