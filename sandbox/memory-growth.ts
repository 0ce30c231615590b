/**
 * How much the process has grown while one guest ran.
 *
 * V8 tells nobody the size of a heap while its isolate is running. But one guest runs at a time (see permit.ts), so what the process
 * grows by meanwhile is, but for the host's own buffers, what that guest took: its heap, and what its memory limit does not count.
 */
export class MemoryGrowth {
  readonly #residentBytes: () => number;
  #leastBytes = Infinity;
  #grownBytes = 0;

  constructor(residentBytes: () => number = residentBytesOfGuests) {
    this.#residentBytes = residentBytes;
  }

  /** Bytes between the smallest size seen since the guest got the permit and the last one. */
  get grownBytes(): number {
    return this.#grownBytes;
  }

  /** Looks at the process; called every few milliseconds while the guest runs. */
  sample(): void {
    const bytes = this.#residentBytes();
    this.#leastBytes = Math.min(this.#leastBytes, bytes);
    this.#grownBytes = bytes - this.#leastBytes;
  }

  /** The guest gave the permit back: what others do to the process next is not its doing. */
  reset(): void {
    this.#leastBytes = Infinity;
    this.#grownBytes = 0;
  }
}

/** Resident bytes of the process, less what the main thread's own heap and buffers take. */
function residentBytesOfGuests(): number {
  const { rss, heapTotal, external } = process.memoryUsage();
  return rss - heapTotal - external;
}
