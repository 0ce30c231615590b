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
    }
    return entry;
  }

  remove(tenant: string, name: string): boolean {
    return this.#functions.delete(`${tenant}/${name}`);
  }

  all(): DeployedFunction[] {
    return [...this.#functions.values()];
  }
}
