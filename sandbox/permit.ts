/**
 * One guest runs at a time. That makes its CPU time exact (see cpu-clock.ts), names the culprit when the process dies, and leaves the
 * cores to the rest of the process; a guest that waits for something holds no permit, so any number of invocations can be under way.
 *
 * Who comes next: the tenant that has used the least CPU time lately, and of its functions the one that has. A function that loops until
 * its limit stands behind everyone else the next time, however many calls of it are waiting.
 */
import { UsageLedger } from './usage-ledger.ts';

export interface Permit {
  /** Gives the permit back; CPU milliseconds are put down to the function and its tenant. */
  release(cpuTimeMs: number): void;
}

/** On whose behalf a permit is asked for. */
export interface PermitHolder {
  readonly tenant: string;
  /** `tenant/function`. */
  readonly key: string;
}

interface Waiter extends PermitHolder {
  readonly isNewcomer: boolean;
  readonly grant: (permit: Permit) => void;
}

export class FairPermit {
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>();
  readonly #ofTenants = new UsageLedger();
  readonly #ofFunctions = new UsageLedger();
  #isHeld = false;
  #refusesNewcomers = false;

  /** Somebody waits for it. */
  get isWanted(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether those get it that have not had it before. */
  get takesNewcomers(): boolean {
    return !this.#refusesNewcomers;
  }

  /** Nobody holds the permit, and nobody waits for it. */
  get isFree(): boolean {
    return !this.#isHeld && this.#waiting.size === 0;
  }

  /**
   * Calls `grant` at once when nobody holds the permit, otherwise when it is its turn. Answers how to stop waiting.
   *
   * @param isNewcomer Whether it has not had the permit before.
   */
  acquire({ tenant, key }: PermitHolder, isNewcomer: boolean, grant: (permit: Permit) => void): () => void {
    const waiter: Waiter = { tenant, key, isNewcomer, grant };
    this.#waiting.add(waiter);
    if (!this.#isHeld) this.#grantNext();
    return () => this.#waiting.delete(waiter);
  }

  /** From now on only those get it that have had it before. */
  refuseNewcomers(): void {
    this.#refusesNewcomers = true;
  }

  #grantNext(): void {
    const waiter = this.#next();
    if (waiter === undefined) return;
    this.#waiting.delete(waiter);
    this.#isHeld = true;
    let isReleased = false;
    waiter.grant({
      release: (cpuTimeMs) => {
        if (isReleased) return;
        isReleased = true;
        const now = performance.now();
        this.#ofTenants.charge(waiter.tenant, cpuTimeMs, now);
        this.#ofFunctions.charge(waiter.key, cpuTimeMs, now);
        this.#isHeld = false;
        this.#grantNext();
      },
    });
  }

  #next(): Waiter | undefined {
    const [only] = this.#waiting;
    if (this.#waiting.size === 1 && !this.#refusesNewcomers) return only;
    const now = performance.now();
    const seen = new Set<string>();
    let next: Waiter | undefined;
    let least = [Infinity, Infinity] as const;
    for (const waiter of this.#waiting) {
      // The first of each function stands for all of it.
      if (seen.has(waiter.key) || (this.#refusesNewcomers && waiter.isNewcomer)) continue;
      seen.add(waiter.key);
      const used = [this.#ofTenants.used(waiter.tenant, now), this.#ofFunctions.used(waiter.key, now)] as const;
      if (used[0] < least[0] || (used[0] === least[0] && used[1] < least[1])) {
        next = waiter;
        least = used;
      }
    }
    return next;
  }
}
