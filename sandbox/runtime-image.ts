/** The script that starts an isolate: the guest runtime's core with the parts that a function uses, and its V8 code cache. */
import { inflateRawSync } from 'node:zlib';
import { BundleCaches } from './bundle-cache.ts';
import type { CodeCacheMaker } from './code-cache.ts';
import { builtins, calledGlobals, dialectGlobals, globals, requiredParts, triggers } from './guest/manifest.ts';
import type { SandboxFunction } from './sandbox.ts';

/** Source text of the guest runtime: bodies of functions that take `module`, `exports` and `require`. */
export interface RuntimeSources {
  readonly core: string;
  /** Deflated, in base64. */
  readonly parts: Readonly<Record<string, string>>;
  readonly requires: Readonly<Record<string, readonly string[]>>;
  readonly warmUp: string;
}

export interface RuntimeImage {
  readonly source: string;
  /** Absent where none could be made: isolates then start some milliseconds slower. */
  readonly cache: Buffer | undefined;
  readonly parts: readonly string[];
}

/** Where invocations get the images of their functions. */
export interface RuntimeImageSource {
  for(fn: SandboxFunction): Promise<RuntimeImage>;
  /** The code cache of the function's bundle, once there is one. */
  bundleCache(fn: SandboxFunction): Buffer | undefined;
  /** The source of a part that an isolate needs although its image does not have it. */
  part(name: string): string | undefined;
}

/** Composes images of the runtime's sources. */
export class RuntimeImages implements RuntimeImageSource {
  readonly #sources: RuntimeSources;
  readonly #caches: CodeCacheMaker;
  readonly #bundles: BundleCaches;
  /** Of the parts that were needed. */
  readonly #texts = new Map<string, string>();
  /** By the names of their parts: few, since functions of a kind use the same. */
  readonly #images = new Map<string, Promise<RuntimeImage>>();
  readonly #ofFunction = new WeakMap<SandboxFunction, Promise<RuntimeImage>>();

  constructor(sources: RuntimeSources, caches: CodeCacheMaker) {
    this.#sources = sources;
    this.#caches = caches;
    this.#bundles = new BundleCaches(caches);
  }

  /** The image with the parts that a function's dialect needs and those that its bundle is expected to use. */
  for(fn: SandboxFunction): Promise<RuntimeImage> {
    let image = this.#ofFunction.get(fn);
    if (image === undefined) {
      const dialect = `dialect-${fn.dialect.name}`;
      const parts = this.#expectedParts(dialect, fn.bundle.source, fn.bundle.imports, Object.keys(fn.kv).length > 0);
      const key = parts.join();
      image = this.#images.get(key) ?? this.#create(dialect, parts);
      this.#images.set(key, image);
      this.#ofFunction.set(fn, image);
    }
    return image;
  }

  bundleCache(fn: SandboxFunction): Buffer | undefined {
    return this.#bundles.get(fn);
  }

  /** Resolves to whether there is a cache of the bundle now that was not there before. Calls need not wait for it. */
  compileAhead(fn: SandboxFunction): Promise<boolean> {
    return this.#bundles.make(fn);
  }

  /** Resolves when no process is at work for these images any more. */
  close(): Promise<void> {
    return this.#bundles.close();
  }

  part(name: string): string | undefined {
    if (!Object.hasOwn(this.#sources.parts, name)) return undefined;
    const text = this.#texts.get(name) ?? unpackPart(Buffer.from(this.#sources.parts[name]!, 'base64'));
    this.#texts.set(name, text);
    return text;
  }

  #expectedParts(dialect: string, bundleSource: string, imports: readonly string[], hasStorage: boolean): string[] {
    const parts = new Set<string>();
    const add = (name: string): void => {
      if (parts.has(name) || !Object.hasOwn(this.#sources.parts, name)) return;
      parts.add(name);
      for (const required of [...(this.#sources.requires[name] ?? []), ...(requiredParts[name] ?? [])]) add(required);
    };
    add(dialect);
    if (hasStorage) add('storage');
    for (const name of imports) add(builtins[name as keyof typeof builtins]);
    for (const word of wordsOf(dialect, bundleSource)) add(partsByWord(dialect).get(word)!);
    return [...parts].sort();
  }

  async #create(dialect: string, parts: readonly string[]): Promise<RuntimeImage> {
    const table = parts.map(
      (name) => `${JSON.stringify(name)}:function(module,exports,require){${this.part(name)!}\n}`,
    );
    const source =
      `(function(){"use strict";const module={exports:{}};` +
      `(function(module,exports){${this.#sources.core}\n})(module,module.exports);` +
      `return module.exports.create({__proto__:null,${table.join(',\n')}})})()`;
    const namesOf = (names: Readonly<Record<string, string>>): string[] =>
      Object.keys(names).filter((name) => parts.includes(names[name]!));
    const cache = await this.#caches.make({
      source,
      warmUp: this.#sources.warmUp,
      dialect,
      parts,
      globals: namesOf({ ...globals, ...dialectGlobals[dialect] }),
      builtins: namesOf(builtins),
    });
    return { source, cache, parts };
  }
}

/** The source text of a part. @param data Deflated. */
export function unpackPart(data: Uint8Array): string {
  return inflateRawSync(data).toString();
}

/** Names that may occur in the bundles of a dialect, and the part behind each. */
function partsByWord(dialect: string): Map<string, string> {
  return new Map([
    ...Object.entries(globals),
    ...Object.entries(triggers[dialect] ?? {}),
    ...Object.entries(dialectGlobals[dialect] ?? {}),
  ]);
}

/** Those of the names that occur as words: in strings and comments too, which costs little and breaks nothing. */
function wordsOf(dialect: string, source: string): Set<string> {
  const names = [...partsByWord(dialect).keys()].filter((name) => !Object.hasOwn(calledGlobals, name)).join('|');
  const words = new Set(Object.keys(calledGlobals).filter((name) => calledGlobals[name]!.test(source)));
  for (const [word] of source.matchAll(new RegExp(`(?<![\\w$])(?:${names})(?![\\w$])`, 'g'))) words.add(word);
  return words;
}
