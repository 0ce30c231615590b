/** The socket of a client, taken by `new Response(null, { status: 101, webSocket })`. */
import { decodeClose, socketFrame } from '../../../socket-frames.ts';
import { beginStream, endStream, fail, type Invocation, writeChunk } from '../../core/facade.ts';
import { receive } from './client.ts';
import { Outbox } from './outbox.ts';
import { socketState, type WebSocket } from './web-socket.ts';

/** @param messages The number of the body that the client's messages are read from, if it asks for a WebSocket. */
export function serveSocket(
  invocation: Invocation,
  messages: string | undefined,
  headers: readonly string[],
  socket: WebSocket,
): void {
  const state = socketState(socket);
  const { peer } = state;
  if (messages === undefined) {
    fail(
      invocation,
      new TypeError('the response has a WebSocket, but the request does not ask for one, or cannot get one'),
    );
    return;
  }
  if (peer === undefined || state.isTaken || state.isAccepted) {
    fail(
      invocation,
      new TypeError(
        'a response takes one WebSocket of a new WebSocketPair; the function keeps the other, and accepts that one',
      ),
    );
    return;
  }
  state.isTaken = true;
  beginStream(invocation, 101, headers);
  const outbox = new Outbox((bytes) => writeChunk(invocation, bytes));
  peer.outlet = outbox;
  peer.protocol = protocolOf(headers);
  for (const { kind, payload } of state.inbox.splice(0)) {
    const { code, reason } = decodeClose(payload);
    if (kind === socketFrame.close) outbox.close(code, reason);
    else outbox.message(kind, payload, () => {});
  }
  const run = async (): Promise<void> => {
    await receive(peer, messages);
    outbox.drop();
    endStream(invocation);
  };
  if (peer.isAccepted) void run();
  else peer.onAccept = () => void run();
}

function protocolOf(headers: readonly string[]): string {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]!.toLowerCase() === 'sec-websocket-protocol') return headers[index + 1]!;
  }
  return '';
}
