/** Which tenants are about: those that have called lately. */
export class Presence {
  readonly #lastCalls = new Map<string, number>();
  readonly #windowMs: number;

  /** @param windowMs A tenant is about for this time after its last call. */
  constructor(windowMs = 60_000) {
    this.#windowMs = windowMs;
  }

  called(tenant: string, now: number): void {
    // The order of the map is that of the last calls.
    this.#lastCalls.delete(tenant);
    this.#lastCalls.set(tenant, now);
  }

  /** How many tenants are about. */
  count(now: number): number {
    for (const [tenant, lastCall] of this.#lastCalls) {
      if (now - lastCall < this.#windowMs) break;
      this.#lastCalls.delete(tenant);
    }
    return this.#lastCalls.size;
  }
}
