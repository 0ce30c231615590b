/** Sends requests and looks whether their answers are right. */
import { type Dispatcher, Pool } from 'undici';
import type { LoadOrder } from './orders.ts';

const patienceMs = 60_000;

export class Caller {
  readonly #pool: Pool;
  readonly #order: LoadOrder;
  #turn = 0;

  /** @param connections Or `null` for as many as it takes. */
  constructor(order: LoadOrder, connections: number | null) {
    this.#order = order;
    this.#pool = new Pool(order.origin, {
      connections,
      pipelining: 1,
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
    });
  }

  /** Resolves to why the answer is wrong, or `undefined`. Never rejects. */
  call(): Promise<string | undefined> {
    const { paths, method, headers, body = null, expected } = this.#order;
    const path = paths[this.#turn % paths.length]!;
    this.#turn += 1;
    return new Promise((resolve) => {
      const answer = new AnswerCheck(expected, resolve);
      this.#pool.dispatch({ path, method, headers, body }, answer);
    });
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

class AnswerCheck implements Dispatcher.DispatchHandler {
  readonly #expected: Uint8Array | number;
  readonly #resolve: (failure: string | undefined) => void;
  #status = 0;
  #length = 0;
  #pieces: Buffer[] = [];

  constructor(expected: Uint8Array | number, resolve: (failure: string | undefined) => void) {
    this.#expected = expected;
    this.#resolve = resolve;
  }

  onRequestStart(): void {
    // Nothing to do; undici wants it to be there.
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#length += piece.length;
    if (typeof this.#expected !== 'number' && this.#length <= this.#expected.length) this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    this.#resolve(this.#failure());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#resolve(`${error.name}: ${error.message}`);
  }

  #failure(): string | undefined {
    if (this.#status !== 200) return `status ${this.#status}`;
    const length = typeof this.#expected === 'number' ? this.#expected : this.#expected.length;
    if (this.#length !== length) return `${this.#length} bytes instead of ${length}`;
    if (typeof this.#expected === 'number') return undefined;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    return bytes.equals(this.#expected) ? undefined : 'other bytes than expected';
  }
}
