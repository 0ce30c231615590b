import { type GuestMessage, maxMessagesUnderWay } from './mailbox.ts';
import type { FairPermit, Permit, PermitHolder } from './permit.ts';
import type { Delivery } from './seat.ts';
import { type IsolateCounts, TurnClock } from './turn-meter.ts';
import { progress } from './wire.ts';

/**
 * Messages on their way into a guest at once: enough that it never waits for the next, and of short turns so many that crossings are few; of
 * long ones few enough that others get the permit soon.
 */
const turnsUnderWay = { least: 2, most: maxMessagesUnderWay, ms: 8 } as const;
/** How much the last turns count for the average of all. */
const averageShare = 0.1;
/** A guest's clock ticks in milliseconds: what a turn may have taken more than it says. */
const tickMs = 1;
/** How long the permit is kept while others want it. */
const heldMs = 10;

/** One of those whose turns follow each other. */
export interface TurnTaker {
  readonly hasBegun: boolean;
  /** One of its turns has ended, and has used so much. */
  turnEnded(cpuTimeMs: number): void;
  onRunning(isRunning: boolean): void;
  onWait(isWaiting: boolean): void;
  /** Begins a turn with this message. */
  deliver(message: GuestMessage): void;
}

interface Waiting<T> {
  readonly taker: T;
  readonly run: () => void;
}

/**
 * The turns of an isolate that serves many invocations. One permit is held for all of them. The next messages are sent while the one before
 * them is still being taken; the host hears of long turns one by one, and of short ones together. The CPU time of a turn is what was used
 * since the one before it was told of, or its part of that.
 */
export class TurnQueue<T extends TurnTaker> {
  readonly #permits: FairPermit;
  readonly #holder: PermitHolder;
  readonly #clock: TurnClock;
  /** Where the guest writes down how far it is. */
  readonly progress = new SharedArrayBuffer(progress.length * Int32Array.BYTES_PER_ELEMENT);
  readonly #progress = new Int32Array(this.progress);
  /** Whose messages are on their way, in the order in which the guest takes them. */
  readonly #turns: T[] = [];
  /** Turns that were told of, modulo 2^32. */
  #ended = 0;
  #averageMs = 0;
  readonly #waiting: Waiting<T>[] = [];
  readonly #deliveries: { readonly taker: T; readonly deliver: Delivery }[] = [];
  /** Those that are doing something between two turns. */
  readonly #busy = new Set<T>();
  /** Those who pay for operations on other threads: no turn begins meanwhile. */
  readonly #works: T[] = [];
  /** Who was told to be running. */
  #running: T | undefined;
  #permit: Permit | undefined;
  #stopAsking: (() => void) | undefined;
  #grantedAt = 0;
  #heldCpuMs = 0;
  #isClosed = false;
  /** Bytes in use in the isolate, when it was last at rest. */
  heapBytes = 0;

  /** @param isCautious Whether the guest tells of each turn as soon as it has ended. */
  constructor(permits: FairPermit, holder: PermitHolder, isolates: IsolateCounts, isCautious: boolean) {
    this.#progress[progress.isCautious] = isCautious ? 1 : 0;
    this.#permits = permits;
    this.#holder = holder;
    this.#clock = new TurnClock(isolates);
  }

  /** Whose turn it is. */
  get current(): T | undefined {
    return this.#turns[this.#runningIndex] ?? this.#works[0];
  }

