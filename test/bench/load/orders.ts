/** What the generator of load is told, and what it answers. */
export interface LoadOrder {
  readonly origin: string;
  /** Asked in turns. */
  readonly paths: readonly string[];
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The bytes of each answer, or their number where they are too many to compare. */
  readonly expected: Uint8Array | number;
  readonly plan: LoadPlan;
}

/**
 * `closed`: so many requests are under way all the time. `open`: so many begin each second, whatever becomes of them. `each`: every path
 * is asked once.
 */
export type LoadPlan =
  | { readonly kind: 'closed'; readonly connections: number; readonly seconds: number }
  | { readonly kind: 'open'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'each'; readonly connections: number };

export interface LoadResult {
  readonly answered: number;
  readonly failed: number;
  readonly firstFailure?: string;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** How much of a core the generator itself has used; near one, it was the generator that could not do more. */
  readonly busyShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}
