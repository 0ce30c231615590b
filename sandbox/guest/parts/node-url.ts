/** `node:url`: the legacy functions from the package url, and the standard's classes. */
import { format, parse, resolve, resolveObject, Url } from './node-url/legacy.ts';
import punycode from 'punycode/punycode.js';
import { part } from '../core/facade.ts';
import { assertString, invalidArgument, invalidValue, withCode } from './shared/node-error.ts';

const { URL, URLSearchParams } = part('url');

type UrlLike = string | { readonly href: string; readonly protocol: string };

function fileURLToPath(given: UrlLike, options?: { readonly windows?: boolean }): string {
  const isUrl = typeof given === 'object' && given !== null && typeof given.href === 'string';
  if (typeof given !== 'string' && !(isUrl && typeof given.protocol === 'string')) {
    throw invalidArgument('path', 'of type string or an instance of URL', given);
  }
  const url = new URL(typeof given === 'string' ? given : given.href);
  if (url.protocol !== 'file:') {
    throw withCode(new TypeError('The URL must be of scheme file'), 'ERR_INVALID_URL_SCHEME');
  }
  return options?.windows === true ? windowsPathOf(url) : posixPathOf(url);
}

function posixPathOf({ hostname, pathname }: InstanceType<typeof URL>): string {
  if (hostname !== '') {
    const message = 'File URL host must be "localhost" or empty on linux';
    throw withCode(new TypeError(message), 'ERR_INVALID_FILE_URL_HOST');
  }
  if (/%2f/i.test(pathname)) throw invalidFilePath('must not include encoded / characters');
  return decodeURIComponent(pathname);
}

function windowsPathOf({ hostname, pathname }: InstanceType<typeof URL>): string {
  if (/%2f|%5c/i.test(pathname)) throw invalidFilePath('must not include encoded \\ or / characters');
  const path = decodeURIComponent(pathname.replaceAll('/', '\\'));
  if (hostname !== '') return `\\\\${domainToUnicode(hostname)}${path}`;
  if (!/^\\[a-z]:/i.test(path)) throw invalidFilePath('must be absolute');
  return path.slice(1);
}

function invalidFilePath(reason: string): Error {
  return withCode(new TypeError(`File URL path ${reason}`), 'ERR_INVALID_FILE_URL_PATH');
}

const escaped: Readonly<Record<string, string>> = {
  '%': '%25',
  '\\': '%5C',
  '\n': '%0A',
  '\r': '%0D',
  '\t': '%09',
  '?': '%3F',
  '#': '%23',
};

function pathToFileURL(path: string, options?: { readonly windows?: boolean }): InstanceType<typeof URL> {
  assertString('path', path);
  const isWindows = options?.windows === true;
  if (isWindows && path.startsWith('\\\\')) return uncUrlOf(path);
  const { resolve: absolute } = (isWindows ? part('node-path-win32') : part('node-path')).default as unknown as {
    resolve(path: string): string;
  };
  let full = absolute(path);
  const last = isWindows ? /[/\\]$/ : /\/$/;
  if (last.test(path) && !last.test(full)) full += '/';
  const text = isWindows ? full.replaceAll('\\', '/') : full;
  return new URL(`file://${isWindows ? '/' : ''}${text.replaceAll(/[%\\\n\r\t?#]/g, (each) => escaped[each]!)}`);
}

/** A server and what it shares. */
function uncUrlOf(path: string): InstanceType<typeof URL> {
  const end = path.indexOf('\\', 2);
  if (end === -1) throw invalidValue('path', path, 'Missing UNC resource path');
  if (end === 2) throw invalidValue('path', path, 'Empty UNC servername');
  const url = new URL('file:///');
  url.hostname = domainToASCII(path.slice(2, end));
  url.pathname = path.slice(end).replaceAll('\\', '/');
  return url;
}

/** What `http.request` takes, which there is not; clients with a `fetch` of their own ask for it all the same. */
function urlToHttpOptions(url: InstanceType<typeof URL>): Record<string, unknown> {
  if (typeof url !== 'object' || url === null) throw invalidArgument('url', 'of type object', url);
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url;
  return {
    ...url,
    protocol,
    hostname: hostname?.replace(/^\[(.*)\]$/, '$1'),
    hash,
    search,
    pathname,
    path: `${pathname ?? ''}${search ?? ''}`,
    href,
    ...(port !== '' && { port: Number(port) }),
    ...((username || password) && {
      auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
    }),
  };
}

/** The host of a URL, or nothing when it cannot be one. */
function domainToASCII(domain: string): string {
  assertGiven('domain', arguments.length);
  const url = URL.parse(`ws://${domain}`);
  return url === null || url.pathname !== '/' || url.port !== '' ? '' : url.hostname;
}

function domainToUnicode(domain: string): string {
  assertGiven('domain', arguments.length);
  return punycode.toUnicode(domainToASCII(domain));
}

function assertGiven(name: string, count: number): void {
  if (count === 0) throw withCode(new TypeError(`The "${name}" argument must be specified`), 'ERR_MISSING_ARGS');
}

interface FormatOptions {
  readonly auth?: boolean;
  readonly fragment?: boolean;
  readonly search?: boolean;
  readonly unicode?: boolean;
}

/** A URL of the standard can be formatted in parts. */
function formatUrl(url: object | string, options: FormatOptions = {}): string {
  if (!(url instanceof URL)) {
    if (typeof url !== 'string' && (typeof url !== 'object' || url === null)) {
      throw invalidArgument('urlObject', 'one of type object or string', url);
    }
    return format(url);
  }
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'of type object', options);
  const { auth = true, fragment = true, search = true, unicode = false } = options;
  const copy = new URL(url.href);
  if (!auth) copy.username = copy.password = '';
  if (!fragment) copy.hash = '';
  if (!search) copy.search = '';
  return unicode ? copy.href.replace(copy.hostname, domainToUnicode(copy.hostname)) : copy.href;
}

export {
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  formatUrl as format,
  parse,
  pathToFileURL,
  resolve,
  resolveObject,
  Url,
  URL,
  URLSearchParams,
  urlToHttpOptions,
};

export default {
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  fileURLToPathBuffer: (url: UrlLike): object => part('node-buffer').Buffer.from(fileURLToPath(url)) as object,
  format: formatUrl,
  parse,
  pathToFileURL,
  resolve,
  resolveObject,
  Url,
  URL,
  get URLPattern(): object {
    return part('url-pattern').URLPattern;
  },
  URLSearchParams,
  urlToHttpOptions,
};
