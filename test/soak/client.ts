/** Requests of the soak, and what becomes of each. */
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';

/** Nothing takes this long: who waits longer is forgotten. */
const patienceMs = 40_000;

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Milliseconds between the pieces of a body that is sent slowly. */
  readonly sendPauseMs?: number;
  /** Milliseconds to wait before each piece of the answer is read. */
  readonly readPauseMs?: number;
  /** The client hangs up after this many milliseconds. */
  readonly abortAfterMs?: number;
}

export type Reply =
  | { readonly kind: 'reply'; readonly status: number; readonly outcome: string; readonly text: string }
  | { readonly kind: 'cut'; readonly status: number; readonly outcome: string }
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'aborted' };

const pieces = 5;
/** Of an answer, no more than this is kept and looked at. */
const keptCharacters = 2_000_000;

export function createClient(origin: string): { call(path: string, call?: Call): Promise<Reply>; close(): void } {
  // Shorter than the server keeps idle connections, so that no request is sent into one that is being closed.
  const agent = new Agent({ keepAlive: true, timeout: 3_000, maxSockets: 10_000 });
  return {
    close: () => agent.destroy(),
    call(path, { method = 'GET', headers = {}, body, sendPauseMs, readPauseMs, abortAfterMs } = {}) {
      return new Promise((resolve) => {
        const outgoing = request(`${origin}${path}`, {
          agent,
          method,
          headers: { ...headers, ...(body !== undefined && { 'content-length': body.length }) },
        });
        let isAborted = false;
        const patience = setTimeout(
          () => finish({ kind: 'none', reason: `nothing within ${patienceMs} ms` }),
          patienceMs,
        );
        const abortion =
          abortAfterMs === undefined
            ? undefined
            : setTimeout(() => {
                isAborted = true;
                finish({ kind: 'aborted' });
              }, abortAfterMs);
        const finish = (reply: Reply): void => {
          clearTimeout(patience);
          clearTimeout(abortion);
          if (reply.kind !== 'reply') outgoing.destroy();
          resolve(reply);
        };
        let response: IncomingMessage | undefined;
        outgoing.on('error', (error: NodeJS.ErrnoException) => {
          // The server may answer, and close, before it has read all of a body.
          if (response === undefined && !isAborted) finish({ kind: 'none', reason: error.code ?? error.message });
        });
        outgoing.on('response', (incoming) => {
          response = incoming;
          const status = incoming.statusCode ?? 0;
          const outcome = String(incoming.headers['x-isohost-outcome'] ?? '');
          const chunks: Buffer[] = [];
          let length = 0;
          incoming.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length <= keptCharacters) chunks.push(chunk);
            if (readPauseMs === undefined) return;
            incoming.pause();
            setTimeout(() => incoming.resume(), readPauseMs);
          });
          incoming.on('end', () => finish({ kind: 'reply', status, outcome, text: Buffer.concat(chunks).toString() }));
          incoming.on('error', () => finish({ kind: 'cut', status, outcome }));
        });
        void send(outgoing, body, sendPauseMs);
      });
    },
  };
}

async function send(outgoing: ReturnType<typeof request>, body?: Buffer, pauseMs?: number): Promise<void> {
  if (body === undefined || pauseMs === undefined) {
    outgoing.end(body);
    return;
  }
  const size = Math.ceil(body.length / pieces);
  for (let start = 0; start < body.length && !outgoing.destroyed; start += size) {
    outgoing.write(body.subarray(start, start + size));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  outgoing.end();
}

/** Sends bytes that may be no HTTP at all. Answers what came back until the server closed, or `undefined` when it does not. */
export function sendRaw(origin: string, bytes: string): Promise<string | undefined> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const timer = setTimeout(() => finish(undefined), patienceMs);
    const finish = (answer: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.end(bytes, 'latin1'));
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.on('end', () => finish(received));
    socket.on('error', () => finish(received));
  });
}
