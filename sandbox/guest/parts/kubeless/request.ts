import { parse as parseQuery } from 'qs';
import { part } from '../../core/facade.ts';
import type { KubelessRequest } from './exchange.ts';
import { matchType } from './media-type.ts';

/** The part of Express' request that functions use. Multipart bodies come as a stream, all others are in `body`. */
export interface ShimRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  url: string;
  originalUrl: string;
  body: unknown;
  [name: string]: unknown;
}

export function createRequest(wire: KubelessRequest, content: string | Uint8Array | undefined): ShimRequest {
  const { method, headers, rawHeaders, remoteAddress } = wire;
  const { Buffer } = part('node-buffer');
  const isMultipart = /^\s*multipart\//i.test(headers['content-type'] ?? '');
  const bytes = (): Uint8Array =>
    typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content ?? new Uint8Array());
  const base = isMultipart ? streamOf(bytes()) : new (part('node-events'))();
  const target = wire.url.replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/';
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const host = headers['host'] ?? '';
  const get = (name: string): string | undefined => {
    const key = name.toLowerCase();
    return key === 'referer' || key === 'referrer' ? (headers['referrer'] ?? headers['referer']) : headers[key];
  };
  const connection = { remoteAddress, encrypted: false };
  const properties = {
    method,
    url: target,
    originalUrl: target,
    baseUrl: '',
    path,
    params: { 0: safeDecode(path) },
    headers,
    rawHeaders,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    protocol: 'http',
    secure: false,
    hostname: host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':', 1)[0]!,
    ip: remoteAddress,
    ips: [],
    xhr: headers['x-requested-with']?.toLowerCase() === 'xmlhttprequest',
    connection,
    socket: connection,
    complete: true,
    aborted: false,
    get,
    header: get,
    is: (...patterns: (string | readonly string[])[]) => isType(wire, content, patterns.flat()),
  };
  Object.assign(base, properties);
  lazy(base, 'query', () => parseQuery(mark === -1 ? '' : target.slice(mark + 1), { allowPrototypes: true }));
  lazy(base, 'body', () => (content === undefined || isMultipart ? {} : bytes()));
  return base as unknown as ShimRequest;
}

/** https://www.npmjs.com/package/type-is: `null` without a body, `false` when nothing fits, otherwise what fits. */
function isType(wire: KubelessRequest, content: unknown, patterns: readonly string[]): string | false | null {
  if (content === undefined) return null;
  const actual = (wire.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (!/^[^/\s]+\/[^/\s]+$/.test(actual)) return false;
  if (patterns.length === 0) return actual;
  for (const pattern of patterns) {
    const match = matchType(actual, pattern);
    if (match !== false) return match;
  }
  return false;
}

function streamOf(bytes: Uint8Array): object {
  const { Readable } = part('node-stream');
  let isSent = false;
  return new Readable({
    read(this: { push(chunk: Uint8Array | null): boolean }) {
      if (!isSent && bytes.length > 0) this.push(bytes);
      isSent = true;
      this.push(null);
    },
  });
}

function lazy(object: object, name: string, read: () => unknown): void {
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = read();
      Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value });
      return value;
    },
    set(value: unknown) {
      Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value });
    },
  });
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // The host refuses such paths; a path that comes here all the same stays as it is.
    return path;
  }
}
