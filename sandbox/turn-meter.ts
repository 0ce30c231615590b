import { guestCpuClock } from './cpu-clock.ts';
import type { SeatObserver } from './seat.ts';
import { orphans } from './operations/long-operations.ts';
import type { FairPermit, Permit, PermitHolder } from './permit.ts';
import { Stopwatch } from './stopwatch.ts';

export interface IsolateCounts {
  alive: number;
  /** Of the whole process: disposed, and running on all the same. While there are any, its clock counts their CPU time too. */
  readonly stuck: { count: number };
}

/** The times at which the guest runs for one invocation. */
export interface Turns {
  /** It may run, or what it has set off on other threads is running. */
  readonly isRunning: boolean;
  /** What runs now is its own. */
  readonly isCurrent: boolean;
  /** Turns that were begun and have not ended. */
  readonly turns: number;
  /** CPU time so far, in milliseconds, up to this moment. */
  readonly cpuTimeMs: number;
  /** Milliseconds spent waiting for the permit, up to this moment. */
  readonly waitedMs: number;
  /** Calls `run` when the guest may run: at once if it already does. `run` begins turns, or nothing will end this run. */
  whenPermitted(run: () => void): void;
  /** Its end is told by the realm. */
  beginTurn(): void;
  /** An operation on another thread that it pays for. */
  beginWork(): void;
  endWork(): void;
  /** Adds CPU time that was measured elsewhere. */
  charge(cpuTimeMs: number): void;
  /** Adds CPU time that the function and its tenant have been charged with already. */
  add(cpuTimeMs: number): void;
  /** Gives the permit back, or stops waiting for it. */
  release(): void;
}

/**
 * Lets a guest run only while it holds the permit, and measures the CPU time of its turns. A turn is all that one message sets off in
 * the guest; several may be under way.
 */
export class TurnMeter implements Turns {
  readonly #permits: FairPermit;
  readonly #holder: PermitHolder;
  readonly #observer: SeatObserver;
  #permit: Permit | undefined;
  #isNewcomer = true;
  #stopWaiting: (() => void) | undefined;
  readonly #waiting = new Stopwatch();
  readonly #clock: TurnClock;
  #heldCpuMs = 0;
  #cpuTimeMs = 0;
  #turns = 0;

  constructor(permits: FairPermit, holder: PermitHolder, isolates: IsolateCounts, observer: SeatObserver) {
    this.#permits = permits;
    this.#holder = holder;
    this.#clock = new TurnClock(isolates);
    this.#observer = observer;
  }

  get isRunning(): boolean {
    return this.#permit !== undefined;
  }

  get isCurrent(): boolean {
    return this.isRunning;
  }

  /** Turns that were begun and have not ended. */
  get turns(): number {
    return this.#turns;
  }

  /** CPU time so far, up to this moment. */
  get cpuTimeMs(): number {
    return this.#cpuTimeMs + (this.#turns === 0 ? 0 : this.#sinceMark());
  }

  /** Time spent waiting for the permit, up to this moment. */
  get waitedMs(): number {
    return this.#waiting.elapsedMs;
  }

  /** Calls `run` when the guest may run: at once if it already does. `run` begins turns, or nothing will end this run. */
  whenPermitted(run: () => void): void {
    if (this.#permit !== undefined) {
      run();
      return;
    }
    this.#waiting.start();
    this.#stopWaiting = this.#permits.acquire(this.#holder, this.#isNewcomer, (permit) => {
      this.#stopWaiting = undefined;
      this.#waiting.stop();
      this.#permit = permit;
      this.#heldCpuMs = 0;
      if (this.#isNewcomer) this.#observer.onBegin();
      this.#isNewcomer = false;
      this.#observer.onRunning(true);
      run();
    });
  }

  /** Begins a turn. What the process burned since the permit came, to make the isolate for example, is not the guest's. */
  beginTurn(): void {
    if (this.#turns === 0) this.#mark();
    this.#turns += 1;
  }

  /** Adds CPU time that was measured elsewhere. */
  charge(cpuTimeMs: number): void {
    this.#cpuTimeMs += cpuTimeMs;
    this.#heldCpuMs += cpuTimeMs;
  }

  add(cpuTimeMs: number): void {
    this.#cpuTimeMs += cpuTimeMs;
  }

  /** Adds the CPU time of the turn that ended. Nothing runs without the permit, so nothing ends. */
  endTurn(): void {
    if (this.#turns === 0) return;
    this.#turns -= 1;
    this.charge(this.#clock.lap());
  }

  /** While it is under way, the permit stays. */
  beginWork(): void {
    this.beginTurn();
  }

  endWork(): void {
    this.endTurn();
  }

  /** Gives the permit back, or stops waiting for it. The guest must not be running any more. */
  release(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#waiting.stop();
    const permit = this.#permit;
    if (permit === undefined) return;
    if (this.#turns > 0) {
      this.charge(this.#sinceMark());
      this.#turns = 0;
    }
    this.#permit = undefined;
    this.#observer.onRunning(false);
    permit.release(this.#heldCpuMs);
  }

  #mark(): void {
    this.#clock.mark();
  }

  #sinceMark(): number {
    return this.#clock.sinceMark();
  }
}

/** Measures the CPU time of guests between two moments, while one runs at a time. */
export class TurnClock {
  readonly #isolates: IsolateCounts;
  #clockAt = 0;
  #wallAt = 0;

  constructor(isolates: IsolateCounts) {
    this.#isolates = isolates;
  }

  mark(): void {
    this.#clockAt = guestCpuClock();
    this.#wallAt = performance.now();
  }

  /** Milliseconds. */
  sinceMark(): number {
    return this.#between(guestCpuClock(), performance.now());
  }

  /** The same, and marks this moment. */
  lap(): number {
    const [cpu, wall] = [guestCpuClock(), performance.now()];
    const ms = this.#between(cpu, wall);
    this.#clockAt = cpu;
    this.#wallAt = wall;
    return ms;
  }

  #between(cpuNow: number, wallNow: number): number {
    const cpu = Math.max(0, cpuNow - this.#clockAt);
    // Another's runaway thread must not be charged to this guest: one thread cannot use more CPU time than time.
    const isAlone = this.#isolates.stuck.count === 0 && orphans.count === 0;
    return isAlone ? cpu : Math.min(cpu, wallNow - this.#wallAt);
  }
}
