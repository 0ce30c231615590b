import type { PackedBundle } from '../bundler/index.ts';
import type { SandboxFunction } from '../sandbox/index.ts';
import { defaultTenant } from './config.ts';
import { HostError } from './errors.ts';

/** What is served under one name. */
export interface DeployedFunction {
  readonly tenant: string;
  readonly name: string;
  /** `tenant/name`. */
  readonly key: string;
  /** The version that calls get; absent when no version could be bundled so far. */
  version: FunctionVersion | undefined;
  /** Why the latest deployment was refused; the version before it, if any, goes on. */
  error: Error | undefined;
}

export interface FunctionVersion {
  readonly bundle: PackedBundle;
  readonly sandboxFunction: SandboxFunction;
  readonly deployedAt: Date;
}

/** The functions of a host, by tenant and name. */
export class Registry {
  readonly #functions = new Map<string, DeployedFunction>();
  /** Functions of each tenant. */
  readonly #tenants = new Map<string, number>();

  get(tenant: string, name: string): DeployedFunction | undefined {
    return this.#functions.get(`${tenant}/${name}`);
  }

  /** @param target `function` or `tenant/function`. */
  find(target: string): DeployedFunction | undefined {
    const slash = target.indexOf('/');
    return slash === -1 ? this.get(defaultTenant, target) : this.get(target.slice(0, slash), target.slice(slash + 1));
  }

  /** What is served at an absolute URL: `/<function>/...`, or else `/<tenant>/<function>/...`. No name can be both. */
  route(url: string): DeployedFunction | undefined {
    const [, first = '', second = ''] = /^[a-z]+:\/\/[^/]*\/([^/?#]*)(?:\/([^/?#]*))?/i.exec(url) ?? [];
    const name = decodeSegment(first);
    return this.get(defaultTenant, name) ?? this.get(name, decodeSegment(second));
  }

  /**
   * The entry for a name; made if there is none.
   *
   * @throws HostError ISOHOST_INVALID_NAME when its path would mean something else already.
   */
  claim(tenant: string, name: string): DeployedFunction {
    const known = this.get(tenant, name);
    if (known !== undefined) return known;
    const isTaken =
      tenant === defaultTenant ? this.#tenants.has(name) : this.#functions.has(`${defaultTenant}/${tenant}`);
    if (isTaken) {
      const both = tenant === defaultTenant ? name : tenant;
      throw new HostError(
        'ISOHOST_INVALID_NAME',
        `"${both}" would be both a tenant and a function without a tenant, and /${both}/... could mean either; rename one of them`,
      );
    }
    const key = `${tenant}/${name}`;
    const entry: DeployedFunction = { tenant, name, key, version: undefined, error: undefined };
    this.#functions.set(key, entry);
    this.#tenants.set(tenant, (this.#tenants.get(tenant) ?? 0) + 1);
    return entry;
  }

  /** How many tenants have functions. */
  get tenants(): number {
    return this.#tenants.size;
  }

  remove(tenant: string, name: string): boolean {
    if (!this.#functions.delete(`${tenant}/${name}`)) return false;
    const left = this.#tenants.get(tenant)! - 1;
    if (left === 0) this.#tenants.delete(tenant);
    else this.#tenants.set(tenant, left);
    return true;
  }

  all(): DeployedFunction[] {
    return [...this.#functions.values()];
  }
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // No name has such characters.
    return segment;
  }
}
