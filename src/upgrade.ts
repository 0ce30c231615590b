/**
 * WebSockets of clients: a request that asks for one is a call like any other until its function answers with a WebSocket; then the connection is
 * handed over, and the messages of both directions are the bodies of request and response.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import {
  type HeaderLines,
  type Outcome,
  SocketLine,
  type SocketLimits,
  socketOptions,
  sourceOfStream,
  type WireStream,
} from '../sandbox/index.ts';
import type { IncomingSocket, OutgoingAnswer } from './calls.ts';

/** Time that a function has to end when its client is gone. */
const partingMs = 5_000;
/** Of the reason in a close frame. */
const maxReasonLength = 120;
const keyForm = /^[+/0-9A-Za-z]{22}==$/;

/** Whether a request asks for a WebSocket in the way that RFC 6455 says; all others are requests like any. */
export function isSocketRequest({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    keyForm.test(headers['sec-websocket-key'] ?? '') &&
    headers['transfer-encoding'] === undefined &&
    Number(headers['content-length'] ?? 0) === 0
  );
}

/** One request for a WebSocket. */
export class Upgrade implements IncomingSocket {
  /** The messages of the client, as soon as the function has taken the WebSocket. */
  readonly messages: WireStream;
  /** Aborted when the client goes away before that. */
  readonly signal: AbortSignal;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #socket: Duplex;
  readonly #head: Buffer;
  readonly #gone = new AbortController();
  readonly #onGone = (): void => this.#gone.abort();
  #line: SocketLine | undefined;
  #resolveLine!: (line: SocketLine | undefined) => void;
  #goodbye: { readonly code: number; readonly reason: string } | undefined;

  /** @param head What came behind the request. */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse, socket: Duplex, head: Buffer) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#socket = socket;
    this.#head = head;
    this.signal = this.#gone.signal;
    socket.once('close', this.#onGone);
    const line = new Promise<SocketLine | undefined>((resolve) => {
      this.#resolveLine = resolve;
    });
    this.messages = {
      length: undefined,
      read: async () => (await line)?.read(),
      // How it is closed depends on how the call has ended.
      cancel: () => this.#resolveLine(undefined),
    };
  }

  /** Closes it: the server is being stopped. */
  end(code: number, reason: string): void {
    this.#goodbye = { code, reason };
    this.#line?.end(code, reason);
  }

  /** Hands the connection over to the function that has answered so. Resolves when it is closed. */
  async accept(
    { headers, ended }: OutgoingAnswer,
    sent: ReadableStream<Uint8Array>,
    limits: SocketLimits,
  ): Promise<void> {
    // Only who has WebSockets pays for loading it.
    const ws = await import('ws');
    this.#socket.off('close', this.#onGone);
    this.#outgoing.detachSocket(this.#incoming.socket);
    const line = this.#shakeHands(ws.WebSocketServer, headers, limits);
    if (line === undefined) {
      await sent.cancel();
      return;
    }
    this.#line = line;
    this.#resolveLine(line);
    if (this.#goodbye !== undefined) line.end(this.#goodbye.code, this.#goodbye.reason);
    const source = sourceOfStream(sent);
    void line.closed.then(() => setTimeout(() => source.cancel(), partingMs).unref());
    try {
      await line.send(source);
      line.end(1000, '');
    } catch {
      const { outcome } = await ended;
      line.end(...closingOf(outcome));
    }
    await line.closed;
  }

  #shakeHands(Server: typeof WebSocketServer, headers: HeaderLines, limits: SocketLimits): SocketLine | undefined {
    const chosen = headers.find(([name]) => name === 'sec-websocket-protocol')?.[1];
    const server = new Server({
      ...socketOptions(limits),
      noServer: true,
      clientTracking: false,
      handleProtocols: (offered) => (chosen !== undefined && offered.has(chosen) ? chosen : false),
    });
    server.on('headers', (lines) => {
      for (const [name, value] of headers) if (!name.startsWith('sec-websocket-')) lines.push(`${name}: ${value}`);
    });
    let line: SocketLine | undefined;
    // It calls back at once, or never when the connection is gone.
    server.handleUpgrade(this.#incoming, this.#socket, this.#head, (socket) => {
      line = new SocketLine(socket, limits);
    });
    return line;
  }
}

/** What a client is told of the end of a call: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
function closingOf(outcome: Outcome): [code: number, reason: string] {
  const told = (code: number, reason: string): [number, string] => [code, reason.slice(0, maxReasonLength)];
  if ('breach' in outcome && outcome.breach !== undefined) {
    const { limit, allowed } = outcome.breach;
    return told(1008, `${outcome.kind}: ${limit} is ${allowed}`);
  }
  switch (outcome.kind) {
    case 'ok':
      return told(1000, '');
    case 'canceled':
      return told(1001, outcome.kind);
    case 'cellLost':
    case 'overloaded':
      return told(1012, outcome.kind);
    default:
      return told(1011, outcome.kind);
  }
}
