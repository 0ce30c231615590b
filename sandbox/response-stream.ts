import { type ByteSource, streamOfSource } from './byte-source.ts';
import { freeBytes } from './pieces.ts';
import { chunkCost, streamWindowBytes } from './wire.ts';

/** Small pieces are handed on together up to this size. */
const maxReadBytes = 64 * 1024;

/** The body of a streamed response: filled by the guest within its credit, read by the client at its own pace. */
export class ResponseStream implements ByteSource {
  readonly length = undefined;
  readonly readable: ReadableStream<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  readonly #costs: number[] = [];
  readonly #returnCredit: (credit: number) => void;
  readonly #onCancel: () => void;
  #queuedCost = 0;
  /** Credit of pieces that the client has taken. */
  #owedCredit = 0;
  #end: { readonly error: Error | undefined } | undefined;
  /** The client has taken all of it, or wants no more. */
  #isOver = false;
  #wake: (() => void) | undefined;

  /**
   * @param returnCredit Called in portions, when the client has taken some.
   * @param onCancel Called when the client wants no more.
   */
  constructor(returnCredit: (credit: number) => void, onCancel: () => void) {
    this.#returnCredit = returnCredit;
    this.#onCancel = onCancel;
    this.readable = streamOfSource(this);
  }

  /**
   * Takes what the guest has written, in so many pieces.
   *
   * @returns `false` when it is more than the credit allows.
   */
  write(chunk: string | Uint8Array, pieces = 1): boolean {
    if (this.#end !== undefined) return true;
    const cost = chunkCost(chunk.length, pieces);
    if (this.#queuedCost + this.#owedCredit + cost > streamWindowBytes * 2) return false;
    this.#queuedCost += cost;
    this.#chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk);
    this.#costs.push(cost);
    this.#wake?.();
    return true;
  }

  /** No piece will follow. With an error, the client's connection is cut, so that it cannot take the body for complete. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    if (error !== undefined) this.#chunks.length = 0;
    this.#wake?.();
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && this.#end === undefined && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (!this.#isOver && this.#chunks.length > 0) return this.#take();
    const wasOver = this.#isOver;
    this.#isOver = true;
    if (!wasOver && this.#end!.error !== undefined) throw this.#end!.error;
    return undefined;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake?.();
    this.#onCancel();
  }

  release(piece: Uint8Array): void {
    freeBytes(piece);
  }

  #take(): Uint8Array {
    let count = 0;
    let bytes = 0;
    while (count < this.#chunks.length && (count === 0 || bytes + this.#chunks[count]!.length <= maxReadBytes)) {
      bytes += this.#chunks[count]!.length;
      count += 1;
    }
    const taken = this.#chunks.splice(0, count);
    for (const cost of this.#costs.splice(0, count)) {
      this.#queuedCost -= cost;
      this.#owedCredit += cost;
    }
    this.#settleCredit();
    return count === 1 ? taken[0]! : Buffer.concat(taken, bytes);
  }

  /** Each message costs a change of threads: credit goes back when it is much, or when the guest may have none left. */
  #settleCredit(): void {
    if (this.#end !== undefined || this.#owedCredit === 0) return;
    const isOut = this.#queuedCost + this.#owedCredit >= streamWindowBytes;
    if (this.#owedCredit < streamWindowBytes / 2 && !(isOut && this.#chunks.length === 0)) return;
    const credit = this.#owedCredit;
    this.#owedCredit = 0;
    this.#returnCredit(credit);
  }
}
