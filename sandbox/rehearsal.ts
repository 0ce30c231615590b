import { Departure } from './departure.ts';
import type { Limits } from './limits.ts';
import { MemoryGrowth } from './memory-growth.ts';
import type { PreparedIsolate } from './realm.ts';
import type { RuntimeImageSource } from './runtime-image.ts';
import type { SandboxFunction } from './sandbox.ts';
import { type IsolateCounts, TurnClock } from './turn-meter.ts';
import type { Watchdog, Watched } from './watchdog.ts';
import { answer, message, post } from './wire.ts';

/** On whose account code runs while there is no invocation: the last one of the function. */
export interface Rehearser {
  /** Of the invocation. */
  readonly id: string;
  readonly function: SandboxFunction;
}

/** Who is told what runs. */
export interface RehearsalObserver {
  /** Before code of the function may run, and when it cannot any more. */
  onRehearsing(of: Rehearser, isRunning: boolean): void;
  /** As of an invocation; see `InvocationObserver`. */
  onUnstoppable(of: Rehearser): void;
  onCatastrophe(of: Rehearser): void;
}

export interface RehearsalServices {
  readonly images: RuntimeImageSource;
  readonly isolates: IsolateCounts;
  readonly watchdog: Watchdog;
  readonly allowedGrowthBytes: (limits: Limits) => number;
  readonly observer: RehearsalObserver;
}

/** What came of it. */
export interface RehearsalEnd {
  /** The isolate can wait for its invocation; otherwise it has been disposed of. */
  readonly isReady: boolean;
  readonly cpuTimeMs: number;
  readonly heapBytes: number;
}

/** The number of the only invocation that the realm is for. */
const number = '1';
/** Evaluating a bundle waits for nothing, so this is time that it does not get the CPU. */
const maxWallTimeMs = 5_000;

/**
 * Evaluates a function's bundle in an isolate that waits for an invocation, under the limits that start-up has.
 *
 * An isolate in which anything but that has happened is of no use: what a module level logs, asks the host for or puts off to a timer belongs
 * to an invocation, and an isolate in which something is left to run must not lie about.
 */
export function rehearse(services: RehearsalServices, of: Rehearser, isolate: PreparedIsolate): Promise<RehearsalEnd> {
  return new Promise((resolve) => new Rehearsal(services, of, isolate, resolve).begin());
}

class Rehearsal implements Watched {
  readonly #services: RehearsalServices;
  readonly #of: Rehearser;
  readonly #isolate: PreparedIsolate;
  readonly #limits: Limits;
  readonly #onEnd: (end: RehearsalEnd) => void;
  readonly #clock: TurnClock;
  readonly #memory = new MemoryGrowth();
  readonly #departure: Departure;
  readonly #startedAt = performance.now();
  #stopWatching!: () => void;
  #isQuiet = true;
  /** It is to be disposed of, or was. */
  #isOver = false;
  #hasEnded = false;
  #cpuTimeMs = 0;
  #heapBytes = 0;

  constructor(
    services: RehearsalServices,
    of: Rehearser,
    isolate: PreparedIsolate,
    onEnd: (end: RehearsalEnd) => void,
  ) {
    this.#services = services;
    this.#of = of;
    this.#isolate = isolate;
    this.#limits = of.function.limits;
    this.#onEnd = onEnd;
    this.#clock = new TurnClock(services.isolates);
    this.#departure = new Departure(services.isolates, this.#limits, () => {
      services.observer.onUnstoppable(of);
      this.#end(false);
    });
  }

  begin(): void {
    const { watchdog, observer } = this.#services;
    const realm = this.#isolate.next;
    realm.listen({
      onPost: (...args) => this.#receive(args),
      onCall: (_number, operation, argument) => this.#call(operation, argument),
      onEnd: () => {
        this.#isOver = true;
        this.#departure.end();
        this.#isolate.dispose();
        this.#end(false);
      },
      onCatastrophe: () => {
        observer.onCatastrophe(this.#of);
        this.#giveUp();
      },
    });
    this.#stopWatching = watchdog.watch(this);
    observer.onRehearsing(this.#of, true);
    this.#clock.mark();
    realm.send(message.evaluateAhead + number);
  }

  /** Called by the watchdog. */
  check(now: number): void {
    this.#memory.sample();
    const isTooLarge = this.#memory.grownBytes > this.#services.allowedGrowthBytes(this.#limits);
    const isTooLong = this.#clock.sinceMark() > this.#limits.startUpCpuMs || now - this.#startedAt > maxWallTimeMs;
    if (isTooLarge || isTooLong) this.#giveUp();
  }

  /** Nothing about the arguments is certain. */
  #receive(args: readonly unknown[]): void {
    if (this.#isOver) return;
    const [kind, , untilTimer, pending, heapBytes, answered] = args;
    if (kind !== post.turn) {
      this.#isQuiet = false;
      return;
    }
    this.#cpuTimeMs = this.#clock.lap();
    this.#heapBytes = typeof heapBytes === 'number' ? heapBytes : Infinity;
    const isReady = this.#isQuiet && untilTimer === -1 && pending === 0 && answered === answer.none;
    if (isReady && this.#cpuTimeMs <= this.#limits.startUpCpuMs) {
      this.#isOver = true;
      this.#isolate.next.evaluated(this.#cpuTimeMs);
      // What this is called by is no callback of Node's: see `Invocation`.
      setImmediate(() => this.#end(true));
    } else {
      setImmediate(() => this.#giveUp());
    }
  }

  /** What the runtime itself is made of is no question. */
  #call(operation: unknown, argument: unknown): unknown {
    if (operation === 'part' && typeof argument === 'string') return this.#services.images.part(argument);
    this.#isQuiet = false;
    return undefined;
  }

  #giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWatching();
    this.#isolate.dispose();
    this.#departure.begin();
  }

  #end(isReady: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#stopWatching();
    this.#services.observer.onRehearsing(this.#of, false);
    this.#onEnd({ isReady, cpuTimeMs: this.#cpuTimeMs || this.#clock.sinceMark(), heapBytes: this.#heapBytes });
  }
}
