import { createHash } from 'node:crypto';
import type { HeaderLines } from '../sandbox/index.ts';

/** Length and SHA-1 of the body, in the form of the package etag. */
export function weakTag(body: string | Uint8Array): string {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const hash = createHash('sha1').update(bytes).digest('base64').slice(0, 27);
  return `W/"${bytes.byteLength.toString(16)}-${hash}"`;
}

/** A request, as far as it decides whether the client has the response already. */
export interface Conditions {
  readonly method: string;
  /** Names in any case and values in turn. */
  readonly headers: readonly string[];
}

/**
 * Whether the client has a response already, by the rules of the package fresh.
 *
 * https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
 */
export function isFresh(status: number, response: HeaderLines, { method, headers }: Conditions): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || !((status >= 200 && status < 300) || status === 304)) return false;
  const noneMatch = linesOf(headers, 'if-none-match').join(', ');
  const [since = ''] = linesOf(headers, 'if-modified-since');
  if (noneMatch === '' && since === '') return false;
  if (/(?:^|,)\s*no-cache\s*(?:,|$)/.test(linesOf(headers, 'cache-control').join(', '))) return false;
  if (noneMatch !== '' && noneMatch !== '*' && !matches(noneMatch, valueOf(response, 'etag'))) return false;
  return since === '' || Date.parse(valueOf(response, 'last-modified')) <= Date.parse(since);
}

function matches(list: string, tag: string): boolean {
  if (tag === '') return false;
  return list.split(',').some((item) => {
    const candidate = item.replace(/^ +| +$/g, '');
    return candidate === tag || candidate === `W/${tag}` || `W/${candidate}` === tag;
  });
}

function valueOf(lines: HeaderLines, name: string): string {
  return lines.find(([other]) => other === name)?.[1] ?? '';
}

function linesOf(lines: readonly string[], name: string): string[] {
  return lines.filter((_, index) => index % 2 === 1 && lines[index - 1]!.toLowerCase() === name);
}
