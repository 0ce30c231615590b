/** The answers that the server gives itself, as Express gives them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFresh, weakTag } from '../etag.ts';

export const html = 'text/html; charset=utf-8';

/** A text with its ETag, or 304 when the client has it. */
export function sendText(outgoing: ServerResponse, type: string, body: string): void {
  const { req: incoming } = outgoing;
  const { method = 'GET', rawHeaders } = incoming;
  const tag = weakTag(body);
  outgoing.setHeader('etag', tag);
  if (isFresh(200, [['etag', tag]], { method, headers: rawHeaders })) {
    outgoing.statusCode = 304;
    outgoing.end();
    return;
  }
  outgoing.setHeader('content-type', type);
  outgoing.setHeader('content-length', Buffer.byteLength(body));
  endWith(outgoing, body);
}

/** What a browser asks before a call from another origin: whatever it wants is granted. */
export function sendPreflight({ headers }: IncomingMessage, outgoing: ServerResponse): void {
  const methods = headers['access-control-request-method'];
  const names = headers['access-control-request-headers'];
  outgoing.setHeader('access-control-allow-origin', '*');
  if (methods !== undefined) outgoing.setHeader('access-control-allow-methods', methods);
  if (names !== undefined) outgoing.setHeader('access-control-allow-headers', names);
  outgoing.end();
}

/** An error page, without the stack trace that Express shows. */
export function sendErrorPage(outgoing: ServerResponse, status: number, text: string): void {
  const body =
    `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n` +
    `<body>\n<pre>${escapeHtml(text)}</pre>\n</body>\n</html>\n`;
  outgoing.statusCode = status;
  outgoing.setHeader('content-type', html);
  outgoing.setHeader('content-security-policy', "default-src 'none'");
  outgoing.setHeader('x-content-type-options', 'nosniff');
  outgoing.setHeader('content-length', Buffer.byteLength(body));
  endWith(outgoing, body);
}

function endWith(outgoing: ServerResponse, body: string): void {
  // The rest of a body that is not wanted is not read.
  if (!outgoing.req.complete) outgoing.setHeader('connection', 'close');
  outgoing.end(outgoing.req.method === 'HEAD' ? undefined : body);
}

const entities: Readonly<Record<string, string>> = {
  '"': '&quot;',
  '&': '&amp;',
  "'": '&#39;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeHtml(text: string): string {
  return text.replace(/["&'<>]/g, (character) => entities[character]!);
}
