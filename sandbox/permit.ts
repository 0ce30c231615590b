/**
 * One guest runs at a time. That makes its CPU time exact (see cpu-clock.ts) and leaves the cores to the rest of the process; a
 * guest that waits for something holds no permit, so any number of invocations can be under way.
 *
 * Who comes next: the waiting group that has used the least CPU time lately. A function that loops until its limit stands behind
 * everyone else the next time, however many calls of it are waiting.
 */
export interface Permit {
  /** Gives the permit back; CPU milliseconds are put down to the group. */
  release(cpuTimeMs: number): void;
}

interface Waiter {
  readonly grant: (permit: Permit) => void;
  readonly since: number;
}

interface Group {
  readonly name: string;
  readonly waiters: Waiter[];
  used: number;
  updatedAt: number;
}

/** Use is forgotten by half in this time. */
const halfLifeMs = 5_000;
/** Groups that nobody waits in are remembered for their use; past this number the idle ones are looked through. */
const sweepAbove = 256;

export class FairPermit {
  readonly #groups = new Map<string, Group>();
  readonly #waiting = new Set<Group>();
  #isHeld = false;

  /** Calls `grant` at once when nobody holds the permit, otherwise when it is this group's turn. Answers how to stop waiting. */
  acquire(groupName: string, grant: (permit: Permit) => void): () => void {
    const group = this.#group(groupName);
    const waiter: Waiter = { grant, since: performance.now() };
    group.waiters.push(waiter);
    this.#waiting.add(group);
    if (!this.#isHeld) this.#grantNext();
    return () => {
      const index = group.waiters.indexOf(waiter);
      if (index !== -1) group.waiters.splice(index, 1);
      if (group.waiters.length === 0) this.#waiting.delete(group);
    };
  }

  #group(name: string): Group {
    let group = this.#groups.get(name);
    if (group === undefined) {
      if (this.#groups.size > sweepAbove) this.#sweep();
      group = { name, waiters: [], used: 0, updatedAt: performance.now() };
      this.#groups.set(name, group);
    }
    return group;
  }

  #grantNext(): void {
    const group = this.#nextGroup();
    if (group === undefined) return;
    const waiter = group.waiters.shift()!;
    if (group.waiters.length === 0) this.#waiting.delete(group);
    this.#isHeld = true;
    let isReleased = false;
    waiter.grant({
      release: (cpuTimeMs) => {
        if (isReleased) return;
        isReleased = true;
        decay(group, performance.now());
        group.used += cpuTimeMs;
        // It may have been swept while it ran.
        this.#groups.set(group.name, this.#groups.get(group.name) ?? group);
        this.#isHeld = false;
        this.#grantNext();
      },
    });
  }

  #nextGroup(): Group | undefined {
    if (this.#waiting.size === 1) return this.#waiting.values().next().value;
    const now = performance.now();
    let next: Group | undefined;
    for (const group of this.#waiting) {
      decay(group, now);
      if (next === undefined || isBefore(group, next)) next = group;
    }
    return next;
  }

  #sweep(): void {
    const now = performance.now();
    for (const group of this.#groups.values()) {
      decay(group, now);
      if (group.waiters.length === 0 && group.used < 0.5) this.#groups.delete(group.name);
    }
  }
}

function isBefore(a: Group, b: Group): boolean {
  return a.used === b.used ? a.waiters[0]!.since < b.waiters[0]!.since : a.used < b.used;
}

function decay(group: Group, now: number): void {
  group.used *= 0.5 ** ((now - group.updatedAt) / halfLifeMs);
  group.updatedAt = now;
}
