/** Text, or a value made by `transferInto` or `transferWith`. */
export type GuestMessage = string | object;

interface Pair {
  readonly message: (value: GuestMessage) => void;
  readonly fence: (value: string) => void;
}

/**
 * The way of messages into a guest: host promises that the guest has subscribed to, settled one by one.
 *
 * Settling a promise runs the guest without isolated-vm's epilogue, which copies unhandled rejections (whose getters then run outside
 * of every limit, and whose size can crash the process). Each message is followed by a fence, a second promise: it reaches the guest
 * when everything that the message set off has run, and makes it post the end of its turn.
 */
export class Mailbox {
  readonly #pairs: Pair[] = [];
  readonly #queue: GuestMessage[] = [];
  readonly #pairCount: number;
  #halfPair: Pair['message'] | undefined;

  /** @param pairCount Messages that can be on their way at once. */
  constructor(pairCount: number) {
    this.#pairCount = pairCount;
  }

  /** Makes promises for messages to come: message and fence in turn. */
  arm(): Promise<unknown>[] {
    const promises: Promise<unknown>[] = [];
    for (let index = 0; index < this.#pairCount; index += 1) {
      promises.push(
        new Promise((resolve) => {
          this.#halfPair = resolve;
        }),
        this.#completePair(),
      );
    }
    return promises;
  }

  /** Serves the guest's own requests for promises: always a message, then its fence; an echo for a message that came too late for it. */
  request(name: unknown): Promise<unknown> | undefined {
    if (name === 'echo') return Promise.resolve('');
    if (name === 'message' && this.#halfPair === undefined && this.#pairs.length < this.#pairCount + 2) {
      return new Promise((resolve) => {
        this.#halfPair = resolve;
      });
    }
    if (name !== 'fence' || this.#halfPair === undefined) return undefined;
    const fence = this.#completePair();
    this.#flush();
    return fence;
  }

  send(message: GuestMessage): void {
    this.#queue.push(message);
    this.#flush();
  }

  #completePair(): Promise<unknown> {
    const message = this.#halfPair!;
    this.#halfPair = undefined;
    return new Promise((resolve) => {
      this.#pairs.push({ message, fence: resolve });
    });
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#pairs.length > 0) {
      const pair = this.#pairs.shift()!;
      pair.message(this.#queue.shift()!);
      pair.fence('');
    }
  }
}
