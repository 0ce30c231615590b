import escapeHtml from 'escape-html';
import { setTimeout } from '../../core/facade.ts';
import type { ExpressResponse } from './response.ts';
import { statuses } from './statuses.ts';

/** `request.next`: behind the function there is only Express' last handler, which answers with a page. */
export function createNext(response: ExpressResponse): (error?: unknown) => void {
  return (error) => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // It lets the request come in first: a function that returns at once is quicker.
    if (response.req['complete'] === true) sendPage(response, error);
    else setTimeout(() => sendPage(response, error), 0);
  };
}

function sendPage(response: ExpressResponse, error: unknown): void {
  if (response.headersSent) return;
  const status = error === undefined ? 404 : statusOf(error, response.statusCode);
  const { method, originalUrl } = response.req;
  // Without a stack: that is for the log.
  const text = error === undefined ? `Cannot ${method} ${String(originalUrl)}` : String(error);
  response.statusCode = status;
  response.statusMessage = statuses[status];
  response.setHeader('Content-Security-Policy', "default-src 'none'");
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n' +
      `<pre>${escapeHtml(text)}</pre>\n</body>\n</html>\n`,
  );
}

function statusOf(error: unknown, current: number): number {
  const { status, statusCode } = (Object(error) as { status?: unknown; statusCode?: unknown }) ?? {};
  for (const code of [status, statusCode, current]) {
    if (typeof code === 'number' && code >= 400 && code <= 599) return code;
  }
  return 500;
}
