import type { ByteSource } from './byte-source.ts';

/** The body of a response that goes from its source to the client at the client's pace, without entering the guest. */
export class PassedBody {
  readonly readable: ReadableStream<Uint8Array>;
  readonly source: ByteSource;
  readonly #onEnd: (error: Error | undefined) => void;
  #failure: Error | undefined;

  /**
   * @param onEnd Called once: when all of it has been taken, or with the error that the source ended with.
   * @param onCancel Called when the client wants no more.
   */
  constructor(source: ByteSource, onEnd: (error: Error | undefined) => void, onCancel: () => void) {
    this.source = source;
    this.#onEnd = onEnd;
    this.readable = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const piece = await source.read();
            if (this.#failure !== undefined) throw this.#failure;
            if (piece !== undefined) {
              controller.enqueue(piece);
              return;
            }
            controller.close();
            onEnd(undefined);
          } catch (error) {
            controller.error(error);
            if (this.#failure === undefined) onEnd(error as Error);
          }
        },
        cancel: onCancel,
      },
      { highWaterMark: 0 },
    );
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
