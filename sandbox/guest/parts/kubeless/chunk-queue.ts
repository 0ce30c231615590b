import { beginStream, endStream, type Invocation, writeChunk } from '../../core/facade.ts';

export type Chunk = string | Uint8Array;
export type Done = (error?: Error) => void;

/** A streamed body: its pieces are sent at the pace of the client. */
export class ChunkQueue {
  readonly #invocation: Invocation;
  readonly #onDrained: () => void;
  /** Those that wait for the client to take what was before them. */
  readonly #waiting: { readonly chunk: Chunk; readonly done: Done | undefined }[] = [];
  #isBlocked = false;
  #onEnd: (() => void) | undefined;

  /** @param onDrained Called when pieces had to wait, and all of them have been sent. */
  constructor(invocation: Invocation, status: number, headers: readonly string[], onDrained: () => void) {
    this.#invocation = invocation;
    this.#onDrained = onDrained;
    beginStream(invocation, status, headers);
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Bytes, or UTF-16 code units of text. */
  get length(): number {
    return this.#waiting.reduce((sum, { chunk }) => sum + chunk.length, 0);
  }

  push(chunk: Chunk, done: Done | undefined): void {
    this.#waiting.push({ chunk, done });
    if (!this.#isBlocked) this.#flush();
  }

  /** @param onEnd Called when all pieces have been sent. */
  end(onEnd: () => void): void {
    this.#onEnd = onEnd;
    if (!this.#isBlocked) this.#flush();
  }

  #flush(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { chunk, done } = next;
      const taken = chunk.length === 0 ? undefined : writeChunk(this.#invocation, chunk);
      if (taken !== undefined) {
        this.#isBlocked = true;
        void taken.then(() => {
          this.#isBlocked = false;
          done?.();
          this.#flush();
          if (!this.#isBlocked && this.#onEnd === undefined) this.#onDrained();
        });
        return;
      }
      done?.();
    }
    if (this.#onEnd === undefined) return;
    endStream(this.#invocation);
    this.#onEnd();
  }
}
