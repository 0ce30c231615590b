/** Request bodies on their way in: small ones are there before their function is called, large ones come in while it runs. */
import type { WireStream } from '../sandbox/index.ts';
import type { Failure } from './problem.ts';

/** Up to this size, an isolate does not have to wait for a slow client. */
const bufferedBytes = 1024 * 1024;
const retryAfterSeconds = 1;

/** Counts what is kept in memory. */
export interface BodyRoom {
  /** Answers whether there is room for so many bytes more. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

export type OpenedBody = { readonly body: Uint8Array | RequestStream | null } | { readonly failure: Failure };

/**
 * @param declared `Content-Length`, when there is one: a body that says itself that it is too large is not read at all.
 * @param streams Whether the function can begin before all of the body is there.
 */
export async function openRequestBody(
  source: WireStream | null,
  declared: number | undefined,
  maxBytes: number,
  room: BodyRoom,
  streams: boolean,
): Promise<OpenedBody> {
  if (source === null) return { body: null };
  if (declared !== undefined && declared > maxBytes) return { failure: tooLarge(maxBytes, declared) };
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    const enough = streams ? bufferedBytes : Infinity;
    while (bytes < enough) {
      const piece = await source.read();
      if (piece === undefined) return { body: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes) };
      bytes += piece.length;
      const failure = bytes > maxBytes ? tooLarge(maxBytes, bytes) : room.take(piece.length) ? undefined : noRoom;
      if (failure !== undefined) {
        source.cancel();
        return { failure };
      }
      pieces.push(piece);
    }
  } catch {
    // The connection went away while the body was coming in: nobody is there to be answered.
    return { failure: { kind: 'canceled' } };
  }
  return { body: new RequestStream(pieces, source, declared, maxBytes, room) };
}

/** The rest of a body: what is taken of it is not kept, unless all of it is wanted at once. */
export class RequestStream implements WireStream {
  readonly length: number | undefined;
  readonly #pieces: Uint8Array[];
  readonly #source: WireStream;
  readonly #maxBytes: number;
  readonly #room: BodyRoom;
  #bytes: number;
  #isKept = false;
  #failure: Failure | undefined;
  #onFailure: ((failure: Failure) => void) | undefined;

  constructor(pieces: Uint8Array[], source: WireStream, length: number | undefined, maxBytes: number, room: BodyRoom) {
    this.length = length;
    this.#pieces = pieces;
    this.#source = source;
    this.#maxBytes = maxBytes;
    this.#room = room;
    this.#bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Told why the call cannot go on: there is more of the body than may be, or no room for it. */
  set onFailure(onFailure: (failure: Failure) => void) {
    this.#onFailure = onFailure;
    if (this.#failure !== undefined) onFailure(this.#failure);
  }

  keep(): void {
    this.#isKept = true;
  }

  async read(): Promise<Uint8Array | undefined> {
    const waiting = this.#pieces.shift();
    if (waiting === undefined) return this.#next();
    if (!this.#isKept) this.#room.give(waiting.length);
    return waiting;
  }

  release(piece: Uint8Array): void {
    this.#source.release?.(piece);
  }

  cancel(): void {
    for (const piece of this.#pieces.splice(0)) this.#room.give(piece.length);
    this.#source.cancel();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const piece = await this.#source.read();
    this.#bytes += piece?.length ?? 0;
    if (this.#bytes > this.#maxBytes) throw this.#fail(tooLarge(this.#maxBytes, this.#bytes));
    if (this.#isKept && piece !== undefined && !this.#room.take(piece.length)) throw this.#fail(noRoom);
    return piece;
  }

  #fail(failure: Failure): Error {
    this.#failure ??= failure;
    this.#source.cancel();
    this.#onFailure?.(failure);
    return new Error(`the request body was given up: ${failure.kind}`);
  }
}

const noRoom: Failure = { kind: 'overloaded', retryAfterSeconds };

function tooLarge(allowed: number, used: number): Failure {
  return { kind: 'requestTooLarge', breach: { limit: 'requestBodyBytes', allowed, used } };
}
