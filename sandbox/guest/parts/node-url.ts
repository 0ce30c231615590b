/** `node:url`: the legacy functions from the package url, and the standard's classes. */
import { format, parse, resolve, resolveObject, Url } from 'url/url.js';
import punycode from 'punycode/punycode.js';
import { part } from '../core/facade.ts';

const { URL, URLSearchParams } = part('url');

function fileURLToPath(url: string | { readonly href: string }): string {
  const parsed = new URL(typeof url === 'string' ? url : url.href);
  if (parsed.protocol !== 'file:') throw new TypeError('The URL must be of scheme file');
  return decodeURIComponent(parsed.pathname);
}

function pathToFileURL(path: string): InstanceType<typeof URL> {
  const url = new URL('file:///');
  url.pathname = path.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23');
  return url;
}

/** What `http.request` takes, which there is not; clients with a `fetch` of their own ask for it all the same. */
function urlToHttpOptions(url: InstanceType<typeof URL>): Record<string, unknown> {
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url;
  return {
    ...url,
    protocol,
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    hash,
    search,
    pathname,
    path: `${pathname}${search}`,
    href,
    ...(port !== '' && { port: Number(port) }),
    ...((username !== '' || password !== '') && {
      auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
    }),
  };
}

/** The host of a URL, or nothing when it cannot be one. */
function domainToASCII(domain: string): string {
  const url = URL.parse(`ws://${domain}`);
  return url === null || url.pathname !== '/' || url.port !== '' ? '' : url.hostname;
}

function domainToUnicode(domain: string): string {
  return punycode.toUnicode(domainToASCII(domain));
}

interface FormatOptions {
  readonly auth?: boolean;
  readonly fragment?: boolean;
  readonly search?: boolean;
  readonly unicode?: boolean;
}

/** A URL of the standard can be formatted in parts. */
function formatUrl(url: object | string, options: FormatOptions = {}): string {
  if (!(url instanceof URL)) return format(url);
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
  fileURLToPathBuffer: (url: string | { readonly href: string }): object =>
    part('node-buffer').Buffer.from(fileURLToPath(url)) as object,
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
