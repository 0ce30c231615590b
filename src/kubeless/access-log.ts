import type { IncomingMessage, ServerResponse } from 'node:http';
import { escapeControls } from '../log-lines.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A line of the Apache combined log format, as the original writes it by morgan: the length is there when the head says it by itself, not
 * when it only follows from the body.
 *
 * @param time When the response was sent.
 */
export function combinedLine(incoming: IncomingMessage, outgoing: ServerResponse, time: Date): string {
  const { headers, method, url, httpVersion, socket } = incoming;
  const status = outgoing.headersSent ? String(outgoing.statusCode) : '-';
  const length = outgoing.getHeader('content-length') ?? '-';
  const referrer = headers['referer'] ?? headers['referrer'] ?? '-';
  return escapeControls(
    `${socket.remoteAddress ?? '-'} - ${userOf(headers.authorization)} [${clfDate(time)}] "${method} ${url} HTTP/${httpVersion}" ` +
      `${status} ${length} "${String(referrer)}" "${headers['user-agent'] ?? '-'}"`,
  );
}

function userOf(authorization: string | undefined): string {
  const credentials = /^ *Basic +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
  const text = credentials === undefined ? '' : Buffer.from(credentials, 'base64').toString('utf8');
  return /^([^:]+):/.exec(text)?.[1] ?? '-';
}

function clfDate(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  return `${day}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}
