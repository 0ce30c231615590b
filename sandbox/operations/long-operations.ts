/**
 * Operations that take long, a few at a time for each invocation: they run on threads of the process that all share, and cannot be stopped. So
 * what an invocation leaves behind when it ends is little, and no other invocation is charged with it.
 */

/** Operations of this process that go on although nobody waits for them any more. */
export const orphans = { count: 0 };

const maxAtOnce = 2;

export class LongOperations {
  #running = 0;
  #waiting: (() => Promise<void>)[] = [];
  #isClosed = false;

  /** @param start Does not reject. Never called once this is closed. */
  run(start: () => Promise<void>): void {
    if (this.#isClosed) return;
    if (this.#running === maxAtOnce) this.#waiting.push(start);
    else void this.#run(start);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    orphans.count += this.#running;
  }

  async #run(start: () => Promise<void>): Promise<void> {
    this.#running += 1;
    await start();
    this.#running -= 1;
    if (this.#isClosed) orphans.count -= 1;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#run(next);
  }
}
