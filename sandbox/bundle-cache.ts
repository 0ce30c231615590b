import { Script } from 'node:vm';
import type { Bundle } from './bundle.ts';
import type { CodeCacheMaker } from './code-cache.ts';
import { withoutFlag } from './engine-flags.ts';
import type { PackedData } from './packed-data.ts';
import type { SandboxFunction } from './sandbox.ts';

/** What it takes to make the code cache of a bundle. */
export type BundleCacheInput = Pick<Bundle, 'source' | 'fileName'>;

/** Smaller bundles compile as fast as a cache of them is read. */
const minSourceLength = 4 * 1024;
/** Past this, the code of all functions of a bundle takes longer to read than to compile those that run. */
const maxEagerBytes = 640 * 1024;
/** Sources of this length, however sparse, have more code than that. */
const maxEagerLength = 2 * 1024 * 1024;

/**
 * The V8 code cache of a bundle, which is compiled for it, and not run. Its functions are in the cache, too, so that a call in a fresh
 * isolate compiles nothing. To be made in a process of its own: what a stranger's source does to the compiler is done there.
 */
export function makeBundleCache({ source, fileName }: BundleCacheInput): Buffer {
  const compile = (): Script => new Script(source, { filename: fileName });
  const ofAll = source.length > maxEagerLength ? undefined : withoutFlag('lazy', compile).createCachedData();
  // V8 would find the script that it has just compiled.
  return ofAll !== undefined && ofAll.length <= maxEagerBytes
    ? ofAll
    : withoutFlag('compilation-cache', compile).createCachedData();
}

/** Makes the code caches of functions' bundles, one at a time, beside everything else. */
export class BundleCaches {
  readonly #maker: CodeCacheMaker;
  readonly #caches = new WeakMap<SandboxFunction, PackedData>();
  readonly #asked = new WeakSet<SandboxFunction>();
  readonly #closing = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(maker: CodeCacheMaker) {
    this.#maker = maker;
  }

  /** `undefined` when there is none, or not yet: the bundle is compiled then. */
  get(fn: SandboxFunction): Buffer | undefined {
    return this.#caches.get(fn)?.data;
  }

  /** Resolves, to whether there is a cache now that was not there before, when that is known. Never rejects. */
  make(fn: SandboxFunction): Promise<boolean> {
    if (this.#asked.has(fn) || fn.bundle.source.length < minSourceLength) return Promise.resolve(false);
    this.#asked.add(fn);
    const made = this.#last.then(async () => {
      const { signal } = this.#closing;
      // Not before its turn: others may have many before them.
      const { source, fileName } = fn.bundle;
      const cache = signal.aborted ? undefined : await this.#maker.makeOfBundle({ source, fileName }, signal);
      if (cache !== undefined) this.#caches.set(fn, cache);
      return cache !== undefined;
    });
    this.#last = made;
    return made;
  }

  /** Gives up what is being made, and resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }
}
