/** https://url.spec.whatwg.org/#url-class */
import { defineInterface } from '../shared/interface.ts';
import { part } from '../../core/facade.ts';
import type { Blob } from '../blob.ts';
import {
  defaultPort,
  isSpecialScheme,
  parse,
  parseComponent,
  serialize,
  serializePath,
  type UrlRecord,
} from './parser.ts';
import { percentEncode, userinfoSet } from './percent.ts';
import { searchParams, type URLSearchParams } from './search-params.ts';

export class URL {
  #record: UrlRecord;
  #href: string | undefined;
  #searchParams: URLSearchParams | undefined;

  constructor(url: string | URL, base?: string | URL) {
    if (arguments.length === 0) throw new TypeError("Failed to construct 'URL': 1 argument needed");
    const record = parseWithBase(url, base);
    if (record === undefined) {
      const against = base === undefined ? '' : ` with base ${quote(`${base as string}`)}`;
      throw Object.assign(new TypeError(`Invalid URL: ${quote(`${url as string}`)}${against}`), {
        code: 'ERR_INVALID_URL',
      });
    }
    this.#record = record;
  }

  static parse(url: string | URL, base?: string | URL): URL | null {
    if (arguments.length === 0) throw new TypeError("Failed to execute 'parse' on 'URL': 1 argument needed");
    const record = parseWithBase(url, base);
    if (record === undefined) return null;
    const result = new URL('about:blank');
    result.#record = record;
    return result;
  }

  static createObjectURL(blob: Blob): string {
    return part('blob').createObjectURL(blob);
  }

  static revokeObjectURL(url: string): void {
    part('blob').revokeObjectURL(url);
  }

  static canParse(url: string | URL, base?: string | URL): boolean {
    if (arguments.length === 0) throw new TypeError("Failed to execute 'canParse' on 'URL': 1 argument needed");
    return parseWithBase(url, base) !== undefined;
  }

  get href(): string {
    this.#href ??= serialize(this.#record);
    return this.#href;
  }
  set href(value: string) {
    const record = parse(`${value}`, undefined);
    if (record === undefined) throw new TypeError(`Invalid URL: ${quote(`${value}`)}`);
    this.#record = record;
    this.#changed();
    if (this.#searchParams !== undefined) searchParams.replace(this.#searchParams, record.query ?? '');
  }
  get origin(): string {
    return originOf(this.#record);
  }
  get protocol(): string {
    return `${this.#record.scheme}:`;
  }
  set protocol(value: string) {
    this.#set(`${value}:`, 'schemeStart');
  }
  get username(): string {
    return this.#record.username;
  }
  set username(value: string) {
    if (cannotHaveCredentials(this.#record)) return;
    this.#record.username = percentEncode(`${value}`.toWellFormed(), userinfoSet);
    this.#changed();
  }
  get password(): string {
    return this.#record.password;
  }
  set password(value: string) {
    if (cannotHaveCredentials(this.#record)) return;
    this.#record.password = percentEncode(`${value}`.toWellFormed(), userinfoSet);
    this.#changed();
  }
  get host(): string {
    const { host, port } = this.#record;
    if (host === null) return '';
    return port === null ? host : `${host}:${port}`;
  }
  set host(value: string) {
    if (typeof this.#record.path !== 'string') this.#set(`${value}`, 'host');
  }
  get hostname(): string {
    return this.#record.host ?? '';
  }
  set hostname(value: string) {
    if (typeof this.#record.path !== 'string') this.#set(`${value}`, 'hostname');
  }
  get port(): string {
    return this.#record.port === null ? '' : `${this.#record.port}`;
  }
  set port(value: string) {
    if (cannotHaveCredentials(this.#record)) return;
    const text = `${value}`;
    if (text !== '') {
      this.#set(text, 'port');
      return;
    }
    this.#record.port = null;
    this.#changed();
  }
  get pathname(): string {
    return serializePath(this.#record);
  }
  set pathname(value: string) {
    if (typeof this.#record.path === 'string') return;
    const text = `${value}`;
    const { path } = this.#record;
    this.#record.path = [];
    if (!parseComponent(text, this.#record, 'pathStart')) this.#record.path = path;
    this.#changed();
  }
  get search(): string {
    return this.#record.query === null || this.#record.query === '' ? '' : `?${this.#record.query}`;
  }
  set search(value: string) {
    const text = `${value}`;
    const query = text.startsWith('?') ? text.slice(1) : text;
    if (text === '') {
      this.#record.query = null;
    } else {
      this.#record.query = '';
      parseComponent(query, this.#record, 'query');
    }
    this.#changed();
    if (this.#searchParams !== undefined) searchParams.replace(this.#searchParams, query.toWellFormed());
  }
  get searchParams(): URLSearchParams {
    this.#searchParams ??= searchParams.create(this.#record.query ?? '', (query) => {
      this.#record.query = query === '' ? null : query;
      this.#changed();
    });
    return this.#searchParams;
  }
  get hash(): string {
    return this.#record.fragment === null || this.#record.fragment === '' ? '' : `#${this.#record.fragment}`;
  }
  set hash(value: string) {
    const text = `${value}`;
    if (text === '') {
      this.#record.fragment = null;
    } else {
      this.#record.fragment = '';
      parseComponent(text.startsWith('#') ? text.slice(1) : text, this.#record, 'fragment');
    }
    this.#changed();
  }
  toString(): string {
    void this.#record;
    return this.href;
  }
  toJSON(): string {
    void this.#record;
    return this.href;
  }

  /** The parser changes what it has understood, and stops at what it has not. */
  #set(value: string, state: 'schemeStart' | 'host' | 'hostname' | 'port'): void {
    parseComponent(value, this.#record, state);
    this.#changed();
  }

  #changed(): void {
    this.#href = undefined;
  }
}

defineInterface(URL, 'URL', { constructor: 1, 'static parse': 1, 'static canParse': 1 });

/** For other parts: the URL as a Request or Response needs it, or `undefined` when it is invalid. */
export function parseUrl(text: string): { readonly href: string; readonly hasCredentials: boolean } | undefined {
  const record = parse(text, undefined);
  if (record === undefined) return undefined;
  return { href: serialize(record), hasCredentials: record.username !== '' || record.password !== '' };
}

function parseWithBase(url: unknown, base: unknown): UrlRecord | undefined {
  if (base === undefined) return parse(`${url as string}`, undefined);
  const baseRecord = parse(`${base as string}`, undefined);
  return baseRecord === undefined ? undefined : parse(`${url as string}`, baseRecord);
}

function cannotHaveCredentials(record: UrlRecord): boolean {
  return record.host === null || record.host === '' || record.scheme === 'file';
}

/** https://url.spec.whatwg.org/#concept-url-origin */
function originOf(record: UrlRecord): string {
  if (record.scheme === 'blob') {
    const inner = typeof record.path === 'string' ? parse(record.path, undefined) : undefined;
    return inner?.scheme === 'http' || inner?.scheme === 'https' ? originOf(inner) : 'null';
  }
  if (!isSpecialScheme(record.scheme) || record.scheme === 'file') return 'null';
  const { scheme, host, port } = record;
  return `${scheme}://${host ?? ''}${port === null || port === defaultPort(scheme) ? '' : `:${port}`}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}
