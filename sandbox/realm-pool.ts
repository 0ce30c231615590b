import { HostHandles } from './operations/index.ts';
import { rehearse, type Rehearser, type RehearsalServices } from './rehearsal.ts';
import { openIsolate, type OwnRealm, type PreparedIsolate, type Realm, type RealmFailure } from './realm.ts';
import type { RuntimeImage } from './runtime-image.ts';
import type { SandboxFunction } from './sandbox.ts';
import type { Seat, SeatObserver } from './seat.ts';
import type { RealmServices } from './shared-realm.ts';
import { SharedRealms } from './shared-realms.ts';
import { type IsolateCounts, TurnMeter } from './turn-meter.ts';

/** Isolates of all functions; each takes 1 to 2 MiB. */
const maxIsolates = 32;
const maxPerFunction = 8;
/** An isolate is made within this time, even on a busy machine: as many calls may come meanwhile. */
const refillSeconds = 0.02;
/** The rate of calls is that of about this time. */
const rateWindowMs = 2_000;
/** A function that was not called for this time keeps none. */
const idleMs = 15_000;
const sweepMs = 5_000;
/** So many invocations must have shown that nothing comes of evaluating a function's bundle but its exports, before that is done ahead. */
const probation = 10;
/** What stands behind it must not have to wait for long. */
const maxStartUpCpuMs = 50;
/** Evaluated bundles may take this much of the heap, and all together that much. */
const maxHeapBytes = 24 * 2 ** 20;
const maxHeapBytesOfAll = 128 * 2 ** 20;
/** The last invocation is remembered by others for this many more that have ended. */
const maxEndsSince = 48;

/** Realms of an isolate, for functions that take a new realm for each call but not a new isolate. */
const realmsPerIsolate = 8;

interface Shelf {
  readonly fn: SandboxFunction;
  /** The oldest comes first. */
  readonly isolates: Shelved[];
  /** Calls per second, lately. */
  rate: number;
  calledAt: number;
  /** Evaluations of which nothing came but exports, one after the other; -1 when it is not to be done ahead any more. */
  quietStarts: number;
  /** Of the last invocation that has ended. */
  last: { readonly id: string; readonly serial: number } | undefined;
}

interface Shelved {
  readonly isolate: PreparedIsolate;
  /** What it holds of an evaluated bundle. */
  readonly heapBytes: number;
}

/** How the evaluation of a bundle went, in an invocation. */
export interface StartUp {
  /** Nothing came of it but exports: no log line, no question to the host, no timer. */
  readonly isQuiet: boolean;
  readonly cpuTimeMs: number;
  readonly heapBytes: number;
}

/** What a pool needs of its sandbox. */
export interface PoolServices extends RealmServices, RehearsalServices {}

/**
 * Where invocations get their realms, as fresh as their function is to find them: in an isolate of their own, in one that earlier calls had
 * too, or in the very realm of earlier calls.
 *
 * Isolates are made ahead: with the guest runtime and the function's bundle in them. How many there are follows the rate of calls. They are
 * made when no guest runs and none waits, one at a time, so that a call that finds none is as fast as without a pool.
 *
 * The bundle is evaluated in them, too, where invocations have shown that nothing comes of that but its exports.
 */
