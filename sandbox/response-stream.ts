import { streamWindowBytes } from './wire.ts';

interface Chunk {
  readonly bytes: Uint8Array;
  /** What the guest was charged for it: bytes, or UTF-16 code units of text. */
  readonly units: number;
}

/** The body of a streamed response: filled by the guest within its credit, read by the client at its own pace. */
export class ResponseStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #chunks: Chunk[] = [];
  readonly #returnCredit: (units: number) => void;
  #queuedUnits = 0;
  #owedUnits = 0;
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param returnCredit Called when the client has taken that many units, in portions.
   * @param onCancel Called when the client wants no more.
   */
  constructor(returnCredit: (units: number) => void, onCancel: () => void) {
    this.#returnCredit = returnCredit;
    this.readable = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: onCancel,
      },
      { highWaterMark: 0 },
    );
  }

  /** Takes a chunk of the guest. Answers `false` when it is more than the credit allows. */
  write(chunk: string | Uint8Array): boolean {
    if (this.#end !== undefined) return true;
    const units = chunk.length;
    if (this.#queuedUnits + units > streamWindowBytes * 2) return false;
    this.#queuedUnits += units;
    this.#chunks.push({ bytes: typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk, units });
    this.#wake?.();
    return true;
  }

  /** No chunk will follow. With an error, the client's connection is cut, so that it cannot take the body for complete. */
  end(error?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    if (error !== undefined) this.#chunks.length = 0;
    this.#wake?.();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#chunks.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const chunk = this.#chunks.shift();
    if (chunk === undefined) {
      if (this.#end!.error !== undefined) controller.error(this.#end!.error);
      else controller.close();
      return;
    }
    controller.enqueue(chunk.bytes);
    this.#queuedUnits -= chunk.units;
    this.#owedUnits += chunk.units;
    // Each message costs a change of threads: small portions only when the guest may be out of credit.
    if (this.#owedUnits >= streamWindowBytes / 4 || this.#chunks.length === 0) {
      const units = this.#owedUnits;
      this.#owedUnits = 0;
      if (this.#end === undefined) this.#returnCredit(units);
    }
  }
}
