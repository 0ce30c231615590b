/** `node:url`: the legacy functions from the package url, and the standard's classes. */
import { format, parse, resolve, resolveObject, Url } from 'url/url.js';
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

export { fileURLToPath, format, parse, pathToFileURL, resolve, resolveObject, Url, URL, URLSearchParams };

export default { fileURLToPath, format, parse, pathToFileURL, resolve, resolveObject, Url, URL, URLSearchParams };
