import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SharedMailbox } from '../../sandbox/mailbox.ts';
import { sharedFences } from '../../sandbox/wire.ts';
import { createRandom } from '../support/random.ts';

/** A guest as isolated-vm has it: a promise that was settled before it was handed over arrives with the handing over. */
class Guest {
  readonly arrived: unknown[] = [];
  readonly #mailbox: SharedMailbox;
  readonly #tasks: (() => void)[] = [];
  #running: unknown;
  #ended = 0;

  constructor(mailbox: SharedMailbox) {
    this.#mailbox = mailbox;
    for (const [index, promise] of mailbox.arm().entries()) {
      this.#await(promise, index < sharedFences ? 'fence' : 'message', true);
    }
  }

  get hasTasks(): boolean {
    return this.#tasks.length > 0;
  }

  runOne(): void {
    this.#tasks.shift()?.();
  }

  #await(promise: Promise<unknown>, name: 'message' | 'fence', isHandedOver: boolean): void {
    let [isThere, isSettled, value] = [isHandedOver, false, undefined as unknown];
    void promise.then((settled) => {
      [isSettled, value] = [true, settled];
      if (isThere) this.#tasks.push(() => this.#take(name, value));
    });
    if (isHandedOver) return;
    this.#tasks.push(() => {
      isThere = true;
      if (isSettled) this.#take(name, value);
    });
  }

  #take(name: 'message' | 'fence', value: unknown): void {
    if (this.#running !== undefined) this.#ended += 1;
    this.#running = name === 'message' ? value : undefined;
    this.#await(this.#mailbox.request(name)!, name, false);
    if (name === 'message') {
      this.arrived.push(value);
      return;
    }
    this.#mailbox.told(this.#ended, true);
    this.#ended = 0;
  }
}

test.each(Array.from({ length: 50 }, (_, seed) => seed))(
  'messages arrive in order, and all of their ends are told (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const mailbox = new SharedMailbox(() => {});
    const guest = new Guest(mailbox);
    const sent: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      for (let count = Math.floor(random() * (random() < 0.2 ? 80 : 4)); count > 0; count -= 1) {
        sent.push(`message ${sent.length}`);
        mailbox.send(sent.at(-1)!);
      }
      await nextRound();
      for (let count = Math.floor(random() * (random() < 0.2 ? 250 : 10)); count > 0; count -= 1) guest.runOne();
    }
    for (let rest = 0; rest < 10_000 && (guest.hasTasks || guest.arrived.length < sent.length); rest += 1) {
      await nextRound();
      guest.runOne();
    }
    expect(guest.arrived).toEqual(sent);
  },
);
