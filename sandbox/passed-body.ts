import { type ByteSource, streamOfSource } from './byte-source.ts';

/** The body of a response that goes from its source to the client at the client's pace, without entering the guest. */
export class PassedBody implements ByteSource {
  readonly readable: ReadableStream<Uint8Array>;
  readonly source: ByteSource;
  readonly #onEnd: (error: Error | undefined) => void;
  readonly #onCancel: () => void;
  #failure: Error | undefined;
  /** The client has taken all of it, or wants no more. */
  #isOver = false;

  /**
   * @param onEnd Called once: when all of it has been taken, or with the error that the source ended with.
   * @param onCancel Called when the client wants no more.
   */
  constructor(source: ByteSource, onEnd: (error: Error | undefined) => void, onCancel: () => void) {
    this.source = source;
    this.#onEnd = onEnd;
    this.#onCancel = onCancel;
    this.readable = streamOfSource(this);
  }

  get length(): number | undefined {
    return this.source.length;
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      const piece = await this.source.read();
      if (this.#failure !== undefined) throw this.#failure;
      if (piece === undefined) {
        this.#isOver = true;
        this.#onEnd(undefined);
      }
      return piece;
    } catch (error) {
      this.#isOver = true;
      if (this.#failure === undefined) this.#onEnd(error as Error);
      throw error;
    }
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onCancel();
  }

  release(piece: Uint8Array): void {
    this.source.release?.(piece);
  }

  /** It was passed on once more, and has ended there. */
  end(error: Error | undefined): void {
    if (this.#failure === undefined) this.#onEnd(error);
  }

  /** Cuts it off, so that nobody takes it for complete. */
  fail(error: Error): void {
    this.#failure = error;
    this.source.cancel();
  }
}
