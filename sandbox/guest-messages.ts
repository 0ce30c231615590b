/** The messages that an invocation sends into its guest; see `message` in wire.ts. */
import { byteFields, maxFieldBytes } from './byte-fields.ts';
import type { OperationResult } from './bridge.ts';
import { transferWith } from './isolate.ts';
import type { GuestMessage } from './mailbox.ts';
import { Pieces } from './pieces.ts';
import { bodyKind, encodeFrame, message, type WireRequest } from './wire.ts';

/** @param bodyId The number under which the host holds the body, if it does. */
export function requestMessage(
  invocation: number,
  { method, url, headers, body, isUpgrade, remoteAddress }: WireRequest,
  bodyId: number,
): GuestMessage {
  const [kind, payload] = isUpgrade === true ? [bodyKind.socket, String(bodyId)] : bodyFields(body, bodyId);
  return (
    message.request + encodeFrame([String(invocation), method, url, encodeFrame(headers), kind, payload, remoteAddress])
  );
}

/** The client took bytes of the streamed response. */
export function creditMessage(invocation: number, units: number): GuestMessage {
  return message.credit + encodeFrame([String(invocation), String(units)]);
}

/** The invocation will be ended soon, for a reason of `endings`. */
export function endingMessage(invocation: number, reason: string): GuestMessage {
  return message.ending + encodeFrame([String(invocation), reason]);
}

/** An operation ended well. */
export function resultMessage(id: number, result: OperationResult): GuestMessage {
  if (typeof result === 'string') return message.settle + encodeFrame([String(id), '1', result]);
  const pieces = result instanceof Pieces ? result : new Pieces([result], result.length);
  return transferWith(id, pieces.join()) as object;
}

export function refusalMessage(id: number, reason: string): GuestMessage {
  return message.settle + encodeFrame([String(id), '0', reason]);
}

function bodyFields(body: WireRequest['body'], bodyId: number): [kind: string, payload: string] {
  if (body === null) return [bodyKind.none, ''];
  return body instanceof Uint8Array && body.length <= maxFieldBytes
    ? byteFields(body)
    : [bodyKind.held, String(bodyId)];
}
