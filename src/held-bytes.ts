/** Counts the bytes of request bodies that wait in the host's memory, from their first chunk on, so that no number of uploads fills it. */
export class HeldBytes {
  readonly #maxBytes: number;
  readonly #maxBytesOfTenant: () => number;
  readonly #ofTenants = new Map<string, number>();
  #bytes = 0;

  /** @param maxBytesOfTenant Asked anew each time. */
  constructor(maxBytes: number, maxBytesOfTenant: () => number) {
    this.#maxBytes = maxBytes;
    this.#maxBytesOfTenant = maxBytesOfTenant;
  }

  /** Answers whether there is room for them; only then they count. */
  take(tenant: string, bytes: number): boolean {
    const own = (this.#ofTenants.get(tenant) ?? 0) + bytes;
    if (this.#bytes + bytes > this.#maxBytes || own > this.#maxBytesOfTenant()) return false;
    this.#bytes += bytes;
    this.#ofTenants.set(tenant, own);
    return true;
  }

  give(tenant: string, bytes: number): void {
    this.#bytes -= bytes;
    const own = this.#ofTenants.get(tenant)! - bytes;
    if (own === 0) this.#ofTenants.delete(tenant);
    else this.#ofTenants.set(tenant, own);
  }
}