  /** CPU time of the turn that runs now, in milliseconds. */
  get currentCpuMs(): number {
    if (this.current === undefined) return 0;
    const cpuTimeMs = this.#clock.sinceMark();
    if (this.#runningIndex === 0) return cpuTimeMs;
    // The rest is of turns that have ended, and were not told of yet.
    const sinceBegin = (Date.now() - Atomics.load(this.#progress, progress.beganAt)) | 0;
    return Math.min(cpuTimeMs, Math.max(0, sinceBegin) + tickMs);
  }

  /** Of those whose messages are on their way. Whatever a guest writes down, it is one of them. */
  get #runningIndex(): number {
    const begun = (Atomics.load(this.#progress, progress.turns) - this.#ended) | 0;
    return Math.max(0, Math.min(begun, this.#turns.length) - 1);
  }

  /** Nothing is under way, and nothing waits. */
  get isAtRest(): boolean {
    const lists = [this.#turns, this.#works, this.#waiting, this.#deliveries];
    return lists.every(({ length }) => length === 0) && this.#busy.size === 0;
  }

  isBusy(taker: T): boolean {
    return this.#busy.has(taker);
  }

  whenPermitted(taker: T, run: () => void): void {
    if (this.#permit !== undefined && this.#mayRun() && (taker.hasBegun || this.#permits.takesNewcomers)) {
      this.#busy.add(taker);
      run();
      return;
    }
    // Who waits stands in nobody's way meanwhile.
    this.#busy.delete(taker);
    taker.onWait(true);
    this.#waiting.push({ taker, run });
    this.#ask();
    this.#settle();
  }

  whenAtRest(taker: T, deliver: Delivery): void {
    this.#deliveries.push({ taker, deliver });
    this.#ask();
    this.#pump();
  }

  begin(taker: T): void {
    this.#add(taker, this.#turns);
  }

  /**
   * The guest has told of turns that have ended, in the order in which they began. Answers whose they were.
   *
   * @param durations Milliseconds that each took, as the guest says.
   */
  end(durations: readonly number[]): T[] {
    const ended = this.#turns.splice(0, durations.length);
    if (ended.length === 0) return ended;
    const cpuTimeMs = this.#clock.lap();
    this.charge(cpuTimeMs);
    this.#ended = (this.#ended + ended.length) | 0;
    let total = 0;
    for (let index = 0; index < ended.length; index += 1) total += durations[index]! + tickMs;
    for (let index = 0; index < ended.length; index += 1) {
      ended[index]!.turnEnded((cpuTimeMs * (durations[index]! + tickMs)) / total);
      this.#averageMs += (cpuTimeMs / ended.length - this.#averageMs) * averageShare;
    }
    this.#tellRunning();
    return ended;
  }

  /** Lets those run that wait; to be called when a turn has ended, and what it brought was handed out. */
  proceed(): void {
    this.#pump();
  }

  beginWork(taker: T): void {
    this.#add(taker, this.#works);
  }

  endWork(taker: T): void {
    const index = this.#works.indexOf(taker);
    if (index === -1) return;
    const cpuTimeMs = this.#clock.lap();
    this.charge(cpuTimeMs);
    this.#works.splice(index, 1);
    taker.turnEnded(cpuTimeMs);
    this.#tellRunning();
    this.#pump();
  }

  /** Adds CPU time that was measured elsewhere. */
  charge(cpuTimeMs: number): void {
    this.#heldCpuMs += cpuTimeMs;
  }

  /** The taker has come to rest, or does not wait any more. */
  release(taker: T): void {
    this.#busy.delete(taker);
    for (let index = this.#waiting.length - 1; index >= 0; index -= 1) {
      if (this.#waiting[index]!.taker === taker) this.#waiting.splice(index, 1);
    }
    taker.onWait(false);
    this.#settle();
  }

  /** The isolate is gone: nothing runs, and nothing will. */
  close(): void {
    this.#isClosed = true;
    this.#turns.length = 0;
    this.#works.length = 0;
    this.#waiting.length = 0;
    this.#deliveries.length = 0;
    this.#busy.clear();
    this.#stopAsking?.();
    this.#stopAsking = undefined;
    // Before the next one is told to be.
    this.#tellRunning();
    this.#permit?.release(this.#heldCpuMs);
    this.#permit = undefined;
  }

  #add(taker: T, list: T[]): void {
    if (this.current === undefined) this.#clock.mark();
    list.push(taker);
    this.#tellRunning();
  }

  #tellRunning(): void {
    const running = this.#turns[0] ?? this.#works[0];
    if (running === this.#running) return;
    this.#running?.onRunning(false);
    this.#running = running;
    running?.onRunning(true);
  }

  #mayRun(): boolean {
    const { least, most, ms } = turnsUnderWay;
    const atMost = Math.max(least, Math.min(most, ms / this.#averageMs));
    const hasRoom = this.#turns.length < atMost && this.#works.length === 0;
    return hasRoom && this.#deliveries.length === 0 && !this.#isYielding();
  }

  /** Others want the permit, and it was held for long enough. */
  #isYielding(): boolean {
    return this.#permits.isWanted && performance.now() - this.#grantedAt > heldMs;
  }

  #ask(): void {
    if (this.#permit !== undefined || this.#stopAsking !== undefined || this.#isClosed) return;
    const isNewcomer = this.#deliveries.length === 0 && !this.#waiting.some(({ taker }) => taker.hasBegun);
    let isGranted = false;
    const stop = this.#permits.acquire(this.#holder, isNewcomer, (permit) => {
      isGranted = true;
      this.#stopAsking = undefined;
      this.#permit = permit;
      this.#grantedAt = performance.now();
      this.#heldCpuMs = 0;
      this.#pump();
    });
    if (!isGranted) this.#stopAsking = stop;
  }

  #pump(): void {
    if (this.#permit === undefined) return;
    while (this.#deliveries.length > 0 && this.current === undefined) {
      const { taker, deliver } = this.#deliveries.shift()!;
      const message = deliver(this.heapBytes);
      if (message === undefined) continue;
      this.#busy.add(taker);
      taker.deliver(message);
    }
    const { takesNewcomers } = this.#permits;
    for (let index = 0; index < this.#waiting.length && this.#mayRun();) {
      const { taker, run } = this.#waiting[index]!;
      if (!takesNewcomers && !taker.hasBegun) {
        index += 1;
        continue;
      }
      this.#waiting.splice(index, 1);
      taker.onWait(false);
      this.#busy.add(taker);
      run();
    }
    this.#settle();
  }

  /** Gives the permit back when nothing is to be done with it, or others have waited for long enough. */
  #settle(): void {
    const permit = this.#permit;
    if (permit === undefined || this.current !== undefined || this.#busy.size > 0) return;
    const isWanted = this.#waiting.length > 0 || this.#deliveries.length > 0;
    this.#permit = undefined;
    permit.release(this.#heldCpuMs);
    if (isWanted) this.#ask();
  }
}
