/** Sizes of the process. */
export interface ProcessSizes {
  readonly residentBytes: number;
  /** The part of it that the main thread's own heap and buffers take, as far as they are in use. */
  readonly ownBytes: number;
}

/**
 * How much the process has grown while one guest ran.
 *
 * V8 tells nobody the size of a heap while its isolate is running. But one guest runs at a time (see permit.ts), so what the process
 * grows by meanwhile is, but for the host's own buffers, what that guest took: its heap, and what its memory limit does not count.
 */
export class MemoryGrowth {
  readonly #sizes: () => ProcessSizes;
  #leastBytes = Infinity;
  #mostOwnBytes = 0;
  #grownBytes = 0;

  constructor(sizes: () => ProcessSizes = processSizes) {
    this.#sizes = sizes;
  }

  /** Bytes between the smallest size seen since the guest got the permit and the last one. */
  get grownBytes(): number {
    return this.#grownBytes;
  }

  /** Looks at the process; called every few milliseconds while the guest runs. */
  sample(): void {
    const { residentBytes, ownBytes } = this.#sizes();
    this.#mostOwnBytes = Math.max(this.#mostOwnBytes, ownBytes);
    // What the main thread lets go of stays resident for a while: that its own part shrinks does not mean that another has grown.
    const guestBytes = residentBytes - this.#mostOwnBytes;
    if (guestBytes < this.#leastBytes) {
      this.#mostOwnBytes = ownBytes;
      this.#leastBytes = residentBytes - ownBytes;
    }
    this.#grownBytes = Math.max(0, guestBytes - this.#leastBytes);
  }

  /** The guest gave the permit back: what others do to the process next is not its doing. */
  reset(): void {
    this.#leastBytes = Infinity;
    this.#mostOwnBytes = 0;
    this.#grownBytes = 0;
  }
}

function processSizes(): ProcessSizes {
  const { rss, heapTotal, external } = process.memoryUsage();
  return { residentBytes: rss, ownBytes: heapTotal + external };
}
