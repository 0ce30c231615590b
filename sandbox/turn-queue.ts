import type { GuestMessage } from './mailbox.ts';
import type { FairPermit, Permit, PermitHolder } from './permit.ts';
import type { Delivery } from './seat.ts';
import { type IsolateCounts, TurnClock } from './turn-meter.ts';

/** Messages on their way into a guest at once: enough that it never waits for the next, few enough that each waits only shortly. */
const maxTurns = 8;
/** How long the permit is kept while others want it. */
const heldMs = 10;

/** One of those whose turns follow each other. */
export interface TurnTaker {
  readonly hasBegun: boolean;
  /** Of a turn that has ended. */
  chargeTurn(cpuTimeMs: number): void;
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
 * The turns of an isolate that serves many invocations. One permit is held for all of them. The next message is sent while the one before
 * it is still being taken; a turn's CPU time is what was used since the turn before it has ended.
 */
export class TurnQueue<T extends TurnTaker> {
  readonly #permits: FairPermit;
  readonly #holder: PermitHolder;
  readonly #clock: TurnClock;
  /** Whose messages are on their way, in the order in which the guest takes them. */
  readonly #turns: T[] = [];
  readonly #waiting: Waiting<T>[] = [];
  readonly #deliveries: { readonly taker: T; readonly deliver: Delivery }[] = [];
  /** Those that are doing something between two turns. */
  readonly #busy = new Set<T>();
  /** Operations on other threads that somebody pays for: no turn begins meanwhile. */
  #works = 0;
  #permit: Permit | undefined;
  #stopAsking: (() => void) | undefined;
  #grantedAt = 0;
  #heldCpuMs = 0;
  #isClosed = false;
  /** Bytes in use in the isolate, when it was last at rest. */
  heapBytes = 0;

  constructor(permits: FairPermit, holder: PermitHolder, isolates: IsolateCounts) {
    this.#permits = permits;
    this.#holder = holder;
    this.#clock = new TurnClock(isolates);
  }

  /** Whose turn it is. */
  get current(): T | undefined {
    return this.#turns[0];
  }

  /** CPU time of the turn that runs now, in milliseconds. */
  get currentCpuMs(): number {
    return this.#turns.length === 0 ? 0 : this.#clock.sinceMark();
  }

  /** Nothing is under way, and nothing waits. */
  get isAtRest(): boolean {
    return [this.#turns, this.#waiting, this.#deliveries].every(({ length }) => length === 0) && this.#busy.size === 0;
  }

  isBusy(taker: T): boolean {
    return this.#busy.has(taker);
  }

  /** The first of the turns under way that `is` holds for; the current one if there is none. */
  find(is: (taker: T) => boolean): T | undefined {
    return this.#turns.find(is) ?? this.#turns[0];
  }

  whenPermitted(taker: T, run: () => void): void {
    if (this.#permit !== undefined && this.#mayRun()) {
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
    if (this.#turns.length === 0) this.#clock.mark();
    this.#turns.push(taker);
    if (this.#turns.length === 1) taker.onRunning(true);
  }

  end(taker: T): void {
    const index = this.#turns.indexOf(taker);
    if (index === -1) return;
    const cpuTimeMs = this.#clock.lap();
    this.#turns.splice(index, 1);
    this.charge(cpuTimeMs);
    taker.chargeTurn(cpuTimeMs);
    if (index > 0) return;
    taker.onRunning(false);
    this.#turns[0]?.onRunning(true);
  }

  /** Lets those run that wait; to be called when a turn has ended, and what it brought was handed out. */
  proceed(): void {
    this.#pump();
  }

  beginWork(taker: T): void {
    this.#works += 1;
    this.begin(taker);
  }

  endWork(taker: T): void {
    this.#works -= 1;
    this.end(taker);
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
    this.#waiting.length = 0;
    this.#deliveries.length = 0;
    this.#busy.clear();
    this.#stopAsking?.();
    this.#stopAsking = undefined;
    this.#permit?.release(this.#heldCpuMs);
    this.#permit = undefined;
  }

  #mayRun(): boolean {
    return this.#turns.length < maxTurns && this.#works === 0 && this.#deliveries.length === 0 && !this.#isYielding();
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
    while (this.#deliveries.length > 0 && this.#turns.length === 0) {
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
    if (permit === undefined || this.#turns.length > 0 || this.#busy.size > 0) return;
    const isWanted = this.#waiting.length > 0 || this.#deliveries.length > 0;
    this.#permit = undefined;
    permit.release(this.#heldCpuMs);
    if (isWanted) this.#ask();
  }
}