export class RealmPool {
  readonly #services: PoolServices;
  readonly #shelves = new Map<SandboxFunction, Shelf>();
  readonly #shared: SharedRealms;
  #count = 0;
  #heapBytes = 0;
  #ended = 0;
  #isPlanned = false;
  #isClosed = false;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(services: PoolServices) {
    this.#services = services;
    this.#shared = new SharedRealms(services);
  }

  /** Isolates that are there and wait for a call. */
  get size(): number {
    return this.#count;
  }

  /** A place for one invocation. */
  seat(fn: SandboxFunction, observer: SeatObserver): Seat {
    if (fn.freshness === 'reuse') {
      this.#sweepLater();
      return this.#shared.of(fn).join(observer);
    }
    const meter = new TurnMeter(this.#services.permits, fn, this.#services.isolates, observer);
    return new OwnSeat(this.#services.isolates, meter, (image) => this.#open(fn, image));
  }

  /** An invocation has evaluated the bundle. */
  started(fn: SandboxFunction, { isQuiet, cpuTimeMs, heapBytes }: StartUp): void {
    const shelf = this.#shelves.get(fn);
    if (shelf === undefined || shelf.quietStarts < 0) return;
    const isCheap = cpuTimeMs <= maxStartUpCpuMs && heapBytes <= maxHeapBytes;
    shelf.quietStarts = isQuiet && isCheap ? shelf.quietStarts + 1 : 0;
  }

  /** An invocation is over, and with it what could run for it. */
  ended({ id, function: fn }: Rehearser): void {
    this.#ended += 1;
    const shelf = this.#shelves.get(fn);
    if (shelf !== undefined) shelf.last = { id, serial: this.#ended };
    this.refill();
  }

  /** What was taken can be made up for, as soon as there is nothing better to do. */
  refill(): void {
    if (this.#isPlanned || this.#isClosed) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#makeOne();
    });
  }

  /** The function was replaced or removed. */
  forget(fn: SandboxFunction): void {
    this.#shared.forget(fn);
    const shelf = this.#shelves.get(fn);
    this.#shelves.delete(fn);
    if (shelf !== undefined) {
      for (const shelved of shelf.isolates) this.#drop(shelved).dispose();
    }
    this.#stopSweeping();
  }

  close(): void {
    this.#isClosed = true;
    this.#shared.close();
    for (const fn of this.#shelves.keys()) this.forget(fn);
    this.#stopSweeping();
  }

  /** A realm that nobody has used: of an isolate that is there, or of one that is made now. */
  async #open(fn: SandboxFunction, image: RuntimeImage): Promise<OwnRealm | RealmFailure> {
    const shelf = this.#called(fn, performance.now());
    while (shelf.isolates.length > 0) {
      const isolate = this.#drop(shelf.isolates.shift()!);
      if (!isolate.isGone) return isolate.take()!;
      isolate.dispose();
    }
    const made = await this.#make(fn, image);
    return 'failure' in made ? made : made.take()!;
  }

  async #make(fn: SandboxFunction, image: RuntimeImage): Promise<PreparedIsolate | RealmFailure> {
    const realms = fn.freshness === 'context' ? realmsPerIsolate : 1;
    const isolate = await openIsolate(image, fn, this.#services.images.bundleCache(fn), { realms });
    if (!('failure' in isolate) && fn.freshness === 'context') isolate.onFree = (free) => this.#keep(fn, free);
    return isolate;
  }

  /** An isolate that can be used, new or left by an invocation. */
  #keep(fn: SandboxFunction, isolate: PreparedIsolate, heapBytes = 0): void {
    const shelf = this.#shelves.get(fn);
    if (shelf === undefined || this.#isClosed || this.#count >= maxIsolates) {
      isolate.dispose();
      return;
    }
    shelf.isolates.push({ isolate, heapBytes });
    this.#count += 1;
    this.#heapBytes += heapBytes;
  }

  #drop({ isolate, heapBytes }: Shelved): PreparedIsolate {
    this.#count -= 1;
    this.#heapBytes -= heapBytes;
    return isolate;
  }

  #called(fn: SandboxFunction, now: number): Shelf {
    let shelf = this.#shelves.get(fn);
    if (shelf === undefined) {
      shelf = { fn, isolates: [], rate: 0, calledAt: -Infinity, quietStarts: 0, last: undefined };
      this.#shelves.set(fn, shelf);
      this.#sweepLater();
    }
    const kept = Math.exp((shelf.calledAt - now) / rateWindowMs);
    shelf.rate = shelf.rate * kept + 1_000 / rateWindowMs;
    shelf.calledAt = now;
    return shelf;
  }

  /** Holds the permit meanwhile, so that nothing of this is put down to a guest. */
  #makeOne(): void {
    const { permits } = this.#services;
    const shelf = this.#neediest();
    if (shelf === undefined || this.#isClosed || !permits.isFree) return;
    permits.acquire(shelf.fn, true, (permit) => {
      let cpuTimeMs = 0;
      void this.#makeFor(shelf)
        .then((used) => {
          cpuTimeMs = used;
        })
        .finally(() => permit.release(cpuTimeMs));
    });
  }

  /** Answers the CPU time that code of the function took. */
  async #makeFor(shelf: Shelf): Promise<number> {
    const { fn } = shelf;
    const isolate = await this.#make(fn, await this.#services.images.for(fn));
    // A bundle that does not fit or compile is told of by the next call, which finds it out itself.
    if ('failure' in isolate) return 0;
    if (this.#shelves.get(fn) !== shelf || this.#isClosed) {
      isolate.dispose();
      return 0;
    }
    // Who waits for the permit by now is served first, and by this isolate if it is of the same function.
    if (!this.#canRehearse(shelf) || this.#services.permits.isWanted) {
      this.#keep(fn, isolate);
      this.refill();
      return 0;
    }
    const { isReady, cpuTimeMs, heapBytes } = await rehearse(
      this.#services,
      { id: shelf.last!.id, function: fn },
      isolate,
    );
    const isFit = isReady && heapBytes <= maxHeapBytes;
    if (!isFit) shelf.quietStarts = -1;
    if (isFit && this.#shelves.get(fn) === shelf) this.#keep(fn, isolate, heapBytes);
    else isolate.dispose();
    this.refill();
    return cpuTimeMs;
  }

  #canRehearse({ fn, quietStarts, last }: Shelf): boolean {
    return (
      fn.freshness === 'isolate' &&
      quietStarts >= probation &&
      last !== undefined &&
      this.#ended - last.serial <= maxEndsSince &&
      this.#heapBytes + maxHeapBytes <= maxHeapBytesOfAll
    );
  }

  /** The shelf that lacks most of what its rate asks for. */
  #neediest(): Shelf | undefined {
    if (this.#count >= maxIsolates) return undefined;
    let neediest: Shelf | undefined;
    let most = 0;
    const now = performance.now();
    for (const shelf of this.#shelves.values()) {
      const missing = wanted(shelf, now) - shelf.isolates.length;
      if (missing > most) {
        most = missing;
        neediest = shelf;
      }
    }
    return neediest;
  }

  #sweepLater(): void {
    if (this.#isClosed || this.#sweeping !== undefined) return;
    this.#sweeping = setInterval(() => this.#sweep(), sweepMs);
    this.#sweeping.unref();
  }

  #sweep(): void {
    const now = performance.now();
    for (const [fn, { calledAt }] of this.#shelves) if (now - calledAt > idleMs) this.forget(fn);
    this.#shared.forgetIdle(now);
    this.#stopSweeping();
  }

  /** When there is nothing left to look after. */
  #stopSweeping(): void {
    if (this.#shelves.size + this.#shared.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }
}

