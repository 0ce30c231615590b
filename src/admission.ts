/**
 * Decides when a request may become an invocation, and whose turn it is. What is handed out are places, memory and CPU time, and no tenant
 * gets more of them than its share while there are others. Who waits is served in the order of use: first the tenant that has used the
 * least CPU time lately, then the function of it that has.
 */
import { type SandboxFunction, UsageLedger } from '../sandbox/index.ts';
import { CpuAllowances, type TenantAllowance } from './cpu-allowances.ts';

export interface AdmissionLimits {
  /** Invocations of all functions at once. */
  readonly isolates: number;
  readonly queueLength: number;
  readonly queueAgeMs: number;
  /** Memory that may be promised to invocations, all together. */
  readonly memoryBudgetMiB: number;
  /** Isolates that a function has at most when its invocations share them: one per process. */
  readonly sharedIsolates: number;
}

export interface AdmissionSources {
  /** Whether there is a place for a call of the function to run in. */
  hasRoom(fn: SandboxFunction): boolean;
  /** Tenants that have functions here. */
  tenants(): number;
}

/** A call that wants to become an invocation. */
export interface Applicant {
  readonly function: SandboxFunction;
  readonly allowance: TenantAllowance;
}

/** A place among the running invocations; `leave` it once, when the invocation is over. */
export interface Place {
  /** @param cpuTimeMs What the invocation used. */
  leave(cpuTimeMs: number): void;
}

/** There is no place to be had. */
export interface Refusal {
  readonly refused: 'overloaded' | 'throttled';
  readonly retryAfterSeconds: number;
}

interface Waiting {
  readonly applicant: Applicant;
  readonly begin: (place: Place) => void;
  readonly refuse: (refusal: Refusal) => void;
  timer: NodeJS.Timeout | undefined;
}

interface TenantState {
  running: number;
  memoryMiB: number;
  /** In the order of their coming. */
  readonly waiting: Set<Waiting>;
}

