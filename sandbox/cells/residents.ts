import type { Limits } from '../limits.ts';
import type { SandboxFunction } from '../sandbox.ts';

const maxIsolatesOfActive = 2;

interface Resident {
  /** Invocations of the version. */
  all: number;
  /** Those of them that run, or would if it were their turn. */
  active: number;
}

/** The versions that have invocations in a cell. */
export class Residents {
  readonly #residents = new Map<SandboxFunction, Resident>();
  #active = 0;

  /** Isolates in which something runs, or would if it were its turn. Invocations that share one take turns among themselves. */
  get active(): number {
    return this.#active;
  }

  /** An invocation comes, and is active. */
  come(fn: SandboxFunction): void {
    const resident = this.#residents.get(fn) ?? { all: 0, active: 0 };
    this.#residents.set(fn, resident);
    resident.all += 1;
    this.#activate(fn, resident, 1);
  }

  /** One waits for something else from now on. */
  rest(fn: SandboxFunction): void {
    this.#activate(fn, this.#residents.get(fn)!, -1);
  }

  go(fn: SandboxFunction, isActive: boolean): void {
    const resident = this.#residents.get(fn)!;
    if (isActive) this.#activate(fn, resident, -1);
    resident.all -= 1;
    if (resident.all === 0) this.#residents.delete(fn);
  }

  clear(): void {
    this.#residents.clear();
    this.#active = 0;
  }

  /** Active invocations with which one of this version would share its isolate. */
  sharing(fn: SandboxFunction): number {
    return isSharing(fn) ? (this.#residents.get(fn)?.active ?? 0) : 0;
  }

  hosts(isIt: (fn: SandboxFunction) => boolean): boolean {
    for (const fn of this.#residents.keys()) if (isIt(fn)) return true;
    return false;
  }

  /** Likewise, of those that have active invocations. */
  runs(isIt: (fn: SandboxFunction) => boolean): boolean {
    for (const [fn, { active }] of this.#residents) if (active > 0 && isIt(fn)) return true;
    return false;
  }

  /**
   * Of each isolate that there may be for them. Those that are active share one, or two while one takes over from another; those that wait may
   * be in isolates that take nobody any more.
   */
  get limits(): Limits[] {
    return Array.from(this.#residents, ([fn, { all, active }]) => {
      const length = isSharing(fn) ? Math.min(all, all - active + maxIsolatesOfActive) : all;
      return Array.from({ length }, () => fn.limits);
    }).flat();
  }

  #activate(fn: SandboxFunction, resident: Resident, change: 1 | -1): void {
    const before = resident.active;
    resident.active += change;
    if (!isSharing(fn) || Math.min(before, resident.active) === 0) this.#active += change;
  }
}

function isSharing({ freshness }: SandboxFunction): boolean {
  return freshness === 'reuse';
}
