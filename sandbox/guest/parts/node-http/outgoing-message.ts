import { type HeaderValue, HeaderTable } from '../kubeless/header-table.ts';
import { headersSent, invalidArgument } from '../kubeless/node-error.ts';
import type { Socket } from '../kubeless/socket.ts';
import { Writable } from './streams.ts';

let linesOf: (message: OutgoingMessage) => string[];
let mark: (message: OutgoingMessage) => void;

/** Headers, and a body that is written. */
export class OutgoingMessage extends Writable {
  sendDate = true;
  shouldKeepAlive = true;
  chunkedEncoding = false;
  useChunkedEncodingByDefault = true;
  strictContentLength = false;
  socket: Socket | null = null;
  readonly #headers = new HeaderTable();
  #isSent = false;

  static {
    linesOf = (message) => message.#headers.lines();
    mark = (message) => {
      message.#isSent = true;
    };
  }

  constructor(options?: object) {
    super({ autoDestroy: true, ...options, decodeStrings: true, emitClose: true });
  }

  get connection(): Socket | null {
    return this.socket;
  }
  get finished(): boolean {
    return this.writableEnded;
  }
  get headersSent(): boolean {
    return this.#isSent;
  }
  /** Packages ask by this whether headers were sent. */
  get _header(): string | null {
    return this.#isSent ? 'sent' : null;
  }

  setHeader(name: string, value: HeaderValue): this {
    if (this.#isSent) throw headersSent('set');
    this.#headers.set(name, value);
    return this;
  }
  setHeaders(
    headers: Iterable<readonly [string, HeaderValue]> & { keys(): unknown; get(name: string): unknown },
  ): this {
    if (this.#isSent) throw headersSent('set');
    const isTable = typeof headers === 'object' && headers !== null && !Array.isArray(headers);
    if (!isTable || typeof headers.keys !== 'function' || typeof headers.get !== 'function') {
      throw invalidArgument('headers', 'an instance of Headers or Map', headers);
    }
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }
  appendHeader(name: string, value: HeaderValue): this {
    if (this.#isSent) throw headersSent('append');
    this.#headers.append(name, value);
    return this;
  }
  getHeader(name: string): HeaderValue | undefined {
    return this.#headers.get(name);
  }
  getHeaders(): Record<string, HeaderValue> {
    return this.#headers.toObject();
  }
  getHeaderNames(): string[] {
    return this.#headers.keys();
  }
  getRawHeaderNames(): string[] {
    return this.#headers.names();
  }
  hasHeader(name: string): boolean {
    return this.#headers.has(name);
  }
  removeHeader(name: string): void {
    if (this.#isSent) throw headersSent('remove');
    this.#headers.delete(name);
  }

  // There is no socket to act on, and trailers are not sent.

  flushHeaders(): void {}
  addTrailers(): void {}
  setTimeout(_timeoutMs?: number, _callback?: () => void): this {
    return this;
  }
}

/** As they are to be sent: names and values. */
export function headerLines(message: OutgoingMessage): [name: string, value: string][] {
  const lines = linesOf(message);
  const pairs: [string, string][] = [];
  for (let index = 0; index < lines.length; index += 2) {
    if (!hopByHop.has(lines[index]!)) pairs.push([lines[index]!, lines[index + 1]!]);
  }
  return pairs;
}

/** From now on the headers stay as they are. */
export function markHeadersSent(message: OutgoingMessage): void {
  mark(message);
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
