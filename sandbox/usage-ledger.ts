interface Entry {
  used: number;
  updatedAt: number;
}

/** Past this number of names, those that have used next to nothing lately are forgotten. */
const sweepAbove = 256;
const negligible = 0.5;

/** How much each of many has used lately; old use counts less and less. */
export class UsageLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #halfLifeMs: number;

  /** @param halfLifeMs Use is forgotten by half in this time. */
  constructor(halfLifeMs = 5_000) {
    this.#halfLifeMs = halfLifeMs;
  }

  used(name: string, now: number): number {
    const entry = this.#entries.get(name);
    return entry === undefined ? 0 : this.#decay(entry, now);
  }

  charge(name: string, amount: number, now: number): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      entry.used = this.#decay(entry, now) + amount;
      return;
    }
    if (this.#entries.size > sweepAbove) this.#sweep(now);
    this.#entries.set(name, { used: amount, updatedAt: now });
  }

  #decay(entry: Entry, now: number): number {
    if (now > entry.updatedAt) {
      entry.used *= 0.5 ** ((now - entry.updatedAt) / this.#halfLifeMs);
      entry.updatedAt = now;
    }
    return entry.used;
  }

  #sweep(now: number): void {
    for (const [name, entry] of this.#entries) if (this.#decay(entry, now) < negligible) this.#entries.delete(name);
  }
}
