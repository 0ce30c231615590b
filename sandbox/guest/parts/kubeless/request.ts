import fresh from 'fresh';
import { parse as parseQuery } from 'qs';
import parseRange from 'range-parser';
import { accepted, type Accepted, acceptedTypes } from './accepts.ts';
import type { App } from './app.ts';
import type { IncomingHeaders } from './exchange.ts';
import { matchTypes } from './media-type.ts';
import type { ExpressResponse } from './response.ts';
import type { Socket } from './socket.ts';
import { parseTarget, type Target } from './target.ts';

type Names = readonly (string | readonly string[])[];

/** What requests have as properties of their own. */
export interface RequestFields {
  method: string;
  url: string;
  headers: IncomingHeaders;
  socket: Socket;
  app: App;
  res: ExpressResponse;
  params: Record<string, string>;
  body: unknown;
  query: unknown;
  next: (error?: unknown) => void;
  [name: string]: unknown;
}

/** Methods and getters of the request of Express 4, on top of a stream or what stands in for one. */
export function withExpress(Base: new (...args: never[]) => object): new (...args: never[]) => ExpressRequest {
  // A class by itself, so that its prototype can be put on either; its fields are set from outside.
  class Request extends (Base as new (...args: unknown[]) => object) {
    declare method: string;
    declare url: string;
    declare headers: IncomingHeaders;
    declare socket: Socket;
    declare app: App;
    declare res: ExpressResponse;
    declare params: Record<string, string>;
    declare body: unknown;
    declare query: unknown;
    declare _parsedUrl: (Target & { _raw?: string }) | undefined;

    get(name: unknown): string | readonly string[] | undefined {
      if (!name) throw new TypeError('name argument is required to req.get');
      if (typeof name !== 'string') throw new TypeError('name must be a string to req.get');
      const key = name.toLowerCase();
      const { headers } = this;
      return key === 'referer' || key === 'referrer' ? headers['referrer'] || headers['referer'] : headers[key];
    }
    header(name: unknown): string | readonly string[] | undefined {
      return this.get(name);
    }

    accepts(...types: Names): Accepted {
      return acceptedTypes(this.headers, types);
    }
    acceptsEncodings(...names: Names): Accepted {
      return accepted(this.headers, 'encodings', names);
    }
    acceptsEncoding(...names: Names): Accepted {
      return this.acceptsEncodings(...names);
    }
    acceptsCharsets(...names: Names): Accepted {
      return accepted(this.headers, 'charsets', names);
    }
    acceptsCharset(...names: Names): Accepted {
      return this.acceptsCharsets(...names);
    }
    acceptsLanguages(...names: Names): Accepted {
      return accepted(this.headers, 'languages', names);
    }
    acceptsLanguage(...names: Names): Accepted {
      return this.acceptsLanguages(...names);
    }

    is(...types: Names): string | false | null {
      const { headers } = this;
      const hasBody =
        headers['transfer-encoding'] !== undefined || !Number.isNaN(Number(headers['content-length'] ?? NaN));
      if (!hasBody) return null;
      return matchTypes(headers['content-type'] as string | undefined, Array.isArray(types[0]) ? types[0] : types);
    }
    range(size: number, options?: object): unknown {
      const range = this.get('Range');
      return range ? parseRange(size, range as string, options) : undefined;
    }
    param(name: string, fallback?: unknown): unknown {
      const body = (this.body ?? {}) as Record<string, unknown>;
      const query = (this.query ?? {}) as Record<string, unknown>;
      if (Object.hasOwn(this.params, name)) return this.params[name];
      return body[name] ?? query[name] ?? fallback;
    }

    setTimeout(): this {
      return this;
    }

    // No proxy is trusted: what a client says of itself stays in the headers.

    get protocol(): string {
      return 'http';
    }
    get secure(): boolean {
      return false;
    }
    get ip(): string {
      return this.socket.remoteAddress;
    }
    get ips(): string[] {
      return [];
    }
    get hostname(): string | undefined {
      const host = this.get('Host') as string | undefined;
      if (!host) return undefined;
      const index = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') + 1 : 0);
      return index === -1 ? host : host.slice(0, index);
    }
    get host(): string | undefined {
      return this.hostname;
    }
    get subdomains(): string[] {
      const { hostname } = this;
      if (hostname === undefined) return [];
      const isAddress = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(hostname) || /^[0-9a-f]*:[0-9a-f:.]+$/i.test(hostname);
      const labels = isAddress ? [hostname] : hostname.split('.').toReversed();
      return labels.slice(Number(this.app.get('subdomain offset')));
    }
    get path(): string | null {
      if (this._parsedUrl?._raw !== this.url) this._parsedUrl = { ...parseTarget(this.url), _raw: this.url };
      return this._parsedUrl!.pathname;
    }
    get fresh(): boolean {
      const { method, res } = this;
      const { statusCode } = res;
      if (method !== 'GET' && method !== 'HEAD') return false;
      if (!(statusCode >= 200 && statusCode < 300) && statusCode !== 304) return false;
      return fresh(this.headers, { etag: res.get('ETag'), 'last-modified': res.get('Last-Modified') });
    }
    get stale(): boolean {
      return !this.fresh;
    }
    get xhr(): boolean {
      return String(this.get('X-Requested-With') ?? '').toLowerCase() === 'xmlhttprequest';
    }
    get connection(): Socket {
      return this.socket;
    }
    get headersDistinct(): Record<string, string[]> {
      const distinct = Object.create(null) as Record<string, string[]>;
      for (const [name, value] of pairsOf(this['rawHeaders' as never] as readonly string[])) {
        (distinct[name.toLowerCase()] ??= []).push(value);
      }
      return distinct;
    }
  }
  return Request as unknown as new (...args: never[]) => ExpressRequest;
}

export interface ExpressRequest extends RequestFields {
  get(name: string): string | undefined;
  accepts(...types: Names): Accepted;
}

/** The query as Express parses it by default. */
export function queryOf({ query }: Target): object {
  return parseQuery(query ?? '', { allowPrototypes: true });
}

function* pairsOf(lines: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index < lines.length; index += 2) yield [lines[index]!, lines[index + 1]!];
}
