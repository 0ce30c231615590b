/** Values that were recorded: their number, extremes and mean, and which value a share of them does not exceed. */
import { withCode } from './node-error.ts';

/** More are counted, but not kept. */
const maxKept = 10_000;

export class Histogram {
  count = 0;
  min = Number.MAX_SAFE_INTEGER;
  max = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #kept: number[] = [];
  #last = 0;

  record(value: number | bigint): void {
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < 1) {
      throw withCode(
        new RangeError(`The value of "val" is out of range. It must be >= 1. Received ${String(value)}`),
        'ERR_OUT_OF_RANGE',
      );
    }
    this.count += 1;
    this.min = Math.min(this.min, number);
    this.max = Math.max(this.max, number);
    this.#sum += number;
    this.#sumOfSquares += number * number;
    if (this.#kept.length < maxKept) this.#kept.push(number);
  }

  /** Records the time since the last call of it. */
  recordDelta(): void {
    const now = Date.now() * 1e6;
    if (this.#last > 0) this.record(Math.max(1, now - this.#last));
    this.#last = now;
  }

  get exceeds(): number {
    return 0;
  }

  get mean(): number {
    return this.count === 0 ? Number.NaN : this.#sum / this.count;
  }

  get stddev(): number {
    return this.count === 0 ? Number.NaN : Math.sqrt(Math.max(0, this.#sumOfSquares / this.count - this.mean ** 2));
  }

  percentile(percent: number): number {
    const sorted = this.#kept.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
  }

  get percentiles(): Map<number, number> {
    return new Map([0, 50, 75, 90, 99, 100].map((percent) => [percent, this.percentile(percent)]));
  }

  reset(): void {
    this.count = 0;
    this.min = Number.MAX_SAFE_INTEGER;
    this.max = 0;
    this.#sum = 0;
    this.#sumOfSquares = 0;
    this.#kept = [];
  }
}
