import type { ByteSource } from './byte-source.ts';
import { Pieces } from './pieces.ts';
import { Stopwatch } from './stopwatch.ts';

/** Where so much comes at once, more is on its way. */
const bulkBytes = 64 * 1024;
const bulkWaitMs = 1;

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
  /** Called when no more comes before something is taken. */
  #onFull: (() => void) | undefined;
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
  async read(): Promise<Pieces | undefined> {
    if (!this.#isPumping) void this.#pump();
    while (this.#bytes === 0 && this.#end === undefined) {
      this.#waiting.start();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
      // What comes in this turn of the event loop comes along.
      if (!this.#isFull) await new Promise(setImmediate);
      this.#waiting.stop();
    }
    if (!this.#isFull && this.#bytes >= bulkBytes) {
      this.#waiting.start();
      await this.#moreOfMuch();
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
    return new Pieces(pieces, bytes, this.#source);
  }

  get #isFull(): boolean {
    return this.#bytes >= this.#windowBytes || this.#end !== undefined || this.#isOneAlready;
  }

  /** Much has come as one piece that can be handed out as it is: with others, it would have to be put together. */
  get #isOneAlready(): boolean {
    return this.#source.ownsPieces === true && this.#pieces.length === 1 && this.#bytes > bulkBytes;
  }

  #moreOfMuch(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#onFull?.(), bulkWaitMs);
      this.#onFull = () => {
        this.#onFull = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (!this.#isFull) {
        const piece = await this.#source.read(this.#windowBytes - this.#bytes);
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
      this.#onFull?.();
    }
  }
}
