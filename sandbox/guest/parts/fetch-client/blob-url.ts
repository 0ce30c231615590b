/** https://fetch.spec.whatwg.org/#scheme-fetch, of URLs that this isolate has made. */
import { part } from '../../core/facade.ts';
import type { Response } from '../fetch.ts';

export function readBlobUrl(method: string, url: string): Response {
  const blob = part('blob').resolveObjectURL(url);
  if (method !== 'GET') throw new TypeError(`fetch failed: a blob: URL can only be read, not be asked by ${method}`);
  if (blob === undefined)
    throw new TypeError('fetch failed: there is no blob of this URL; it was revoked, or is of another call');
  const headers = { 'content-length': String(blob.size), 'content-type': blob.type };
  const { Response } = part('fetch');
  return new Response(blob, { headers });
}
