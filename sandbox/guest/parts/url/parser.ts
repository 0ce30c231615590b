/** https://url.spec.whatwg.org/#url-parsing */
import { parseHost } from './host.ts';
import { c0Set, fragmentSet, pathSet, percentEncode, querySet, specialQuerySet, userinfoSet } from './percent.ts';

/** https://url.spec.whatwg.org/#concept-url */
export interface UrlRecord {
  scheme: string;
  username: string;
  password: string;
  /** Serialised; `null` is no host, the empty string an empty one. */
  host: string | null;
  port: number | null;
  /** A string is an opaque path. */
  path: string[] | string;
  query: string | null;
  fragment: string | null;
}

/** Where the parser starts when a setter changes one component. */
export type State =
  | 'schemeStart'
  | 'scheme'
  | 'noScheme'
  | 'specialRelativeOrAuthority'
  | 'pathOrAuthority'
  | 'relative'
  | 'relativeSlash'
  | 'specialAuthoritySlashes'
  | 'specialAuthorityIgnoreSlashes'
  | 'authority'
  | 'host'
  | 'hostname'
  | 'port'
  | 'file'
  | 'fileSlash'
  | 'fileHost'
  | 'pathStart'
  | 'path'
  | 'opaquePath'
  | 'query'
  | 'fragment';

const defaultPorts: Readonly<Record<string, number | null>> = Object.freeze({
  __proto__: null,
  ftp: 21,
  file: null,
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
} as unknown as Record<string, number | null>);

export function isSpecialScheme(scheme: string): boolean {
  return defaultPorts[scheme] !== undefined;
}

export function defaultPort(scheme: string): number | null {
  return defaultPorts[scheme] ?? null;
}

export function emptyRecord(): UrlRecord {
  return { scheme: '', username: '', password: '', host: null, port: null, path: [], query: null, fragment: null };
}