function wanted({ rate, calledAt, fn }: Shelf, now: number): number {
  if (now - calledAt > idleMs) return 0;
  const calls = fn.freshness === 'context' ? (rate * refillSeconds) / realmsPerIsolate : rate * refillSeconds;
  return Math.min(maxPerFunction, 1 + Math.ceil(calls));
}

/** The place of an invocation that shares its realm with nobody. */
class OwnSeat implements Seat {
  readonly number = 1;
  readonly isShared = false;
  readonly handles = new HostHandles();
  readonly meter: TurnMeter;
  readonly #isolates: IsolateCounts;
  readonly #open: (image: RuntimeImage) => Promise<OwnRealm | RealmFailure>;
  #isOpened = false;

  constructor(
    isolates: IsolateCounts,
    meter: TurnMeter,
    open: (image: RuntimeImage) => Promise<OwnRealm | RealmFailure>,
  ) {
    this.#isolates = isolates;
    this.meter = meter;
    this.#open = open;
  }

  async open(image: RuntimeImage): Promise<Realm | RealmFailure> {
    this.#isOpened = true;
    this.#isolates.alive += 1;
    const realm = await this.#open(image);
    if (!('failure' in realm)) realm.meter = this.meter;
    return realm;
  }

  close(): void {
    if (this.#isOpened) this.#isolates.alive -= 1;
    this.#isOpened = false;
  }
}
