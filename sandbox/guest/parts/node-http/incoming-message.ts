import { part } from '../../core/facade.ts';
import type { Socket } from '../kubeless/socket.ts';
import { addHeaderLine, type NodeHeaders } from '../shared/node-headers.ts';
import { type Done, Readable } from './streams.ts';

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}
export interface WebBody {
  getReader(): Reader;
}
let open: (message: IncomingMessage, headers: Iterable<readonly [string, string]>, body: WebBody | null) => void;

/** A request that was received, or the answer to one that was sent. Its body is read when it is asked for. */
export class IncomingMessage extends Readable {
  httpVersion = '1.1';
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  complete = false;
  aborted = false;
  upgrade = false;
  method: string | null = null;
  url = '';
  statusCode: number | null = null;
  statusMessage: string | null = null;
  headers: NodeHeaders = {};
  rawHeaders: string[] = [];
  trailers: NodeHeaders = {};
  rawTrailers: string[] = [];
  socket: Socket | undefined;
  #body: WebBody | null = null;
  #reader: Reader | undefined;

  static {
    open = (message, headers, body) => {
      message.#body = body;
      for (const [name, value] of headers) {
        message.rawHeaders.push(name, value);
        const earlier = message.headers[name];
        if (name === 'set-cookie') message.headers[name] = [...(earlier ?? []), value];
        else message.headers[name] = value;
      }
    };
  }

  constructor(socket?: Socket) {
    super();
    this.socket = socket;
  }

  get connection(): Socket | undefined {
    return this.socket;
  }
  set connection(socket) {
    this.socket = socket;
  }
  get headersDistinct(): Record<string, string[]> {
    return distinct(this.headers);
  }
  get trailersDistinct(): Record<string, string[]> {
    return distinct(this.trailers);
  }

  /** Adds a header as Node does: what can be in a message only once keeps its first value. Packages call it. */
  _addHeaderLine(field: string, value: string, target: Record<string, string | string[]>): void {
    addHeaderLine(target, field, value);
  }

  /** There is no socket that could be idle: the limits of the function end what takes too long. */
  setTimeout(): this {
    return this;
  }

  _read(): void {
    this.#reader ??= this.#body?.getReader();
    const reader = this.#reader;
    if (reader === undefined) {
      this.#end();
      return;
    }
    reader.read().then(
      ({ done, value }) => {
        if (done) this.#end();
        else this.push(part('node-buffer').Buffer.from(value as Uint8Array) as unknown as Uint8Array);
      },
      (reason: unknown) => {
        this.aborted = true;
        this.destroy(reason as Error);
      },
    );
  }

  _destroy(error: Error | null, done: Done): void {
    if (!this.readableEnded) this.#cancel(error);
    done(error);
  }

  #cancel(reason: Error | null): void {
    // What comes of it is nobody's concern any more.
    void this.#reader?.cancel(reason ?? undefined).catch(() => {});
  }

  #end(): void {
    this.complete = true;
    this.push(null);
  }
}

/** Gives a message its headers, by lower-case names, and its body. */
export function openMessage(
  message: IncomingMessage,
  headers: Iterable<readonly [string, string]>,
  body: WebBody | null,
): void {
  open(message, headers, body);
}

function distinct(headers: NodeHeaders): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
}