const edges = /^[\0-\x20]+|[\0-\x20]+$/g;
const tabsAndNewlines = /[\t\n\r]/g;
const windowsLetter = /^[A-Za-z][:|]$/;
const normalizedWindowsLetter = /^[A-Za-z]:$/;
const startsWithWindowsLetter = /^[A-Za-z][:|](?:[/\\?#]|$)/;
const singleDot = /^(?:\.|%2e)$/i;
const doubleDot = /^(?:\.|%2e){2}$/i;

/** Parses a whole URL. `undefined` is failure. */
export function parse(input: string, base: UrlRecord | undefined): UrlRecord | undefined {
  const url = emptyRecord();
  return run(input.toWellFormed().replace(edges, ''), base, url, undefined) ? url : undefined;
}

/** Parses `input` as one component of `url`, which is changed; `false` is failure. */
export function parseComponent(input: string, url: UrlRecord, state: State): boolean {
  return run(input.toWellFormed(), undefined, url, state);
}

function run(raw: string, base: UrlRecord | undefined, url: UrlRecord, override: State | undefined): boolean {
  const input = raw.replace(tabsAndNewlines, '');
  const end = input.length;
  let state: State = override ?? 'schemeStart';
  let at = 0;
  for (;;) {
    const c = at < end ? input[at]! : '';
    switch (state) {
      case 'schemeStart': {
        if (/^[A-Za-z]$/.test(c)) {
          state = 'scheme';
          break;
        }
        if (override !== undefined) return false;
        state = 'noScheme';
        break;
      }
      case 'scheme': {
        const match = /^[A-Za-z][A-Za-z0-9+\-.]*/.exec(input)![0];
        at = match.length;
        if (input[at] !== ':') {
          if (override !== undefined) return false;
          at = 0;
          state = 'noScheme';
          break;
        }
        const scheme = match.toLowerCase();
        if (override !== undefined) {
          if (isSpecialScheme(url.scheme) !== isSpecialScheme(scheme)) return true;
          if (scheme === 'file' && (url.username !== '' || url.password !== '' || url.port !== null)) return true;
          if (url.scheme === 'file' && (url.host === null || url.host === '')) return true;
          url.scheme = scheme;
          if (url.port === defaultPort(scheme)) url.port = null;
          return true;
        }
        url.scheme = scheme;
        at += 1;
        if (scheme === 'file') state = 'file';
        else if (isSpecialScheme(scheme)) {
          state = base?.scheme === scheme ? 'specialRelativeOrAuthority' : 'specialAuthoritySlashes';
        } else if (input[at] === '/') {
          state = 'pathOrAuthority';
          at += 1;
        } else {
          url.path = '';
          state = 'opaquePath';
        }
        break;
      }
      case 'noScheme': {
        if (base === undefined || (typeof base.path === 'string' && c !== '#')) return false;
        if (typeof base.path === 'string') {
          Object.assign(url, { ...base, fragment: '' });
          state = 'fragment';
          at += 1;
        } else {
          state = base.scheme === 'file' ? 'file' : 'relative';
        }
        break;
      }
      case 'specialRelativeOrAuthority': {
        if (c === '/' && input[at + 1] === '/') {
          state = 'specialAuthorityIgnoreSlashes';
          at += 2;
        } else {
          state = 'relative';
        }
        break;
      }
      case 'pathOrAuthority': {
        if (c === '/') {
          state = 'authority';
          at += 1;
        } else {
          state = 'path';
        }
        break;
      }
      case 'relative': {
        url.scheme = base!.scheme;
        if (c === '/' || (isSpecialScheme(url.scheme) && c === '\\')) {
          state = 'relativeSlash';
          at += 1;
          break;
        }
        copyAuthority(url, base!);
        url.path = [...(base!.path as string[])];
        url.query = base!.query;
        if (c === '?') {
          url.query = '';
          state = 'query';
          at += 1;
        } else if (c === '#') {
          url.fragment = '';
          state = 'fragment';
          at += 1;
        } else if (c !== '') {
          url.query = null;
          shorten(url);
          state = 'path';
        } else {
          return true;
        }
        break;
      }
      case 'relativeSlash': {
        if (isSpecialScheme(url.scheme) && (c === '/' || c === '\\')) {
          state = 'specialAuthorityIgnoreSlashes';
          at += 1;
        } else if (c === '/') {
          state = 'authority';
          at += 1;
        } else {
          copyAuthority(url, base!);
          state = 'path';
        }
        break;
      }
      case 'specialAuthoritySlashes': {
        if (c === '/' && input[at + 1] === '/') at += 2;
        state = 'specialAuthorityIgnoreSlashes';
        break;
      }
      case 'specialAuthorityIgnoreSlashes': {
        while (input[at] === '/' || input[at] === '\\') at += 1;
        state = 'authority';
        break;
      }
      case 'authority': {
        const stop = authorityEnd(input, at, url.scheme);
        const mark = input.lastIndexOf('@', stop - 1);
        if (mark >= at) {
          const credentials = input.slice(at, mark);
          const colon = credentials.indexOf(':');
          url.username = percentEncode(colon === -1 ? credentials : credentials.slice(0, colon), userinfoSet);
          if (colon !== -1) url.password = percentEncode(credentials.slice(colon + 1), userinfoSet);
          at = mark + 1;
          if (at === stop) return false;
        }
        state = 'host';
        break;
      }
      case 'host':
      case 'hostname': {
        if (override !== undefined && url.scheme === 'file') {
          state = 'fileHost';
          break;
        }
        const stop = authorityEnd(input, at, url.scheme);
        const colon = hostEnd(input, at, stop);
        const text = input.slice(at, colon);
        if (colon < stop) {
          if (text === '') return false;
          if (override === 'hostname') return false;
        } else if (text === '') {
          if (isSpecialScheme(url.scheme)) return false;
          if (override !== undefined && (url.username !== '' || url.password !== '' || url.port !== null)) return false;
        }
        const host = text === '' ? '' : parseHost(text, isSpecialScheme(url.scheme));
        if (host === undefined) return false;
        url.host = host;
        if (colon < stop) {
          state = 'port';
          at = colon + 1;
          break;
        }
        if (override !== undefined) return true;
        state = 'pathStart';
        at = stop;
        break;
      }
      case 'port': {
        const digits = /^[0-9]*/.exec(input.slice(at))![0];
        const next = input[at + digits.length] ?? '';
        const isEnd =
          next === '' || next === '/' || next === '?' || next === '#' || (isSpecialScheme(url.scheme) && next === '\\');
        if (!isEnd && override === undefined) return false;
        if (digits !== '') {
          const port = Number(digits);
          if (port > 65_535) return false;
          url.port = port === defaultPort(url.scheme) ? null : port;
          if (override !== undefined) return true;
        }
        if (override !== undefined) return false;
        at += digits.length;
        state = 'pathStart';
        break;
      }
      case 'file': {
        url.scheme = 'file';
        url.host = '';
        if (c === '/' || c === '\\') {
          state = 'fileSlash';
          at += 1;
        } else if (base?.scheme === 'file') {
          url.host = base.host;
          url.path = [...(base.path as string[])];
          url.query = base.query;
          if (c === '?') {
            url.query = '';
            state = 'query';
            at += 1;
          } else if (c === '#') {
            url.fragment = '';
            state = 'fragment';
            at += 1;
          } else if (c !== '') {
            url.query = null;
            if (startsWithWindowsLetter.test(input.slice(at))) url.path = [];
            else shorten(url);
            state = 'path';
          } else {
            return true;
          }
        } else {
          state = 'path';
        }
        break;
      }
      case 'fileSlash': {
        if (c === '/' || c === '\\') {
          state = 'fileHost';
          at += 1;
          break;
        }
        if (base?.scheme === 'file') {
          url.host = base.host;
          const first = (base.path as string[])[0];
          if (
            !startsWithWindowsLetter.test(input.slice(at)) &&
            first !== undefined &&
            normalizedWindowsLetter.test(first)
          ) {
            (url.path as string[]).push(first);
          }
        }
        state = 'path';
        break;
      }
      case 'fileHost': {
        const length = /^[^/\\?#]*/.exec(input.slice(at))![0].length;
        const text = input.slice(at, at + length);
        if (override === undefined && windowsLetter.test(text)) {
          state = 'path';
          break;
        }
        at += length;
        if (text === '') {
          url.host = '';
        } else {
          const host = parseHost(text, true);
          if (host === undefined) return false;
          url.host = host === 'localhost' ? '' : host;
        }
        if (override !== undefined) return true;
        state = 'pathStart';
        break;
      }
      case 'pathStart': {
        if (isSpecialScheme(url.scheme)) {
          state = 'path';
          if (c === '/' || c === '\\') at += 1;
        } else if (override === undefined && c === '?') {
          url.query = '';
          state = 'query';
          at += 1;
        } else if (override === undefined && c === '#') {
          url.fragment = '';
          state = 'fragment';
          at += 1;
        } else if (c !== '') {
          state = 'path';
          if (c === '/') at += 1;
        } else {
          if (override !== undefined && url.host === null) (url.path as string[]).push('');
          return true;
        }
        break;
      }
      case 'path': {
        at = parsePath(input, at, url, override !== undefined);
        if (at >= end) return true;
        if (input[at] === '?') {
          url.query = '';
          state = 'query';
        } else {
          url.fragment = '';
          state = 'fragment';
        }
        at += 1;
        break;
      }
      case 'opaquePath': {
        const length = /^[^?#]*/.exec(input.slice(at))![0].length;
        const text = input.slice(at, at + length);
        at += length;
        // A trailing space before a query or fragment would be lost when they are taken away again.
        url.path = percentEncode(text, c0Set);
        if (at >= end) return true;
        if (url.path.endsWith(' ')) url.path = `${url.path.slice(0, -1)}%20`;
        state = input[at] === '?' ? 'query' : 'fragment';
        if (state === 'query') url.query = '';
        else url.fragment = '';
        at += 1;
        break;
      }
      case 'query': {
        const mark = override === undefined ? input.indexOf('#', at) : -1;
        const stop = mark === -1 ? end : mark;
        url.query += percentEncode(input.slice(at, stop), isSpecialScheme(url.scheme) ? specialQuerySet : querySet);
        if (mark === -1) return true;
        url.fragment = '';
        state = 'fragment';
        at = mark + 1;
        break;
      }
      case 'fragment': {
        url.fragment += percentEncode(input.slice(at), fragmentSet);
        return true;
      }
    }
  }
}

/** Reads path segments up to a query or fragment (which a setter's input cannot have) and answers where it stopped. */
function parsePath(input: string, from: number, url: UrlRecord, isSetter: boolean): number {
  const special = isSpecialScheme(url.scheme);
  const path = url.path as string[];
  let at = from;
  for (;;) {
    let stop = at;
    while (stop < input.length) {
      const c = input[stop]!;
      if (c === '/' || (special && c === '\\') || (!isSetter && (c === '?' || c === '#'))) break;
      stop += 1;
    }
    const segment = percentEncode(input.slice(at, stop), pathSet);
    const isLast = stop === input.length || (input[stop] !== '/' && !(special && input[stop] === '\\'));
    if (doubleDot.test(segment)) {
      shorten(url);
      if (isLast) path.push('');
    } else if (singleDot.test(segment)) {
      if (isLast) path.push('');
    } else if (url.scheme === 'file' && path.length === 0 && windowsLetter.test(segment)) {
      path.push(`${segment[0]!}:`);
    } else {
      path.push(segment);
    }
    if (isLast) return stop;
    at = stop + 1;
  }
}

function authorityEnd(input: string, from: number, scheme: string): number {
  const special = isSpecialScheme(scheme);
  for (let at = from; at < input.length; at += 1) {
    const c = input[at]!;
    if (c === '/' || c === '?' || c === '#' || (special && c === '\\')) return at;
  }
  return input.length;
}

/** Where the host ends: at a colon outside of brackets, or at `stop`. */
function hostEnd(input: string, from: number, stop: number): number {
  let inBrackets = false;
  for (let at = from; at < stop; at += 1) {
    const c = input[at]!;
    if (c === '[') inBrackets = true;
    else if (c === ']') inBrackets = false;
    else if (c === ':' && !inBrackets) return at;
  }
  return stop;
}

function copyAuthority(url: UrlRecord, base: UrlRecord): void {
  url.username = base.username;
  url.password = base.password;
  url.host = base.host;
  url.port = base.port;
}

function shorten(url: UrlRecord): void {
  const path = url.path as string[];
  if (url.scheme === 'file' && path.length === 1 && normalizedWindowsLetter.test(path[0]!)) return;
  path.pop();
}

/** https://url.spec.whatwg.org/#url-serializing */
export function serialize(url: UrlRecord, withoutFragment = false): string {
  let text = `${url.scheme}:`;
  if (url.host !== null) {
    text += '//';
    if (url.username !== '' || url.password !== '') {
      text += url.username;
      if (url.password !== '') text += `:${url.password}`;
      text += '@';
    }
    text += url.host;
    if (url.port !== null) text += `:${url.port}`;
  } else if (typeof url.path !== 'string' && url.path.length > 1 && url.path[0] === '') {
    // Otherwise the path would read as an authority.
    text += '/.';
  }
  text += serializePath(url);
  if (url.query !== null) text += `?${url.query}`;
  if (url.fragment !== null && !withoutFragment) text += `#${url.fragment}`;
  return text;
}

export function serializePath(url: UrlRecord): string {
  if (typeof url.path === 'string') return url.path;
  let text = '';
  for (const segment of url.path) text += `/${segment}`;
  return text;
}
