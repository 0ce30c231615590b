/** Checks what a guest answers. Nothing that user code chose reaches an HTTP connection without passing here. */
import { decodeFrame, maxHeaderLines } from './wire.ts';

export type HeaderLines = readonly (readonly [name: string, value: string])[];

export interface GuestResponseHead {
  readonly status: number;
  /** Lower-case names; equal names stay separate lines. */
  readonly headers: HeaderLines;
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Visible characters, spaces and tabs, and the Latin-1 range: no CR, LF or NUL. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const maxHeaderBytes = 64 * 1024;

/**
 * Headers that describe the connection or the transfer are the server's to set: a wrong `content-length` or `transfer-encoding`
 * would make a client read the next response as a part of this one.
 */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The status of a response that takes a client's WebSocket. */
export const switchingProtocols = 101;

/**
 * Reads a head frame, or answers a sentence that says what is wrong with it.
 *
 * @param isUpgrade Whether the response may take the client's WebSocket.
 */
export function readResponseHead(frame: string, isUpgrade = false): GuestResponseHead | string {
  const fields = decodeFrame(frame, maxHeaderLines * 2 + 1);
  if (fields === undefined || fields.length % 2 === 0) return `the response has over ${maxHeaderLines} header lines`;
  const status = Number(fields[0]);
  const isSwitch = isUpgrade && status === switchingProtocols;
  if (!isSwitch && (!Number.isInteger(status) || status < 200 || status > 599)) {
    return `the response has the status ${quote(fields[0]!)}; it must be a whole number from 200 to 599`;
  }
  const headers: [string, string][] = [];
  let bytes = 0;
  for (let index = 1; index < fields.length; index += 2) {
    const name = fields[index]!.toLowerCase();
    const value = fields[index + 1]!;
    bytes += name.length + value.length;
    if (!headerName.test(name)) return `the response has an invalid header name: ${quote(name)}`;
    if (!headerValue.test(value)) return `the response header "${name}" has an invalid value: ${quote(value)}`;
    if (!hopByHop.has(name)) headers.push([name, value]);
  }
  if (bytes > maxHeaderBytes) return `the response headers have ${bytes} bytes; at most ${maxHeaderBytes} are allowed`;
  return { status, headers };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
