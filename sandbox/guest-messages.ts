/** The messages that an invocation sends into its guest; see `message` in wire.ts. */
import { byteFields, maxFieldBytes } from './byte-fields.ts';
import { transferInto } from './isolate.ts';
import type { GuestMessage } from './mailbox.ts';
import { bodyKind, encodeFrame, message, type WireRequest } from './wire.ts';

/** A guest serves one invocation, so its number says nothing yet. */
const invocationNumber = '1';

export function requestMessage({ method, url, headers, body, isUpgrade, remoteAddress }: WireRequest): GuestMessage {
  const [kind, payload] = isUpgrade === true ? [bodyKind.socket, ''] : bodyFields(body);
  return (
    message.request + encodeFrame([invocationNumber, method, url, encodeFrame(headers), kind, payload, remoteAddress])
  );
}

/** The client took bytes of the streamed response. */
export function creditMessage(units: number): GuestMessage {
  return message.credit + encodeFrame([invocationNumber, String(units)]);
}

/** An operation ended well. */
export function resultMessage(id: number, result: string | Uint8Array): GuestMessage {
  if (typeof result === 'string') return message.settle + encodeFrame([String(id), '1', result]);
  const withId = new Uint8Array(result.length + 4);
  withId.set(result);
  new DataView(withId.buffer).setUint32(result.length, id, true);
  return transferInto(withId) as object;
}

export function refusalMessage(id: number, reason: string): GuestMessage {
  return message.settle + encodeFrame([String(id), '0', reason]);
}

function bodyFields(body: WireRequest['body']): [kind: string, payload: string] {
  if (body === null) return [bodyKind.none, ''];
  return body instanceof Uint8Array && body.length <= maxFieldBytes ? byteFields(body) : [bodyKind.held, ''];
}
