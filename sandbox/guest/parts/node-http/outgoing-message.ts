import { headerLines, withOutgoingHeaders } from '../kubeless/outgoing-headers.ts';
import type { Socket } from '../kubeless/socket.ts';
import { Writable } from './streams.ts';

/** Headers, and a body that is written. */
export class OutgoingMessage extends withOutgoingHeaders(Writable) {
  sendDate = true;
  shouldKeepAlive = true;
  chunkedEncoding = false;
  useChunkedEncodingByDefault = true;
  strictContentLength = false;
  socket: Socket | null = null;

  constructor(options?: object) {
    super({ autoDestroy: true, ...options, decodeStrings: true, emitClose: true });
  }

  get connection(): Socket | null {
    return this.socket;
  }
  get finished(): boolean {
    return this.writableEnded;
  }
  /** Packages ask by this whether headers were sent. */
  get _header(): string | null {
    return this.headersSent ? 'sent' : null;
  }

  // There is no socket to act on, and trailers are not sent.

  flushHeaders(): void {}
  addTrailers(): void {}
  setTimeout(_timeoutMs?: number, _callback?: () => void): this {
    return this;
  }
}

/** As they are to be sent: names and values. */
export function sentHeaders(message: OutgoingMessage): [name: string, value: string][] {
  const lines = message[headerLines]();
  const pairs: [string, string][] = [];
  for (let index = 0; index < lines.length; index += 2) {
    if (!hopByHop.has(lines[index]!)) pairs.push([lines[index]!, lines[index + 1]!]);
  }
  return pairs;
}

/** Those of a connection: it is the host's. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
