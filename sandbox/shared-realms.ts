import type { SandboxFunction } from './sandbox.ts';
import { type RealmServices, SharedRealm } from './shared-realm.ts';

/** Functions that have one at a time; each takes a heap. */
const maxRealms = 32;
/** A function that was not called for this time keeps none. */
const idleMs = 60_000;
/**
 * Calls per second from which a new isolate takes over step by step. V8 compiles code that runs often: an isolate that got all calls at once
 * would be too slow for them in its first moments, and they would wait.
 */
const busyRate = 100;
/** While it does, it gets one call of so many. */
const handOverStep = 4;

interface Line {
  current: SharedRealm;
  /** Takes over when the current one takes nobody any more. */
  next: SharedRealm | undefined;
  calls: number;
  /** An isolate of it was lost: what others in it have answered must not wait in the next ones. */
  isCautious: boolean;
}

/** The realms of functions whose invocations share one, with what takes their place in time. */
export class SharedRealms {
  readonly #services: RealmServices;
  readonly #lines = new Map<SandboxFunction, Line>();

  constructor(services: RealmServices) {
    this.#services = services;
  }

  get size(): number {
    return this.#lines.size;
  }

  /** The realm for a function's next invocation. */
  of(fn: SandboxFunction): SharedRealm {
    const line = this.#lines.get(fn) ?? this.#open(fn);
    line.calls += 1;
    line.isCautious ||= line.current.wasLost || line.next?.wasLost === true;
    if (line.next?.isRetired === true) line.next = undefined;
    if (line.current.isRetired) {
      line.current = line.next ?? new SharedRealm(this.#services, fn, line.isCautious);
      line.next = undefined;
    } else if (line.current.isAgeing && line.current.rate >= busyRate && line.calls % handOverStep === 0) {
      line.next ??= new SharedRealm(this.#services, fn, line.isCautious);
      return line.next;
    }
    return line.current;
  }

  /** The function was replaced or removed. */
  forget(fn: SandboxFunction): void {
    const line = this.#lines.get(fn);
    line?.current.retire();
    line?.next?.retire();
    this.#lines.delete(fn);
  }

  forgetIdle(now: number): void {
    for (const [fn, { current }] of this.#lines) if (current.idleMs(now) > idleMs) this.forget(fn);
  }

  close(): void {
    for (const fn of this.#lines.keys()) this.forget(fn);
  }

  #open(fn: SandboxFunction): Line {
    const line = { current: new SharedRealm(this.#services, fn, false), next: undefined, calls: 0, isCautious: false };
    this.#lines.set(fn, line);
    if (this.#lines.size > maxRealms) this.#forgetIdlest();
    return line;
  }

  #forgetIdlest(): void {
    const now = performance.now();
    let idlest: SandboxFunction | undefined;
    let most = 0;
    for (const [fn, { current }] of this.#lines) {
      const idle = current.idleMs(now);
      if (idle > most) {
        idlest = fn;
        most = idle;
      }
    }
    if (idlest !== undefined) this.forget(idlest);
  }
}
