/** Looks at every running invocation every few milliseconds, for as long as there are any. */
export class Watchdog {
  readonly #watched = new Set<Watched>();
  #interval: NodeJS.Timeout | undefined;

  /** Answers how to stop watching. The timer also keeps the process alive, which a waiting isolate does not. */
  watch(watched: Watched): () => void {
    this.#watched.add(watched);
    this.#interval ??= setInterval(() => this.#check(), intervalMs);
    return () => {
      this.#watched.delete(watched);
      if (this.#watched.size > 0) return;
      clearInterval(this.#interval);
      this.#interval = undefined;
    };
  }

  #check(): void {
    const now = performance.now();
    for (const watched of this.#watched) watched.check(now);
  }
}

export interface Watched {
  check(now: number): void;
}

const intervalMs = 5;
