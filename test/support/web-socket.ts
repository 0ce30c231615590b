/** A client of WebSockets for tests: keeps what has come, and waits for what is to come. */
import { type ClientOptions, WebSocket } from 'ws';

export interface TestClient extends Disposable {
  readonly socket: WebSocket;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The next message: text, or the bytes of a binary one. */
  next(): Promise<string | Uint8Array>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** @throws Error when the handshake fails; it names the status. */
export async function openSocket(url: string, protocols: string[] = [], options?: ClientOptions): Promise<TestClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options);
  const messages: (string | Uint8Array)[] = [];
  const waiting: ((message: string | Uint8Array) => void)[] = [];
  let headers = {};
  socket.on('upgrade', (response) => {
    headers = response.headers;
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const message = isBinary ? new Uint8Array(data) : data.toString('utf8');
    const taker = waiting.shift();
    if (taker === undefined) messages.push(message);
    else taker(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString('utf8') }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return {
    socket,
    headers,
    closed,
    next() {
      const message = messages.shift();
      return message === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(message);
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}
