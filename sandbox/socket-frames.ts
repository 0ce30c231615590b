/**
 * How messages of WebSockets cross between network, host and guest: as bytes, so that they go the ways of bodies and are taken at the pace of
 * whoever reads them. Each has its kind, its length, and its bytes. Both sides import this file.
 */

/** The kinds of frames. */
export const socketFrame = {
  /** UTF-8. */
  text: 1,
  binary: 2,
  /** The last one: a code, or 0 without one, and a reason in UTF-8. */
  close: 8,
} as const;

export interface SocketFrame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** What the receiver says when a connection ended without a word: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const abnormalClosure = 1006;
/** A close frame without a code. */
export const noStatus = 1005;
/** Of a reason, in UTF-8. */
export const maxReasonBytes = 123;

const headBytes = 5;

export function encodeSocketFrame(kind: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + payload.length);
  frame[0] = kind;
  new DataView(frame.buffer).setUint32(1, payload.length, true);
  frame.set(payload, headBytes);
  return frame;
}

export function encodeClose(code: number, reason: Uint8Array): Uint8Array {
  const payload = new Uint8Array(2 + reason.length);
  payload[0] = code & 0xff;
  payload[1] = code >> 8;
  payload.set(reason, 2);
  return encodeSocketFrame(socketFrame.close, payload);
}

export function decodeClose(payload: Uint8Array): { readonly code: number; readonly reason: Uint8Array } {
  return { code: payload[0]! + payload[1]! * 2 ** 8, reason: payload.subarray(2) };
}

/** Whether an endpoint may send the code in a close frame. */
export function isSendableCode(code: number): boolean {
  if (code >= 3_000 && code <= 4_999) return true;
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== noStatus && code !== abnormalClosure;
}

/** Puts frames together of the pieces in which they come. */
export class SocketFrameReader {
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array();

  /** @param maxBytes Of one message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The frames that are complete with this piece.
   *
   * @throws RangeError for what is no frame, or over the limit.
   */
  read(piece: Uint8Array): SocketFrame[] {
    const bytes = this.#rest.length === 0 ? piece : join(this.#rest, piece);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const frames: SocketFrame[] = [];
    let offset = 0;
    while (bytes.length - offset >= headBytes) {
      const kind = bytes[offset]!;
      const length = view.getUint32(offset + 1, true);
      this.#check(kind, length);
      const end = offset + headBytes + length;
      if (bytes.length < end) break;
      frames.push({ kind, payload: bytes.slice(offset + headBytes, end) });
      offset = end;
    }
    this.#rest = bytes.slice(offset);
    return frames;
  }

  #check(kind: number, length: number): void {
    if (kind === socketFrame.close) {
      if (length >= 2 && length <= 2 + maxReasonBytes) return;
    } else if ((kind === socketFrame.text || kind === socketFrame.binary) && length <= this.#maxBytes) {
      return;
    }
    throw new RangeError(`a frame of the kind ${kind} with ${length} bytes`);
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
