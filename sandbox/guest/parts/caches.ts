/** https://w3c.github.io/ServiceWorker/#cache-objects, in the memory of the isolate: what is cached is gone with it. */
import { part } from '../core/facade.ts';
import type { Request, Response } from './fetch.ts';
import { assertArguments, assertKey, defineInterface } from './shared/interface.ts';

type RequestInfo = Request | string | { readonly href: string };

interface QueryOptions {
  ignoreSearch?: boolean;
  ignoreMethod?: boolean;
  ignoreVary?: boolean;
  cacheName?: string;
}
interface Entry {
  readonly request: Request;
  readonly response: Response;
}

const key = Symbol('internal');

export class Cache {
  #entries: Entry[] = [];

  constructor(given?: unknown) {
    assertKey(given, key);
  }

  async match(request: RequestInfo, options: QueryOptions = {}): Promise<Response | undefined> {
    assertArguments(arguments.length, 1, "Failed to execute 'match' on 'Cache'");
    return this.#find(request, options)[0]?.response.clone();
  }

  async matchAll(request?: RequestInfo, options: QueryOptions = {}): Promise<readonly Response[]> {
    const found = request === undefined ? this.#entries : this.#find(request, options);
    return Object.freeze(found.map(({ response }) => response.clone()));
  }

  async add(request: RequestInfo): Promise<void> {
    assertArguments(arguments.length, 1, "Failed to execute 'add' on 'Cache'");
    await this.addAll([request]);
  }

  async addAll(requests: Iterable<RequestInfo>): Promise<void> {
    assertArguments(arguments.length, 1, "Failed to execute 'addAll' on 'Cache'");
    const { fetch } = globalThis as unknown as { fetch?: (request: Request) => Promise<Response> };
    if (typeof fetch !== 'function') throw new TypeError('there is no fetch to fill the cache with; use put');
    const all = [...requests].map((request) => toRequest(request));
    for (const request of all) assertCacheable(request);
    const responses = await Promise.all(all.map((request) => fetch(request.clone())));
    for (const response of responses) {
      if (!response.ok) throw new TypeError(`the response has the status ${response.status}`);
    }
    for (const [index, response] of responses.entries()) await this.put(all[index]!, response);
  }

  async put(request: RequestInfo, response: Response): Promise<void> {
    assertArguments(arguments.length, 2, "Failed to execute 'put' on 'Cache'");
    const { Response } = part('fetch');
    const inner = toRequest(request);
    assertCacheable(inner);
    if (!(response instanceof Response)) throw new TypeError("Failed to execute 'put' on 'Cache': not a Response");
    if (response.status === 206) throw new TypeError('a response with part of a body cannot be cached');
    const vary = response.headers.get('vary') ?? '';
    if (vary.split(',').some((name) => name.trim() === '*')) {
      throw new TypeError('a response that varies by everything cannot be cached');
    }
    if (response.bodyUsed || response.body?.locked === true) throw new TypeError('the body of the response is used');
    const body = response.body === null ? null : await response.arrayBuffer();
    const { headers, status, statusText } = response;
    const kept = new Response(body, { headers, status, statusText });
    this.#entries = without(this.#entries, this.#find(inner, {}));
    this.#entries.push({ request: inner.clone(), response: kept });
  }

  async delete(request: RequestInfo, options: QueryOptions = {}): Promise<boolean> {
    assertArguments(arguments.length, 1, "Failed to execute 'delete' on 'Cache'");
    const found = this.#find(request, options);
    this.#entries = without(this.#entries, found);
    return found.length > 0;
  }

  async keys(request?: RequestInfo, options: QueryOptions = {}): Promise<readonly Request[]> {
    const found = request === undefined ? this.#entries : this.#find(request, options);
    return Object.freeze(found.map((entry) => entry.request.clone()));
  }

  #find(given: RequestInfo, options: QueryOptions): Entry[] {
    const request = toRequest(given);
    if (request.method !== 'GET' && options.ignoreMethod !== true) return [];
    const wanted = keyOf(request.url, options);
    return this.#entries.filter(
      (entry) =>
        keyOf(entry.request.url, options) === wanted && (options.ignoreVary === true || isSame(entry, request)),
    );
  }
}

defineInterface(Cache, 'Cache', { constructor: 0, matchAll: 0, keys: 0 });

export class CacheStorage {
  readonly #caches = new Map<string, Cache>();

  constructor(given?: unknown) {
    assertKey(given, key);
  }

  /** The cache that is there without being opened, as on Workers. */
  get default(): Cache {
    return this.#open('default');
  }

  async open(name: string): Promise<Cache> {
    assertArguments(arguments.length, 1, "Failed to execute 'open' on 'CacheStorage'");
    return this.#open(`${name}`);
  }

  async has(name: string): Promise<boolean> {
    assertArguments(arguments.length, 1, "Failed to execute 'has' on 'CacheStorage'");
    return this.#caches.has(`${name}`);
  }

  async delete(name: string): Promise<boolean> {
    assertArguments(arguments.length, 1, "Failed to execute 'delete' on 'CacheStorage'");
    return this.#caches.delete(`${name}`);
  }

  async keys(): Promise<string[]> {
    return [...this.#caches.keys()];
  }

  async match(request: RequestInfo, options: QueryOptions = {}): Promise<Response | undefined> {
    assertArguments(arguments.length, 1, "Failed to execute 'match' on 'CacheStorage'");
    const names = options.cacheName === undefined ? [...this.#caches.keys()] : [`${options.cacheName}`];
    for (const name of names) {
      const found = await this.#caches.get(name)?.match(request, options);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #open(name: string): Cache {
    let cache = this.#caches.get(name);
    if (cache === undefined) {
      cache = new Cache(key);
      this.#caches.set(name, cache);
    }
    return cache;
  }
}

defineInterface(CacheStorage, 'CacheStorage', { constructor: 0 });

export const caches = new CacheStorage(key);

function toRequest(given: RequestInfo): Request {
  const { Request } = part('fetch');
  return given instanceof Request ? given : new Request(`${given as string}`);
}

function assertCacheable({ method, url }: Request): void {
  if (method !== 'GET') throw new TypeError(`a ${method} request cannot be cached`);
  if (!/^https?:/.test(url)) throw new TypeError(`only requests over HTTP can be cached, not ${JSON.stringify(url)}`);
}

function keyOf(href: string, { ignoreSearch }: QueryOptions): string {
  const url = new (part('url').URL)(href);
  url.hash = '';
  if (ignoreSearch === true) url.search = '';
  return url.href;
}

/** Whether the headers that the response varies by are those of the request. */
function isSame({ request, response }: Entry, other: Request): boolean {
  const names = (response.headers.get('vary') ?? '').split(',').map((name) => name.trim());
  return names.every((name) => name === '' || request.headers.get(name) === other.headers.get(name));
}

function without(entries: readonly Entry[], found: readonly Entry[]): Entry[] {
  return entries.filter((entry) => !found.includes(entry));
}
