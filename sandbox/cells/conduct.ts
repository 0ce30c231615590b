/**
 * What functions and tenants have done to cells. A version of a function is on probation until some invocations of it have ended well; each
 * cell that it takes down is a strike. After some strikes it is suspended, for longer each time. A tenant that loses cells is put into
 * quarantine, until it has behaved for a while.
 */
import type { SandboxFunction } from '../sandbox.ts';

export interface ConductOptions {
  /** Invocations that must end well before a version shares a cell. */
  readonly probation: number;
  /** Strikes count for this time. */
  readonly windowMs: number;
  /** Strikes within the window after which a version is suspended. */
  readonly maxStrikes: number;
  /** The first suspension; each further one takes twice as long as the last. */
  readonly suspensionMs: number;
  readonly maxSuspensionMs: number;
  /** Cells lost within the window after which a tenant is put into quarantine. */
  readonly maxLosses: number;
  /** Time without a loss after which it is let out. */
  readonly quarantineMs: number;
}

export const defaultConduct: ConductOptions = {
  probation: 10,
  windowMs: 60_000,
  maxStrikes: 3,
  suspensionMs: 1_000,
  maxSuspensionMs: 300_000,
  maxLosses: 2,
  quarantineMs: 60_000,
};

/** `clean` shares cells, `new` has yet to show itself, `struck` has taken down a cell lately. */
export type Standing = 'clean' | 'new' | 'struck';

interface VersionRecord {
  readonly key: string;
  /** Invocations that ended well since the last that did not. */
  clean: number;
  strikes: number[];
  suspensions: number;
  suspendedUntil: number;
}

interface TenantRecord {
  losses: number[];
  isQuarantined: boolean;
}

/** Versions whose records are kept; the oldest go first. */
const maxRecords = 20_000;

export class Conduct {
  readonly #options: ConductOptions;
  /** By version, in the order of their first invocation. */
  readonly #versions = new Map<string, VersionRecord>();
  readonly #tenants = new Map<string, TenantRecord>();

  constructor(options: ConductOptions = defaultConduct) {
    this.#options = options;
  }

  standing(fn: SandboxFunction, now: number): Standing {
    const record = this.#versions.get(versionOf(fn));
    if (record === undefined) return 'new';
    if (this.#recent(record.strikes, now).length > 0) return 'struck';
    return record.clean >= this.#options.probation ? 'clean' : 'new';
  }

  /** Milliseconds until the version may be called again; 0 when it may be. */
  suspendedFor(fn: SandboxFunction, now: number): number {
    const record = this.#versions.get(versionOf(fn));
    return record === undefined ? 0 : Math.max(0, record.suspendedUntil - now);
  }

  /** @param isClean Whether the invocation ended within its limits. Failures of its own making are clean. */
  invocationEnded(fn: SandboxFunction, isClean: boolean): void {
    const record = this.#version(fn);
    if (!isClean) {
      record.clean = 0;
      return;
    }
    record.clean += 1;
    if (record.clean >= this.#options.probation) record.suspensions = 0;
  }

  /**
   * A version took down a cell.
   *
   * @returns For how long it is suspended by that, and how many strikes it has; `undefined` when it is not.
   */
  strike(fn: SandboxFunction, now: number): { readonly forMs: number; readonly strikes: number } | undefined {
    const { maxStrikes, suspensionMs, maxSuspensionMs } = this.#options;
    const record = this.#version(fn);
    record.clean = 0;
    record.strikes = [...this.#recent(record.strikes, now), now];
    const strikes = record.strikes.length;
    // One that was suspended before is on trial: its next strike is enough.
    if (record.suspendedUntil > now || (strikes < maxStrikes && record.suspensions === 0)) return undefined;
    const forMs = Math.min(maxSuspensionMs, suspensionMs * 2 ** record.suspensions);
    record.suspensions += 1;
    record.suspendedUntil = now + forMs;
    return { forMs, strikes };
  }

  /** A tenant's function took down a cell. Answers whether that puts the tenant into quarantine. */
  loss(tenant: string, now: number): boolean {
    const record = this.#tenants.get(tenant) ?? { losses: [], isQuarantined: false };
    this.#tenants.set(tenant, record);
    record.losses = [...this.#recent(record.losses, now), now].slice(-this.#options.maxLosses);
    if (record.isQuarantined || record.losses.length < this.#options.maxLosses) return false;
    record.isQuarantined = true;
    return true;
  }

  isQuarantined(tenant: string): boolean {
    return this.#tenants.get(tenant)?.isQuarantined === true;
  }

  /** Lets tenants out of quarantine that have behaved. Answers which. */
  release(now: number): string[] {
    const released: string[] = [];
    for (const [tenant, { losses, isQuarantined }] of this.#tenants) {
      if (now - (losses.at(-1) ?? 0) < this.#options.quarantineMs) continue;
      this.#tenants.delete(tenant);
      if (isQuarantined) released.push(tenant);
    }
    return released;
  }

  /** Versions that are suspended right now. */
  suspended(now: number): number {
    let count = 0;
    for (const { suspendedUntil } of this.#versions.values()) if (suspendedUntil > now) count += 1;
    return count;
  }

  /** Tenants in quarantine. */
  get quarantined(): number {
    let count = 0;
    for (const { isQuarantined } of this.#tenants.values()) if (isQuarantined) count += 1;
    return count;
  }

  #version(fn: SandboxFunction): VersionRecord {
    const id = versionOf(fn);
    let record = this.#versions.get(id);
    if (record === undefined) {
      record = { key: fn.key, clean: 0, strikes: [], suspensions: 0, suspendedUntil: 0 };
      this.#versions.set(id, record);
      if (this.#versions.size > maxRecords) this.#versions.delete(this.#versions.keys().next().value!);
    }
    return record;
  }

  #recent(times: readonly number[], now: number): number[] {
    return times.filter((time) => now - time < this.#options.windowMs);
  }
}

/** The same code under the same name, however often it is deployed. */
export function versionOf({ key, bundle }: SandboxFunction): string {
  return `${key}@${bundle.hash}`;
}
