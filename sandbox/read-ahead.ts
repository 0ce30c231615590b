import type { ByteSource } from './byte-source.ts';
import { Stopwatch } from './stopwatch.ts';

/**
 * Fetches pieces of a source while the last ones are being looked at, and hands out what has come as one: to cross into a guest costs the
 * same for a small piece as for a large one.
 */
export class ReadAhead {
  readonly #source: ByteSource;
  readonly #windowBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #end: { readonly error: unknown } | undefined;
  #isPumping = false;
  #wake: (() => void) | undefined;
  readonly #waiting = new Stopwatch();

  constructor(source: ByteSource, windowBytes: number) {
    this.#source = source;
    this.#windowBytes = windowBytes;
  }

  /** Time spent waiting for the source, up to this moment. */
  get waitedMs(): number {
    return this.#waiting.elapsedMs;
  }

  /** One at a time. `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    if (!this.#isPumping) void this.#pump();
    while (this.#bytes === 0 && this.#end === undefined) {
      this.#waiting.start();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
      this.#waiting.stop();
    }
    const pieces = this.#pieces;
    if (pieces.length === 0) {
      if (this.#end!.error !== undefined) throw this.#end!.error;
      return undefined;
    }
    const bytes = this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
    if (!this.#isPumping) void this.#pump();
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes);
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#bytes < this.#windowBytes && this.#end === undefined) {
        const piece = await this.#source.read();
        if (piece === undefined) {
          this.#end = { error: undefined };
        } else {
          this.#pieces.push(piece);
          this.#bytes += piece.length;
        }
        this.#wake?.();
      }
    } catch (error) {
      this.#end = { error };
      this.#wake?.();
    } finally {
      this.#isPumping = false;
    }
  }
}
