/**
 * Opens WebSockets for functions, by the rules for their requests: the address that is checked is the one that is connected. To rules
 * that name methods a WebSocket is a CONNECT (as it is in HTTP/2): it lets a function send whatever it likes, which no GET does.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { ByteSource } from '../byte-source.ts';
import type { Limits } from '../limits.ts';
import { SocketLine, socketOptions } from '../socket-line.ts';
import { limitReceived, limitSent } from './body-limits.ts';
import {
  egressCodes,
  EgressError,
  type EgressRequest,
  type EgressResponse,
  socketMethod,
  socketStatus,
} from './egress.ts';
import type { HttpClient } from './http-client.ts';
import { type EgressPolicy, refusalOfHost } from './policy.ts';
import { headerOf } from './request-headers.ts';
import { readUrl } from './request-url.ts';

const protocolForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;
const maxProtocols = 100;
const handshakeTimeoutMs = 10_000;

/**
 * The bodies of request and response are the messages of either direction, as frames; see socket-frames.ts.
 *
 * @throws EgressError, or an error of the system, of undici or of ws.
 */
export async function openSocket(
  client: HttpClient,
  policy: EgressPolicy,
  limits: Limits,
  request: EgressRequest,
  signal: AbortSignal,
): Promise<EgressResponse> {
  const url = readUrl(request.url, policy.secrets, ['ws:', 'wss:']);
  const protocols = readProtocols(request.headers);
  const sent = limitSent(request.body, limits);
  if (sent === null || sent instanceof Uint8Array) {
    throw new EgressError(egressCodes.invalid, 'a WebSocket needs a stream of messages');
  }
  // The rules know http: and https: only.
  const target = new URL(url.href.replace(/^ws/, 'http'));
  const refusal = refusalOfHost(policy, { method: socketMethod, url: target });
  if (refusal !== undefined) throw new EgressError(egressCodes.denied, refusal);
  const connection = await client.connect(policy, target);
  if (signal.aborted) {
    connection.destroy();
    throw signal.reason as Error;
  }
  const { socket, line } = await shakeHands(url, protocols, connection, limits, signal);
  send(line, sent);
  return {
    status: socketStatus,
    statusText: '',
    url: url.href,
    redirected: false,
    headers: ['sec-websocket-protocol', socket.protocol],
    body: limitReceived(line, limits),
  };
}

function readProtocols(headers: readonly string[]): string[] {
  const protocols = headerOf(headers, 'sec-websocket-protocol')?.split(', ') ?? [];
  if (protocols.length > maxProtocols || !protocols.every((protocol) => protocolForm.test(protocol))) {
    throw new EgressError(egressCodes.invalid, 'the names of the protocols cannot be sent');
  }
  return protocols;
}

function shakeHands(
  url: URL,
  protocols: string[],
  connection: Socket,
  limits: Limits,
  signal: AbortSignal,
): Promise<{ readonly socket: WebSocket; readonly line: SocketLine }> {
  const socket = new WebSocket(url, protocols, {
    ...socketOptions(limits),
    createConnection: () => connection,
    followRedirects: false,
    handshakeTimeout: handshakeTimeoutMs,
    headers: { 'user-agent': 'isohost' },
  });
  // Messages may come with the answer to the handshake.
  const line = new SocketLine(socket, limits);
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
      socket.terminate();
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', reject);
    socket.once('close', () => connection.destroy());
    socket.once('open', () => {
      signal.removeEventListener('abort', abort);
      resolve({ socket, line });
    });
  });
}

function send(line: SocketLine, sent: ByteSource): void {
  line.send(sent).then(
    () => line.end(1000, ''),
    (error: Error) =>
      line.end(1008, error instanceof EgressError ? error.message.slice(0, 120) : 'the function has ended'),
  );
}
