import { join } from 'node:path';
import type { Host } from '../host.ts';
import type { KubelessSettings } from './environment.ts';

export interface FunctionLoaderOptions {
  readonly host: Host;
  /** The name that the function is deployed under. */
  readonly name: string;
  readonly settings: KubelessSettings;
  readonly onError: (message: string) => void;
}

/** Loads the function: again and again until it succeeds, as the original does. */
export class FunctionLoader {
  readonly #options: FunctionLoaderOptions;
  #isLoaded = false;
  #loading: Promise<void> | undefined;

  constructor(options: FunctionLoaderOptions) {
    this.#options = options;
  }

  /** Resolves when it is loaded, or could not be. */
  ensure(): Promise<void> | undefined {
    if (this.#isLoaded) return undefined;
    return (this.#loading ??= this.#load());
  }

  /** Its module level threw: what it consists of may be another the next time. */
  forget(): void {
    this.#isLoaded = false;
  }

  async #load(): Promise<void> {
    const { host, name, settings, onError } = this.#options;
    const { moduleName, handler, root, nodeModules, timeoutSeconds: timeout, runtime, memoryLimit } = settings;
    try {
      await host.deploy({
        name,
        entry: join(root, `${moduleName}.js`),
        base: root,
        nodeModules,
        config: { dialect: 'kubeless', handler, kubelessContext: { timeout, runtime, memoryLimit } },
      });
      this.#isLoaded = true;
    } catch (error) {
      onError(`Function failed to load: ${(error as Error).message}`);
    } finally {
      this.#loading = undefined;
    }
  }
}
