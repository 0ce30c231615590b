import type { CodeCacheMaker } from './code-cache.ts';
import { KeptFiles } from './kept-files.ts';
import { PackedData } from './packed-data.ts';

/** Version of the files' format. */
const format = 2;

/**
 * Keeps code caches in a folder, for the next start. A cache is found by a hash of all that went into it: the source itself, the version
 * of V8, the processor and the flags. One that is damaged is made anew.
 *
 * @param folder Absolute path of a folder that `openCacheFolder` has opened.
 * @param engine What tells apart processes whose V8 does not take each other's caches.
 */
export function keepCodeCaches(maker: CodeCacheMaker, folder: string, engine: () => string): CodeCacheMaker {
  const files = new KeptFiles(folder, '.codecache');
  let engineId: string | undefined;
  const keep = async <T>(
    input: object,
    make: () => Promise<T | undefined>,
    { from, to }: { from: (data: Buffer) => T; to: (made: T) => Buffer },
  ): Promise<T | undefined> => {
    engineId ??= JSON.stringify([format, process.version, process.versions.v8, process.arch, engine()]);
    const name = files.nameOf(engineId, JSON.stringify(input));
    const kept = await files.read(name);
    if (kept !== undefined) return from(kept);
    const made = await make();
    if (made !== undefined) await files.write(name, to(made));
    return made;
  };
  return {
    make: (input) => keep(input, () => maker.make(input), asItIs),
    makeOfBundle: (input, signal) => keep(input, () => maker.makeOfBundle(input, signal), packed),
  };
}

const asItIs = { from: (data: Buffer) => data, to: (data: Buffer) => data };
const packed = { from: (data: Buffer) => new PackedData(data), to: (made: PackedData) => made.packed };
