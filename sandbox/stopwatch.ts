/** Adds up the times between `start` and `stop`. */
export class Stopwatch {
  #elapsedMs = 0;
  #since: number | undefined;

  /** Milliseconds so far, up to this moment. */
  get elapsedMs(): number {
    return this.#elapsedMs + (this.#since === undefined ? 0 : performance.now() - this.#since);
  }

  /** One that runs already begins anew: the time since it was started is dropped. */
  start(): void {
    this.#since = performance.now();
  }

  stop(): void {
    this.#elapsedMs = this.elapsedMs;
    this.#since = undefined;
  }
}
