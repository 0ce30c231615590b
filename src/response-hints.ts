/** What functions of the Kubeless dialect say about how their responses are to be sent; see `hints`. */
import { type GuestResponse, type HeaderLines, hints, tagging } from '../sandbox/index.ts';
import { type Conditions, isFresh, weakTag } from './etag.ts';

/** How a response is framed, other than by a `Content-Length` that the server adds. */
export type Framing =
  /** By whatever HTTP does when nobody says anything. */
  | 'implicit'
  /** As a body whose length was not known when the head was written. */
  | 'chunked';

export interface HintedResponse extends GuestResponse {
  readonly statusMessage: string | undefined;
  readonly framing: Framing;
}

export function applyHints(response: GuestResponse, call: Conditions): HintedResponse {
  const { headers: lines, body } = response;
  const headers = withoutHints(lines);
  const length = hintOf(lines, hints.length);
  const tag = hintOf(lines, hints.etag);
  const described = {
    status: response.status,
    statusMessage: hintOf(lines, hints.reason),
    framing: hintOf(lines, hints.framing) === 'chunked' ? ('chunked' as const) : ('implicit' as const),
  };
  if (body instanceof ReadableStream) {
    // The server cuts the connection when this is not what was sent in the end.
    const isLength = length !== undefined && /^[0-9]{1,15}$/.test(length);
    return { ...described, body, headers: isLength ? [...headers, ['content-length', length]] : headers };
  }
  if (tag === undefined) {
    return {
      ...described,
      body,
      headers: length === undefined ? headers : [...headers, lengthLine(body, length, call)],
    };
  }
  const tagged = headers.filter(([name, value]) => name !== 'etag' || value !== '');
  if (tag === tagging.weak && !tagged.some(([name]) => name === 'etag')) tagged.push(['etag', weakTag(body)]);
  const status = isFresh(response.status, tagged, call) ? 304 : response.status;
  if (status === 204 || status === 304) {
    return { ...described, status, body: '', headers: tagged.filter(([name]) => name !== 'content-type') };
  }
  return { ...described, body, headers: [...tagged, lengthLine(body, length ?? '', call)] };
}

/** The value of a hint among header lines. */
export function hintOf(lines: HeaderLines, name: string): string | undefined {
  return lines.find(([other]) => other === name)?.[1];
}

export function withoutHints(lines: HeaderLines): (readonly [string, string])[] {
  return lines.filter(([name]) => !name.startsWith('x-isohost-'));
}

/** What a function says of the length of its body is believed where there is no body to measure. */
function lengthLine(body: string | Uint8Array, length: string, { method }: Conditions): readonly [string, string] {
  const isBelieved = method === 'HEAD' && body.length === 0 && /^[0-9]{1,15}$/.test(length);
  return ['content-length', isBelieved ? length : String(Buffer.byteLength(body))];
}
