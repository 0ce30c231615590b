/** A socket that the function opens itself: to the host it is a request whose bodies are the messages of either direction. */
import { SocketFrameReader } from '../../../socket-frames.ts';
import { bodyKind } from '../../../wire.ts';
import { callAsync, encodeFrame, readFrame, settings } from '../../core/facade.ts';
import { Outbox } from './outbox.ts';
import { arrive, failed, lost, opened, type SocketState, WebSocket } from './web-socket.ts';

/** Requests of `fetch` are counted from one. */
let lastNumber = 2 ** 40;

export function connect(state: SocketState, protocols: readonly string[]): void {
  lastNumber += 1;
  void run(state, String(lastNumber), protocols);
}

async function run(state: SocketState, number: string, protocols: readonly string[]): Promise<void> {
  const headers = protocols.length === 0 ? [] : ['sec-websocket-protocol', protocols.join(', ')];
  state.abort = () => void callAsync('abort', number).catch(() => {});
  let fields: string[];
  try {
    const frame = [number, 'CONNECT', state.url, encodeFrame(headers), 'error', bodyKind.upload, ''];
    fields = readFrame((await callAsync('fetch', encodeFrame(frame))) as string);
  } catch (reason) {
    failed(state, explain(reason as Error));
    return;
  }
  if (state.readyState !== WebSocket.CONNECTING) {
    state.abort();
    failed(state, new Error('the WebSocket was closed before it was open'));
    return;
  }
  const answered = readFrame(fields[4]!);
  const outbox = new Outbox((bytes) => callAsync('write', number, bytes));
  opened(state, answered[1] ?? '', outbox);
  await receive(state, fields[5]!);
  outbox.drop();
  void callAsync('end', encodeFrame([number, ''])).catch(() => {});
}

/** Dispatches what the host has under a number, one after the other, until the connection is closed. */
export async function receive(state: SocketState, id: string): Promise<void> {
  const reader = new SocketFrameReader(settings().limits.socketMessageBytes);
  try {
    for (;;) {
      const bytes = (await callAsync('read', id)) as Uint8Array;
      if (bytes.length === 0) break;
      for (const frame of reader.read(bytes)) await arrive(state, frame);
    }
  } catch {
    // The connection broke, or came to a limit.
  }
  lost(state);
}

function explain({ message }: Error): Error {
  const [, code, reason = message] = /^([A-Z][A-Z0-9_]+): (.*)$/s.exec(message) ?? [];
  const error = new TypeError(`the WebSocket could not be opened: ${reason}`);
  return code === undefined ? error : Object.assign(error, { code });
}
