import type { RuntimeImageSource } from './runtime-image.ts';
import type { FairPermit } from './permit.ts';
import { openRealm, type Realm } from './realm.ts';
import type { SandboxFunction } from './sandbox.ts';

/** Realms of all functions; each takes 1 to 2 MiB. */
const maxRealms = 32;
const maxPerFunction = 8;
/** A realm is made within this time, even on a busy machine: as many calls may come meanwhile. */
const refillSeconds = 0.02;
/** The rate of calls is that of about this time. */
const rateWindowMs = 2_000;
/** A function that was not called for this time keeps none. */
const idleMs = 15_000;
const sweepMs = 5_000;

interface Shelf {
  readonly fn: SandboxFunction;
  readonly realms: Realm[];
  /** Calls per second, lately. */
  rate: number;
  calledAt: number;
}

/**
 * Isolates made ahead, each for one call of one function: with the guest runtime and the function's bundle in them, up to the point where
 * code of the function would run. How many there are follows the rate of calls. They are made when no guest runs and none waits, one at a
 * time, so that a call that finds none is as fast as without a pool.
 */
export class RealmPool {
  readonly #images: RuntimeImageSource;
  readonly #permits: FairPermit;
  readonly #shelves = new Map<SandboxFunction, Shelf>();
  #count = 0;
  #isPlanned = false;
  #isClosed = false;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(images: RuntimeImageSource, permits: FairPermit) {
    this.#images = images;
    this.#permits = permits;
  }

  /** Realms that are there. */
  get size(): number {
    return this.#count;
  }

  /** Takes a realm for a call; `undefined` when there is none. */
  take(fn: SandboxFunction): Realm | undefined {
    const shelf = this.#called(fn, performance.now());
    while (shelf.realms.length > 0) {
      this.#count -= 1;
      const realm = shelf.realms.pop()!;
      if (!realm.isGone) return realm;
      realm.dispose();
    }
    return undefined;
  }

  /** A call is over: what it took can be made up for, as soon as there is nothing better to do. */
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
    const shelf = this.#shelves.get(fn);
    if (shelf === undefined) return;
    this.#shelves.delete(fn);
    this.#count -= shelf.realms.length;
    for (const realm of shelf.realms) realm.dispose();
    if (this.#shelves.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const fn of this.#shelves.keys()) this.forget(fn);
  }

  #called(fn: SandboxFunction, now: number): Shelf {
    let shelf = this.#shelves.get(fn);
    if (shelf === undefined) {
      shelf = { fn, realms: [], rate: 0, calledAt: -Infinity };
      this.#shelves.set(fn, shelf);
      if (!this.#isClosed && this.#sweeping === undefined) {
        this.#sweeping = setInterval(() => this.#sweep(), sweepMs);
        this.#sweeping.unref();
      }
    }
    const kept = Math.exp((shelf.calledAt - now) / rateWindowMs);
    shelf.rate = shelf.rate * kept + 1_000 / rateWindowMs;
    shelf.calledAt = now;
    return shelf;
  }

  /** Holds the permit meanwhile, so that nothing of this is put down to a guest. */
  #makeOne(): void {
    const shelf = this.#neediest();
    if (shelf === undefined || this.#isClosed || !this.#permits.isFree) return;
    const { fn } = shelf;
    this.#permits.acquire(fn, true, (permit) => {
      void this.#open(shelf).finally(() => permit.release(0));
    });
  }

  async #open(shelf: Shelf): Promise<void> {
    const { fn } = shelf;
    const image = await this.#images.for(fn);
    const realm = await openRealm(image, fn, this.#images.bundleCache(fn));
    // A bundle that does not fit or compile is told of by the next call, which finds it out itself.
    if ('failure' in realm) return;
    if (this.#isClosed || this.#shelves.get(fn) !== shelf) {
      realm.dispose();
      return;
    }
    shelf.realms.push(realm);
    this.#count += 1;
    this.refill();
  }

  /** The shelf that lacks most of what its rate asks for. */
  #neediest(): Shelf | undefined {
    if (this.#count >= maxRealms) return undefined;
    let neediest: Shelf | undefined;
    let most = 0;
    const now = performance.now();
    for (const shelf of this.#shelves.values()) {
      const missing = wanted(shelf, now) - shelf.realms.length;
      if (missing > most) {
        most = missing;
        neediest = shelf;
      }
    }
    return neediest;
  }

  #sweep(): void {
    const now = performance.now();
    for (const [fn, { calledAt }] of this.#shelves) if (now - calledAt > idleMs) this.forget(fn);
  }
}

function wanted({ rate, calledAt }: Shelf, now: number): number {
  if (now - calledAt > idleMs) return 0;
  return Math.min(maxPerFunction, 1 + Math.ceil(rate * refillSeconds));
}
