/** What a tenant may use, besides the limits of its functions. */
export interface TenantAllowance {
  /** Invocations of all its functions at once. */
  readonly concurrency: number;
  /** CPU time that it gets per second, of all cores; 0: as much as there is. */
  readonly cpuMsPerSecond: number;
}

interface Bucket {
  leftMs: number;
  updatedAt: number;
}

/** What has not been used is kept for this long. */
const savedSeconds = 10;
/** Buckets that are full again say nothing; past this number they are looked for. */
const sweepAbove = 1_000;

/**
 * Token buckets of CPU milliseconds. What an invocation will use is not known before: it is let in as long as anything is left, and what it
 * used is taken when it is over, so that a bucket may be in debt.
 */
export class CpuAllowances {
  readonly #buckets = new Map<string, Bucket>();

  /** Milliseconds until the tenant may begin another invocation; 0 when it may at once. */
  waitFor(tenant: string, { cpuMsPerSecond }: TenantAllowance): number {
    if (cpuMsPerSecond === 0) return 0;
    const bucket = this.#buckets.get(tenant);
    if (bucket === undefined) return 0;
    refill(bucket, cpuMsPerSecond);
    return bucket.leftMs > 0 ? 0 : ((1 - bucket.leftMs) / cpuMsPerSecond) * 1_000;
  }

  charge(tenant: string, { cpuMsPerSecond }: TenantAllowance, cpuTimeMs: number): void {
    if (cpuMsPerSecond === 0) return;
    let bucket = this.#buckets.get(tenant);
    if (bucket === undefined) {
      if (this.#buckets.size > sweepAbove) this.#sweep();
      bucket = { leftMs: cpuMsPerSecond * savedSeconds, updatedAt: performance.now() };
      this.#buckets.set(tenant, bucket);
    }
    refill(bucket, cpuMsPerSecond);
    bucket.leftMs -= cpuTimeMs;
  }

  #sweep(): void {
    const longAgo = performance.now() - savedSeconds * 1_000;
    for (const [tenant, { leftMs, updatedAt }] of this.#buckets) {
      if (leftMs > 0 && updatedAt < longAgo) this.#buckets.delete(tenant);
    }
  }
}

function refill(bucket: Bucket, cpuMsPerSecond: number): void {
  const now = performance.now();
  const gained = ((now - bucket.updatedAt) / 1_000) * cpuMsPerSecond;
  bucket.leftMs = Math.min(cpuMsPerSecond * savedSeconds, bucket.leftMs + gained);
  bucket.updatedAt = now;
}
