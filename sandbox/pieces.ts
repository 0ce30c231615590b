import type { WireStream } from './wire.ts';

/** Bytes in pieces, on their way to where they are written down as one. */
export class Pieces {
  readonly length: number;
  readonly #pieces: readonly Uint8Array[];
  readonly #source: WireStream | undefined;
  /** The only piece, which has a buffer for itself, and is nobody else's. */
  readonly #whole: Buffer<ArrayBuffer> | undefined;

  /** @param source Where they come from, and are released to. */
  constructor(pieces: readonly Uint8Array[], length: number, source?: WireStream, whole?: Buffer<ArrayBuffer>) {
    this.#pieces = pieces;
    this.length = length;
    this.#source = source;
    this.#whole = whole;
  }

  /** @param bytes They have a buffer for themselves, and are nobody else's from now on. */
  static whole(bytes: Buffer<ArrayBuffer>): Pieces {
    return new Pieces([bytes], bytes.length, undefined, bytes);
  }

  /** All of them as one, to look at. Once: they may be gone afterwards. */
  toBytes(): Uint8Array {
    return this.#pieces.length === 1 ? this.#pieces[0]! : this.join();
  }

  /** All of them as one that nobody else has, in a buffer of its own. Once, likewise. */
  join(): Buffer<ArrayBuffer> {
    const whole = this.#whole ?? this.#onlyOne();
    if (whole !== undefined) return whole;
    // All of it is written to, so it need not be cleared before.
    const joined = Buffer.allocUnsafeSlow(this.length);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
      this.#source?.release?.(piece);
    }
    return joined;
  }

  /** The only piece, if it can be had as it is. */
  #onlyOne(): Buffer<ArrayBuffer> | undefined {
    const [only] = this.#pieces;
    if (this.#pieces.length !== 1 || this.#source?.ownsPieces !== true) return undefined;
    const { buffer } = only!;
    return buffer instanceof ArrayBuffer && buffer.byteLength === only!.length ? Buffer.from(buffer) : undefined;
  }
}

/** Below this it is not worth the trouble. */
const minFreedBytes = 4 * 1024;
/** What a buffer of bytes may have beside them: less than what is in use of a buffer that Node cuts small ones from. */
const maxBesideBytes = 64;

/**
 * Frees bytes at once that nobody needs any more. V8 learns only by collecting garbage in all of its heap that a buffer is not used, and
 * does so for every few dozen megabytes of them: streams of large pieces would cost more for that than for anything else.
 *
 * They must be nobody else's, and their buffer, too. Those that have no buffer of their own are left to V8.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (
    byteLength >= minFreedBytes &&
    buffer.byteLength - byteLength <= maxBesideBytes &&
    buffer instanceof ArrayBuffer
  ) {
    buffer.transfer(0);
  }
}
