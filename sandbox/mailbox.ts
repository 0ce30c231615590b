import { sharedFences } from './wire.ts';

/** Text, or a value made by `transferWith`. */
export type GuestMessage = string | object;

interface Pair {
  readonly message: (value: GuestMessage) => void;
  readonly fence: (value: string) => void;
}

/** The way of messages into a guest. */
export interface Mailbox {
  /** Makes promises for messages to come, to be called once. */
  arm(): Promise<unknown>[];
  /** Serves the guest's own requests for promises. */
  request(name: unknown): Promise<unknown> | undefined;
  send(message: GuestMessage): void;
}

/**
 * The way of messages into a guest of one invocation: host promises that the guest has subscribed to, settled one by one.
 *
 * Settling a promise runs the guest without isolated-vm's epilogue, which copies unhandled rejections (whose getters then run outside
 * of every limit, and whose size can crash the process). Each message is followed by a fence, a second promise: it reaches the guest
 * when everything that the message set off has run, and makes it post the end of its turn.
 */
export class PairedMailbox implements Mailbox {
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

/**
 * Messages of which a guest of many has not told yet that their turns have ended. They cannot be called back: should each be at its limit of CPU
 * time, whoever else wants the permit waits for all of them.
 */
export const maxMessagesUnderWay = 8;
/** Those that are asked for while the first of them are on their way can be used when these have been taken. */
const maxMessages = 2 * maxMessagesUnderWay;

interface Promised {
  readonly settle: (value: GuestMessage) => void;
  /** What had been settled when it was asked for. */
  readonly askedAt: number;
}

/**
 * The same for a guest of many invocations, whose messages follow each other closely: the turn of one ends when the next arrives, and one
 * fence comes behind all that are sent in one round of the event loop.
 *
 * A promise that is settled before isolated-vm has handed it over arrives with the handing over, before others that were settled earlier. So
 * each is used only when the guest must have it: it tells of something that was settled after it had been asked for. Messages arrive in the
 * order in which they are sent.
 */
export class SharedMailbox implements Mailbox {
  readonly #queue: GuestMessage[] = [];
  readonly #messages: Promised[] = [];
  readonly #fences: Promised[] = [];
  /** Counts what was settled. */
  #settled = 0;
  /** The last of it that the guest has told of. */
  #told = 0;
  /** Messages that it has not told of, by their places among all that was settled. */
  readonly #underWay: number[] = [];
  /** The place of the fence that it has not told of. */
  #fenceUnderWay: number | undefined;
  #isFenceDue = false;
  #isFlushPlanned = false;
  readonly #onFlush: () => void;

  /** @param onFlush Called before messages are sent. */
  constructor(onFlush: () => void) {
    this.#onFlush = onFlush;
  }

  /** Fences first; see `sharedFences` in wire.ts. */
  arm(): Promise<unknown>[] {
    return [
      ...Array.from({ length: sharedFences }, () => promised(this.#fences, -1)),
      ...Array.from({ length: maxMessages }, () => promised(this.#messages, -1)),
    ];
  }

  request(name: unknown): Promise<unknown> | undefined {
    const isMessage = name === 'message';
    if (!isMessage && name !== 'fence') return undefined;
    const list = isMessage ? this.#messages : this.#fences;
    return list.length < (isMessage ? maxMessages : sharedFences) ? promised(list, this.#settled) : undefined;
  }

  send(message: GuestMessage): void {
    this.#queue.push(message);
    this.#planFlush();
  }

  /** The guest has told of the ends of so many turns, and perhaps that it is at rest, which is its answer to a fence. */
  told(turns: number, isAtRest: boolean): void {
    const last = this.#underWay.splice(0, turns).at(-1);
    if (last !== undefined) this.#told = last;
    if (isAtRest && this.#fenceUnderWay !== undefined) {
      this.#told = Math.max(this.#told, this.#fenceUnderWay);
      this.#fenceUnderWay = undefined;
    }
    if (this.#isFenceDue || this.#queue.length > 0) this.#planFlush();
  }

  /** All that is sent in one round of the event loop wakes the guest once. */
  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushPlanned = false;
    this.#onFlush();
    while (this.#queue.length > 0 && this.#isUsable(this.#messages[0])) {
      this.#underWay.push(this.#settle(this.#messages, this.#queue.shift()!));
      this.#isFenceDue = true;
    }
    if (!this.#isFenceDue || this.#fenceUnderWay !== undefined || this.#fences.length === 0) return;
    this.#isFenceDue = false;
    this.#fenceUnderWay = this.#settle(this.#fences, '');
  }

  /** One by itself cannot overtake anything. */
  #isUsable(message: Promised | undefined): boolean {
    return message !== undefined && (message.askedAt < this.#told || this.#underWay.length === 0);
  }

  #settle(list: Promised[], value: GuestMessage): number {
    list.shift()!.settle(value);
    this.#settled += 1;
    return this.#settled;
  }
}

function promised(list: Promised[], askedAt: number): Promise<unknown> {
  return new Promise((settle) => {
    list.push({ settle, askedAt });
  });
}
