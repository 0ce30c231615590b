import type { Limits } from './limits.ts';
import { encodeFrame } from './wire.ts';

/** Waiting for others to let go of the permit is nobody's own time, but nobody has to wait for ever. */
export const maxFreeWaitMs = 10_000;
/** Nor is it, to wait for a slow client to send its body. */
const maxClientWaitMs = 60_000;

export type CpuLimit = 'startUpCpuMs' | 'cpuTimeMs' | 'backgroundCpuMs';
export type WallLimit = 'wallTimeMs' | 'backgroundTimeMs' | 'socketTimeMs';

/** What an invocation has used up of the limit that counts now, in milliseconds. */
export interface Use<L extends CpuLimit | WallLimit> {
  readonly limit: L;
  readonly used: number;
  readonly isOver: boolean;
  /** It is time to say that the end is near. */
  readonly isNear: boolean;
}

/** Where the figures come from. All but the last answer milliseconds, up to this moment. */
export interface Uses {
  readonly cpuTimeMs: () => number;
  /** Waiting for the permit. */
  readonly waitedMs: () => number;
  /** Waiting for the client to send its body. */
  readonly clientWaitMs: () => number;
  /** Requests that were sent. */
  readonly subrequests: () => number;
}

/**
 * The CPU and wall time of one invocation, and which of its limits counts: start-up has one of its own, so has what goes on after the answer,
 * and the time for which a WebSocket is open.
 */
export class Allowance {
  readonly #limits: Limits;
  readonly #uses: Uses;
  #startedAt: number | undefined;
  #isStartingUp = false;
  #startUpCpuMs = 0;
  /** What had been used when the answer had been given and work went on. */
  #background: { readonly cpuTimeMs: number; readonly wallTimeMs: number } | undefined;
  /** The wall time at which a client's WebSocket was taken. */
  #socketSinceMs: number | undefined;

  constructor(limits: Limits, uses: Uses) {
    this.#limits = limits;
    this.#uses = uses;
  }

  /** Its time runs, since it began to wait for the permit. */
  get hasBegun(): boolean {
    return this.#startedAt !== undefined;
  }

  get isStartingUp(): boolean {
    return this.#isStartingUp;
  }

  /** CPU milliseconds that evaluating the bundle has taken. */
  get startUpCpuMs(): number {
    return this.#isStartingUp ? this.#uses.cpuTimeMs() : this.#startUpCpuMs;
  }

  begin(now: number): void {
    this.#startedAt = now - this.#uses.waitedMs();
  }

  /** The bundle is being evaluated, at this one's expense. */
  beginStartUp(): void {
    this.#isStartingUp = true;
  }

  endStartUp(): void {
    this.#isStartingUp = false;
    this.#startUpCpuMs = this.#uses.cpuTimeMs();
  }

  /** The bundle was evaluated ahead. */
  addStartUp(cpuTimeMs: number): void {
    this.#startUpCpuMs = cpuTimeMs;
  }

  /** The answer was given, and work goes on: it has limits of its own. */
  beginBackground(now: number): void {
    this.#background ??= { cpuTimeMs: this.#cpuTimeMs, wallTimeMs: this.wallTimeMs(now) };
  }

  /** The WebSocket of a client was taken. */
  beginSocket(now: number): void {
    this.#socketSinceMs = this.wallTimeMs(now);
  }

  wallTimeMs(now: number): number {
    if (this.#startedAt === undefined) return 0;
    const free = Math.min(this.#uses.waitedMs(), maxFreeWaitMs);
    return now - this.#startedAt - free - Math.min(this.#uses.clientWaitMs(), maxClientWaitMs);
  }

  wall(now: number): Use<WallLimit> {
    const wallTimeMs = this.wallTimeMs(now);
    if (this.#background !== undefined) return this.#use('backgroundTimeMs', wallTimeMs - this.#background.wallTimeMs);
    if (this.#socketSinceMs !== undefined) return this.#use('socketTimeMs', wallTimeMs - this.#socketSinceMs);
    return this.#use('wallTimeMs', wallTimeMs);
  }

  cpu(): Use<CpuLimit> {
    if (this.#isStartingUp) return { ...this.#use('startUpCpuMs', this.#uses.cpuTimeMs()), isNear: false };
    const used = this.#cpuTimeMs;
    return this.#background === undefined
      ? this.#use('cpuTimeMs', used)
      : this.#use('backgroundCpuMs', used - this.#background.cpuTimeMs);
  }

  /** What is left, as functions are told: a frame of CPU time, wall time and subrequests. */
  left(now: number): string {
    const [cpu, wall] = [this.cpu(), this.wall(now)];
    const amounts = [
      this.#limits[cpu.limit] - cpu.used,
      this.#limits[wall.limit] - wall.used,
      this.#limits.subrequests - this.#uses.subrequests(),
    ];
    // Whole milliseconds: it must not be a better clock than the guest has.
    return encodeFrame(amounts.map((amount) => String(Math.max(0, Math.floor(amount)))));
  }

  /** Without start-up. */
  get #cpuTimeMs(): number {
    return this.#uses.cpuTimeMs() - this.#startUpCpuMs;
  }

  #use<L extends CpuLimit | WallLimit>(limit: L, used: number): Use<L> {
    const allowed = this.#limits[limit];
    const isNear = used > allowed - Math.min(this.#limits.graceMs, allowed / 2);
    return { limit, used, isOver: used > allowed, isNear };
  }
}
