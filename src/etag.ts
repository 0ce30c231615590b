import { createHash } from 'node:crypto';
import type { GuestResponse } from '../sandbox/index.ts';
import type { IncomingCall } from './calls.ts';

/** The header by which a guest asks for an ETag; it is not sent on. */
const request = 'x-isohost-etag';

/**
 * Gives a response that asks for it a weak ETag, as Express does, and answers 304 when the client has that version already.
 */
export function tagResponse(response: GuestResponse, call: IncomingCall): GuestResponse {
  if (!response.headers.some(([name]) => name === request) || response.body instanceof ReadableStream) return response;
  const kept = response.headers.filter(([name]) => name !== request);
  const own = kept.find(([name]) => name === 'etag')?.[1];
  const tag = own ?? weakTag(response.body);
  const headers = own === undefined ? [...kept, ['etag', tag] as const] : kept;
  if (!isFresh(response.status, call, tag)) return { ...response, headers };
  const left = headers.filter(([name]) => name !== 'content-type');
  return { status: 304, headers: left, body: '' };
}

/** Length and SHA-1 of the body, in the form of the package etag. */
export function weakTag(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const hash = createHash('sha1').update(bytes).digest('base64').slice(0, 27);
  return `W/"${bytes.byteLength.toString(16)}-${hash}"`;
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
function isFresh(status: number, { method, headers }: IncomingCall, tag: string): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || !((status >= 200 && status < 300) || status === 304)) return false;
  const given = headerOf(headers, 'if-none-match');
  if (given === undefined || /(?:^|,)\s*no-cache\s*(?:,|$)/.test(headerOf(headers, 'cache-control') ?? ''))
    return false;
  if (given.trim() === '*') return true;
  const opaque = tag.replace(/^W\//, '');
  return given.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === opaque);
}

function headerOf(lines: readonly string[], name: string): string | undefined {
  for (let index = 0; index < lines.length; index += 2) if (lines[index] === name) return lines[index + 1];
  return undefined;
}
