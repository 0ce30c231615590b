import type { BundleOutput } from '../bundler/index.ts';
import type { SandboxFunction } from '../sandbox/index.ts';

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
  readonly bundle: BundleOutput;
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

  /** The entry for a name; made if there is none. */
  entry(tenant: string, name: string): DeployedFunction {
    const key = `${tenant}/${name}`;
    let entry = this.#functions.get(key);
    if (entry === undefined) {
      entry = { tenant, name, key, version: undefined, error: undefined };
      this.#functions.set(key, entry);
      this.#tenants.set(tenant, (this.#tenants.get(tenant) ?? 0) + 1);
    }
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
