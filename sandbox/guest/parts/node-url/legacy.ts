/** `url.parse` and what belongs to it: URLs as Node had them before the standard, which old packages still ask for. */
import { part } from '../../core/facade.ts';
import { assertString, withCode } from '../shared/node-error.ts';
import { parse as parseQuery, stringify } from '../node-querystring.ts';

const slashed = /^(?:https?|ftp|gopher|file|wss?):?$/;
const withoutHost = /^javascript:?$/;
const simplePath = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/;
const forbiddenInHost = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const forbiddenInIpv6 = /[\0\t\n\r #%/<>?@\\^|]/;
const maxHostname = 255;

const escapes: Readonly<Record<string, string>> = {
  '\t': '%09',
  '\n': '%0A',
  '\r': '%0D',
  ' ': '%20',
  '"': '%22',
  "'": '%27',
  '<': '%3C',
  '>': '%3E',
  '\\': '%5C',
  '^': '%5E',
  '`': '%60',
  '{': '%7B',
  '|': '%7C',
  '}': '%7D',
};

export class Url {
  protocol: string | null = null;
  slashes: boolean | null = null;
  auth: string | null = null;
  host: string | null = null;
  port: string | null = null;
  hostname: string | null = null;
  hash: string | null = null;
  search: string | null = null;
  query: string | object | null = null;
  pathname: string | null = null;
  path: string | null = null;
  href = '';

  parse(url: unknown, parseQueryString = false, slashesDenoteHost = false): this {
    assertString('url', url);
    const trimmed = trimmedOf(url);
    if (!slashesDenoteHost && !trimmed.hasHash && !trimmed.hasAt) {
      const simple = simplePath.exec(trimmed.text);
      if (simple !== null) {
        this.path = this.href = trimmed.text;
        this.pathname = simple[1]!;
        this.#setSearch(simple[2] ?? null, parseQueryString);
        return this;
      }
    }
    let rest = trimmed.text;
    const protocol = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
    const lower = protocol?.toLowerCase() ?? '';
    if (protocol !== undefined) {
      this.protocol = lower;
      rest = rest.slice(protocol.length);
    }
    let hasSlashes = false;
    if (slashesDenoteHost || protocol !== undefined || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
      hasSlashes = rest.startsWith('//');
      if (hasSlashes && !withoutHost.test(lower)) {
        rest = rest.slice(2);
        this.slashes = true;
      }
    }
    if (!withoutHost.test(lower) && (hasSlashes || (protocol !== undefined && !slashed.test(protocol)))) {
      rest = this.#readHost(rest, url);
    }
    if (!withoutHost.test(lower)) rest = rest.replaceAll(/[\t\n\r "'<>\\^`{|}]/g, (each) => escapes[each]!);
    const hashAt = rest.indexOf('#');
    if (hashAt !== -1) this.hash = rest.slice(hashAt);
    const end = hashAt === -1 ? rest.length : hashAt;
    const queryAt = rest.slice(0, end).indexOf('?');
    this.#setSearch(queryAt === -1 ? null : rest.slice(queryAt, end), parseQueryString);
    const pathname = rest.slice(0, queryAt === -1 ? end : queryAt);
    if (pathname !== '') this.pathname = pathname;
    if (slashed.test(lower) && this.hostname && !this.pathname) this.pathname = '/';
    if (this.pathname || this.search) this.path = `${this.pathname ?? ''}${this.search ?? ''}`;
    this.href = this.format();
    return this;
  }

  #setSearch(search: string | null, parseQueryString: boolean): void {
    if (search !== null) {
      this.search = search;
      this.query = parseQueryString ? parseQuery(search.slice(1)) : search.slice(1);
    } else if (parseQueryString) {
      this.query = parseQuery('');
    }
  }

  /** @returns What comes after it. */
  #readHost(given: string, url: string): string {
    let rest = given;
    let at = -1;
    let end = -1;
    for (let index = 0; index < rest.length; index += 1) {
      const character = rest[index]!;
      if (/[\t\n\r]/.test(character)) {
        rest = rest.slice(0, index) + rest.slice(index + 1);
        index -= 1;
      } else if (character === '@') {
        at = index;
        end = -1;
      } else if (/[#/?]/.test(character)) {
        if (end === -1) end = index;
        break;
      } else if (end === -1 && /[ "%';<>\\^`{|}]/.test(character)) {
        end = index;
      }
    }
    if (at !== -1) this.auth = decodeURIComponent(rest.slice(0, at));
    this.host = end === -1 ? rest.slice(at + 1) : rest.slice(at + 1, end);
    rest = end === -1 ? '' : rest.slice(end);
    this.parseHost();
    let hostname = this.hostname ?? '';
    const isIpv6 = isBracketed(hostname);
    if (!isIpv6) {
      const invalid = hostname.search(/[/\\#?:]/);
      if (invalid !== -1) {
        rest = `/${hostname.slice(invalid)}${rest}`;
        hostname = hostname.slice(0, invalid);
      }
    }
    hostname = hostname.length > maxHostname ? '' : hostname.toLowerCase();
    if (hostname !== '') {
      if (!isIpv6) hostname = toAscii(hostname);
      if (hostname === '' || (isIpv6 ? forbiddenInIpv6 : forbiddenInHost).test(hostname)) throw invalidUrl(url);
    }
    this.host = hostname + (this.port ? `:${this.port}` : '');
    this.hostname = isIpv6 ? hostname.slice(1, -1) : hostname;
    return isIpv6 && !rest.startsWith('/') ? `/${rest}` : rest;
  }

  parseHost(): void {
    let host = this.host ?? '';
    const port = /:[0-9]*$/.exec(host)?.[0];
    if (port !== undefined) {
      if (port !== ':') this.port = port.slice(1);
      host = host.slice(0, -port.length);
    }
    if (host) this.hostname = host;
  }

  format(): string {
    const auth = this.auth ? `${encodeURIComponent(this.auth).replaceAll(/%3A/gi, ':')}@` : '';
    let protocol = this.protocol || '';
    let host = '';
    if (this.host) host = auth + this.host;
    else if (this.hostname) {
      const { hostname, port } = this;
      host = auth + (hostname.includes(':') && !isBracketed(hostname) ? `[${hostname}]` : hostname);
      if (port) host += `:${port}`;
    }
    const query = typeof this.query === 'object' && this.query !== null ? stringify(this.query) : '';
    let search = this.search || (query && `?${query}`) || '';
    if (protocol && !protocol.endsWith(':')) protocol += ':';
    let pathname = (this.pathname || '').replaceAll('#', '%23').replaceAll('?', '%3F');
    if (this.slashes || slashed.test(protocol)) {
      if (this.slashes || host) {
        if (pathname && !pathname.startsWith('/')) pathname = `/${pathname}`;
        host = `//${host}`;
      } else if (protocol.startsWith('file')) {
        host = '//';
      }
    }
    search = search.replaceAll('#', '%23');
    let hash = this.hash || '';
    if (hash && !hash.startsWith('#')) hash = `#${hash}`;
    if (search && !search.startsWith('?')) search = `?${search}`;
    return protocol + host + pathname + search + hash;
  }

  resolve(relative: string): string {
    return this.resolveObject(parse(relative, false, true)).format();
  }

  resolveObject(given: string | Url): Url {
    const relative = typeof given === 'string' ? parse(given, false, true) : given;
    const result = Object.assign(new Url(), this);
    result.hash = relative.hash;
    if (relative.href === '') return finished(result);
    if (relative.slashes && !relative.protocol) {
      const { protocol: _, ...rest } = relative;
      Object.assign(result, rest);
      if (slashed.test(result.protocol ?? '') && result.hostname && !result.pathname) {
        result.path = result.pathname = '/';
      }
      return finished(result);
    }
    if (relative.protocol && relative.protocol !== result.protocol) return ofOtherProtocol(result, relative);
    return joined(result, relative);
  }
}

function ofOtherProtocol(result: Url, relative: Url): Url {
  if (!slashed.test(relative.protocol!)) return finished(Object.assign(result, relative));
  result.protocol = relative.protocol;
  let { host, pathname } = relative;
  if (!host && !/^file:?$/.test(relative.protocol!) && !withoutHost.test(relative.protocol!)) {
    const path = (pathname || '').split('/');
    while (path.length > 0 && !host) host = path.shift()!;
    host ||= '';
    if (path[0] !== '') path.unshift('');
    if (path.length < 2) path.unshift('');
    pathname = path.join('/');
  }
  result.pathname = pathname;
  result.search = relative.search;
  result.query = relative.query;
  result.host = host || '';
  result.auth = relative.auth;
  result.hostname = relative.hostname || host;
  result.port = relative.port;
  if (result.pathname || result.search) result.path = `${result.pathname || ''}${result.search || ''}`;
  result.slashes = result.slashes || relative.slashes;
  return finished(result);
}

function joined(result: Url, relative: Url): Url {
  const isAbsoluteSource = result.pathname?.startsWith('/') === true;
  const isAbsoluteRelative = Boolean(relative.host) || relative.pathname?.startsWith('/') === true;
  const removeAllDots = isAbsoluteRelative || isAbsoluteSource || Boolean(result.host && relative.pathname);
  let mustEndAbsolute = removeAllDots;
  let path = result.pathname ? result.pathname.split('/') : [];
  const added = relative.pathname ? relative.pathname.split('/') : [];
  const hasNoSlashes = Boolean(result.protocol) && !slashed.test(result.protocol!);
  if (hasNoSlashes) {
    // The host is the first part of the path.
    result.hostname = '';
    result.port = null;
    if (result.host) {
      if (path[0] === '') path[0] = result.host;
      else path.unshift(result.host);
    }
    result.host = '';
    if (relative.protocol) {
      result.auth = null;
      if (relative.host) {
        if (added[0] === '') added[0] = relative.host;
        else added.unshift(relative.host);
      }
    }
    mustEndAbsolute = mustEndAbsolute && (added[0] === '' || path[0] === '');
  }
  const host = hasNoSlashes && relative.protocol ? null : relative.host;
  const hostname = hasNoSlashes && relative.protocol ? null : relative.hostname;
  if (isAbsoluteRelative) {
    if (host || host === '') {
      if (result.host !== host) result.auth = null;
      result.host = host;
      result.port = relative.port;
    }
    if (hostname || hostname === '') {
      if (result.hostname !== hostname) result.auth = null;
      result.hostname = hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    path = added;
  } else if (added.length > 0) {
    path.pop();
    path = [...path, ...added];
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    if (hasNoSlashes) setHost(result, path.shift() ?? null);
    result.search = relative.search;
    result.query = relative.query;
    if (result.pathname !== null || result.search !== null) {
      result.path = `${result.pathname || ''}${result.search || ''}`;
    }
    return finished(result);
  }
  if (path.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    return finished(result);
  }
  const last = path.at(-1)!;
  const endsWithSlash = ((result.host || host || path.length > 1) && (last === '.' || last === '..')) || last === '';
  path = withoutDots(path, !mustEndAbsolute && !removeAllDots);
  if (mustEndAbsolute && path[0] !== '' && !path[0]?.startsWith('/')) path.unshift('');
  if (endsWithSlash && !path.join('/').endsWith('/')) path.push('');
  const isAbsolute = path[0] === '' || path[0]?.startsWith('/') === true;
  if (hasNoSlashes) setHost(result, isAbsolute ? '' : (path.shift() ?? ''));
  mustEndAbsolute = mustEndAbsolute || Boolean(result.host && path.length > 0);
  if (mustEndAbsolute && !isAbsolute) path.unshift('');
  if (path.length === 0) result.pathname = result.path = null;
  else result.pathname = path.join('/');
  if (result.pathname !== null || result.search !== null) {
    result.path = `${result.pathname || ''}${result.search || ''}`;
  }
  result.auth = relative.auth || result.auth;
  result.slashes = result.slashes || relative.slashes;
  return finished(result);
}

function withoutDots(given: readonly string[], keepsUp: boolean): string[] {
  const path = [...given];
  let up = 0;
  for (let index = path.length - 1; index >= 0; index -= 1) {
    const last = path[index]!;
    if (last === '.') {
      path.splice(index, 1);
    } else if (last === '..') {
      path.splice(index, 1);
      up += 1;
    } else if (up > 0) {
      path.splice(index, 1);
      up -= 1;
    }
  }
  if (keepsUp) path.unshift(...Array.from({ length: up }, () => '..'));
  return path;
}

function setHost(result: Url, host: string | null): void {
  result.hostname = result.host = host;
  if (host === null || host.indexOf('@') <= 0) return;
  const [auth, name] = host.split('@');
  result.auth = auth!;
  result.host = result.hostname = name!;
}

function finished(url: Url): Url {
  url.href = url.format();
  return url;
}

interface Trimmed {
  readonly text: string;
  readonly hasHash: boolean;
  readonly hasAt: boolean;
}

/** Without space around it, and with slashes for backslashes before what is searched for. */
function trimmedOf(url: string): Trimmed {
  const text = url.replace(/^[\0-\u0020\u00a0\ufeff]+/, '').replace(/[\0-\u0020\u00a0\ufeff]+$/, '');
  const split = text.search(/[#?]/);
  const head = split === -1 ? text : text.slice(0, split);
  return {
    text: head.replaceAll('\\', '/') + (split === -1 ? '' : text.slice(split)),
    hasHash: text.includes('#'),
    hasAt: head.includes('@'),
  };
}

function isBracketed(hostname: string): boolean {
  return hostname.startsWith('[') && hostname.endsWith(']');
}

function toAscii(hostname: string): string {
  if (/^[\0-\u007f]*$/.test(hostname)) return hostname;
  const url = part('url').URL.parse(`ws://${hostname}`);
  return url === null ? '' : url.hostname;
}

function invalidUrl(input: string): Error {
  return Object.assign(withCode(new TypeError('Invalid URL'), 'ERR_INVALID_URL'), { input });
}

export function parse(url: unknown, parseQueryString?: boolean, slashesDenoteHost?: boolean): Url {
  return url instanceof Url ? url : new Url().parse(url, parseQueryString, slashesDenoteHost);
}

export function format(url: object | string): string {
  const object = typeof url === 'string' ? parse(url) : url;
  return Url.prototype.format.call(object as Url);
}

export function resolve(source: string | Url, relative: string): string {
  return parse(source, false, true).resolve(relative);
}

export function resolveObject(source: string | Url, relative: string | Url): string | Url | object {
  return source ? parse(source, false, true).resolveObject(relative) : relative;
}
