/** Web requests and responses in the form in which calls go through the host, and back. */
import { sourceOfStream } from '../sandbox/index.ts';
import type { IncomingCall, OutgoingAnswer } from './calls.ts';

/** Those that the class Response takes no body with. */
const nullBodyStatuses: ReadonlySet<number> = new Set([204, 205, 304]);

export function fromWebRequest(request: Request): IncomingCall {
  const headers: string[] = [];
  for (const [name, value] of request.headers) headers.push(name, value);
  return {
    method: request.method,
    url: request.url,
    headers,
    body: request.body === null ? null : sourceOfStream(request.body),
    contentLength: parseContentLength(request.headers.get('content-length')),
    accept: request.headers.get('accept'),
    remoteAddress: '',
    signal: request.signal,
  };
}

export function toWebResponse({ status, headers, body }: OutgoingAnswer, method: string): Response {
  const lines = new Headers();
  for (const [name, value] of headers) lines.append(name, value);
  if (method === 'HEAD' || nullBodyStatuses.has(status)) {
    discard(body);
    return new Response(null, { status, headers: lines });
  }
  return new Response(body as string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>, {
    status,
    headers: lines,
  });
}

/** Whether HTTP allows no body, whatever the function gave. */
export function hasNoBody(status: number, method: string): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

/** Tells a function that streams that nobody reads. */
export function discard(body: OutgoingAnswer['body']): void {
  if (body instanceof ReadableStream) void body.cancel().catch(() => {});
}

export function parseContentLength(value: string | null | undefined): number | undefined {
  return value !== null && value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}