/** Part of places, memory and queue that one tenant may hold when there are others. */
const tenantShare = 0.5;
/** Every invocation costs something, however little CPU time it uses itself. */
const costMs = 1;
/** Applicants that are tried in vain before the rest is left for later. */
const maxTries = 64;
const overloaded: Refusal = { refused: 'overloaded', retryAfterSeconds: 1 };

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #sources: AdmissionSources;
  readonly #allowances = new CpuAllowances();
  readonly #ofTenants = new UsageLedger();
  readonly #ofFunctions = new UsageLedger();
  readonly #tenants = new Map<string, TenantState>();
  readonly #running = new Map<string, number>();
  /** Invocations of versions that share isolates. */
  readonly #sharing = new Map<SandboxFunction, number>();
  #total = 0;
  #memoryMiB = 0;
  #queued = 0;
  #isDraining = false;

  constructor(limits: AdmissionLimits, sources: AdmissionSources) {
    this.#limits = limits;
    this.#sources = sources;
  }

  /** Requests that wait. */
  get queued(): number {
    return this.#queued;
  }

  /** Memory that is promised to invocations. */
  get promisedMiB(): number {
    return this.#memoryMiB;
  }

  /** From now on nobody is let in; those that wait are turned away. */
  drain(): void {
    this.#isDraining = true;
    for (const { waiting } of this.#tenants.values()) for (const one of waiting) this.#turnAway(one);
  }

  /**
   * Asks for a place, and waits for it if need be.
   *
   * @param begin Called as soon as there is one. It takes the place for good before it returns: who comes next finds what is left.
   * @param signal Aborted when nobody waits for the answer any more.
   */
  enter<T>(applicant: Applicant, begin: (place: Place) => T, signal?: AbortSignal): T | Refusal | Promise<T | Refusal> {
    if (this.#isDraining) return overloaded;
    const throttled = this.#throttled(applicant);
    if (throttled !== undefined) return throttled;
    const state = this.#state(applicant.function.tenant);
    if (state.waiting.size === 0 && this.#fits(applicant, state)) return begin(this.#admit(applicant, state));
    const { queueLength, queueAgeMs } = this.#limits;
    if (this.#queued >= queueLength || state.waiting.size >= this.#share(queueLength)) return overloaded;
    return new Promise((resolve) => {
      const waiting: Waiting = {
        applicant,
        begin: (place) => resolve(begin(place)),
        refuse: resolve,
        timer: undefined,
      };
      waiting.timer = setTimeout(() => this.#turnAway(waiting), queueAgeMs);
      signal?.addEventListener('abort', () => this.#turnAway(waiting), { once: true });
      state.waiting.add(waiting);
      this.#queued += 1;
      // Those before it may be waiting for something that it does not need.
      this.admitWaiting();
    });
  }

  /** Keeps memory promised after its invocation is over: what that answered waits in it. Answers how to let it go. */
  hold(tenant: string, memoryMiB: number): () => void {
    const state = this.#state(tenant);
    this.#memoryMiB += memoryMiB;
    state.memoryMiB += memoryMiB;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#memoryMiB -= memoryMiB;
      state.memoryMiB -= memoryMiB;
      this.#forgetIdle(tenant, state);
      this.admitWaiting();
    };
  }

  /** Lets in who can be let in: called when anything has become free. */
  admitWaiting(): void {
    // Whoever is let in counts at once: the order is looked at anew.
    while (this.#queued > 0 && this.#admitNext());
  }

  #admitNext(): boolean {
    const now = performance.now();
    let tries = 0;
    for (const state of this.#byUse(now)) {
      for (const waiting of this.#firstOfEach(state, now)) {
        const { applicant } = waiting;
        const throttled = this.#throttled(applicant);
        const isNext = throttled !== undefined || this.#fits(applicant, state);
        if (isNext) {
          this.#takeOut(waiting, state);
          if (throttled === undefined) waiting.begin(this.#admit(applicant, state));
          else waiting.refuse(throttled);
          return true;
        }
        tries += 1;
        if (this.#total >= this.#limits.isolates || tries >= maxTries) return false;
      }
    }
    return false;
  }

  #throttled({ function: { tenant }, allowance }: Applicant): Refusal | undefined {
    const waitMs = this.#allowances.waitFor(tenant, allowance);
    return waitMs > 0 ? { refused: 'throttled', retryAfterSeconds: Math.ceil(waitMs / 1_000) } : undefined;
  }

  /** Tenants of which calls wait, the least used first. */
  #byUse(now: number): TenantState[] {
    return Array.from(this.#tenants, ([tenant, state]) => ({ state, used: this.#ofTenants.used(tenant, now) }))
      .filter(({ state }) => state.waiting.size > 0)
      .sort((a, b) => a.used - b.used)
      .map(({ state }) => state);
  }

  /** The first that waits of each function, the least used function first. */
  #firstOfEach(state: TenantState, now: number): Waiting[] {
    const first = new Map<string, Waiting>();
    for (const waiting of state.waiting) {
      const { key } = waiting.applicant.function;
      if (!first.has(key)) first.set(key, waiting);
    }
    return Array.from(first, ([key, waiting]) => ({ waiting, used: this.#ofFunctions.used(key, now) }))
      .sort((a, b) => a.used - b.used)
      .map(({ waiting }) => waiting);
  }

  #fits({ function: fn, allowance }: Applicant, state: TenantState): boolean {
    const { concurrency } = fn.limits;
    const memoryMiB = this.#neededMiB(fn);
    const { isolates, memoryBudgetMiB } = this.#limits;
    return (
      this.#total < isolates &&
      state.running < Math.min(this.#share(isolates), allowance.concurrency) &&
      (this.#running.get(fn.key) ?? 0) < concurrency &&
      this.#memoryMiB + memoryMiB <= memoryBudgetMiB &&
      // One invocation fits into any share, or the function could never run.
      (state.running === 0 || state.memoryMiB + memoryMiB <= this.#share(memoryBudgetMiB)) &&
      this.#sources.hasRoom(fn)
    );
  }

  /** What one more invocation needs: nothing where it shares an isolate that is there for others already. */
  #neededMiB(fn: SandboxFunction): number {
    const isShared = fn.freshness === 'reuse' && (this.#sharing.get(fn) ?? 0) >= this.#limits.sharedIsolates;
    return isShared ? 0 : fn.limits.memoryMiB;
  }

  #countSharing(fn: SandboxFunction, change: 1 | -1): void {
    if (fn.freshness !== 'reuse') return;
    const count = (this.#sharing.get(fn) ?? 0) + change;
    if (count === 0) this.#sharing.delete(fn);
    else this.#sharing.set(fn, count);
  }

  #share(amount: number): number {
    return this.#sources.tenants() > 1 ? Math.max(1, Math.floor(amount * tenantShare)) : amount;
  }

  #admit({ function: fn, allowance }: Applicant, state: TenantState): Place {
    const { tenant, key } = fn;
    const memoryMiB = this.#neededMiB(fn);
    this.#countSharing(fn, 1);
    this.#total += 1;
    this.#memoryMiB += memoryMiB;
    state.running += 1;
    state.memoryMiB += memoryMiB;
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
    this.#charge(tenant, key, costMs);
    let isThere = true;
    return {
      leave: (cpuTimeMs) => {
        if (!isThere) return;
        isThere = false;
        this.#total -= 1;
        this.#countSharing(fn, -1);
        // What the last of those gives back who share an isolate, the first has been promised.
        const leftMiB = this.#neededMiB(fn);
        this.#memoryMiB -= leftMiB;
        state.running -= 1;
        state.memoryMiB -= leftMiB;
        const left = this.#running.get(key)! - 1;
        if (left === 0) this.#running.delete(key);
        else this.#running.set(key, left);
        this.#charge(tenant, key, cpuTimeMs);
        this.#allowances.charge(tenant, allowance, cpuTimeMs);
        this.#forgetIdle(tenant, state);
        this.admitWaiting();
      },
    };
  }

  #charge(tenant: string, key: string, cpuTimeMs: number): void {
    const now = performance.now();
    this.#ofTenants.charge(tenant, cpuTimeMs, now);
    this.#ofFunctions.charge(key, cpuTimeMs, now);
  }

  #turnAway(waiting: Waiting): void {
    const { tenant } = waiting.applicant.function;
    const state = this.#tenants.get(tenant);
    if (state === undefined || !state.waiting.has(waiting)) return;
    this.#takeOut(waiting, state);
    this.#forgetIdle(tenant, state);
    waiting.refuse(overloaded);
  }

  #takeOut(waiting: Waiting, state: TenantState): void {
    state.waiting.delete(waiting);
    this.#queued -= 1;
    clearTimeout(waiting.timer);
  }

  #state(tenant: string): TenantState {
    let state = this.#tenants.get(tenant);
    if (state === undefined) {
      state = { running: 0, memoryMiB: 0, waiting: new Set() };
      this.#tenants.set(tenant, state);
    }
    return state;
  }

  #forgetIdle(tenant: string, { running, memoryMiB, waiting }: TenantState): void {
    if (running === 0 && memoryMiB === 0 && waiting.size === 0) this.#tenants.delete(tenant);
  }
}
