/** Decides when a request may become an invocation: at most so many at once, of one function and in all; the rest waits in order. */

export interface AdmissionLimits {
  /** Invocations of all functions at once. */
  readonly isolates: number;
  readonly queueLength: number;
  readonly queueAgeMs: number;
}

/** A place among the running invocations; call `leave` once when the invocation is over. */
export interface Place {
  leave(): void;
}

interface Waiting {
  readonly key: string;
  readonly concurrency: number;
  readonly settle: (place: Place | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #running = new Map<string, number>();
  readonly #queue = new Set<Waiting>();
  #total = 0;
  #isDraining = false;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Requests that wait. */
  get queued(): number {
    return this.#queue.size;
  }

  /** From now on nobody is let in; those that wait are turned away. */
  drain(): void {
    this.#isDraining = true;
    for (const waiting of this.#queue) this.#turnAway(waiting);
  }

  /**
   * Waits for a place. `undefined` when there is none to be had: the queue is full, the wait was too long, or the host is draining.
   *
   * @param concurrency Invocations of this key at once.
   * @param signal Aborted when nobody waits for the answer any more.
   */
  enter(key: string, concurrency: number, signal?: AbortSignal): Place | Promise<Place | undefined> | undefined {
    if (this.#isDraining) return undefined;
    if (this.#queue.size === 0 && this.#hasRoom(key, concurrency)) return this.#admit(key);
    return new Promise((resolve) => {
      if (this.#queue.size >= this.#limits.queueLength && !this.#hasRoom(key, concurrency)) {
        resolve(undefined);
        return;
      }
      const waiting: Waiting = {
        key,
        concurrency,
        settle: resolve,
        timer: setTimeout(() => this.#turnAway(waiting), this.#limits.queueAgeMs),
      };
      signal?.addEventListener('abort', () => this.#turnAway(waiting), { once: true });
      this.#queue.add(waiting);
      this.#admitWaiting();
    });
  }

  #turnAway(waiting: Waiting): void {
    if (!this.#queue.delete(waiting)) return;
    clearTimeout(waiting.timer);
    waiting.settle(undefined);
  }

  #hasRoom(key: string, concurrency: number): boolean {
    return this.#total < this.#limits.isolates && (this.#running.get(key) ?? 0) < concurrency;
  }

  #admit(key: string): Place {
    this.#total += 1;
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    let isThere = true;
    return {
      leave: () => {
        if (!isThere) return;
        isThere = false;
        this.#total -= 1;
        const left = this.#running.get(key)! - 1;
        if (left === 0) this.#running.delete(key);
        else this.#running.set(key, left);
        this.#admitWaiting();
      },
    };
  }

  /** In the order of arrival; a function that is at its limit does not hold up the others. */
  #admitWaiting(): void {
    for (const waiting of this.#queue) {
      if (this.#total >= this.#limits.isolates) return;
      if (!this.#hasRoom(waiting.key, waiting.concurrency)) continue;
      this.#queue.delete(waiting);
      clearTimeout(waiting.timer);
      waiting.settle(this.#admit(waiting.key));
    }
  }
}
