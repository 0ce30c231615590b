/** Counts how requests ended. */

/**
 * `answered`: as documented. `busy`: 503 with a reason, which is documented too. `cut`: a streamed answer that ended early, and visibly so.
 * `wrong`: any other answer. `lost`: none.
 */
export type Fate = 'answered' | 'busy' | 'cut' | 'wrong' | 'lost';

const maxExamples = 20;

export class Tally {
  readonly #fates = new Map<string, Map<Fate, number>>();
  readonly #examples: string[] = [];

  count(kind: string, fate: Fate, detail = ''): void {
    const fates = this.#fates.get(kind) ?? new Map<Fate, number>();
    this.#fates.set(kind, fates.set(fate, (fates.get(fate) ?? 0) + 1));
    if ((fate === 'wrong' || fate === 'lost') && this.#examples.length < maxExamples) {
      this.#examples.push(`${kind} ${fate}: ${detail}`);
    }
  }

  sum(...fates: Fate[]): number {
    let sum = 0;
    for (const counts of this.#fates.values()) for (const fate of fates) sum += counts.get(fate) ?? 0;
    return sum;
  }

  rows(): Record<string, Partial<Record<Fate, number>>> {
    return Object.fromEntries(Array.from(this.#fates, ([kind, counts]) => [kind, Object.fromEntries(counts)]));
  }

  /** The first of those that were wrong or lost. */
  get examples(): readonly string[] {
    return this.#examples;
  }
}

export class Latencies {
  readonly #values: number[] = [];

  add(ms: number): void {
    this.#values.push(ms);
  }

  get count(): number {
    return this.#values.length;
  }

  percentile(percent: number): number {
    if (this.#values.length === 0) return 0;
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)]!;
  }
}
