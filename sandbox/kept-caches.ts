import type { CodeCacheMaker } from './code-cache.ts';
import { KeptFiles } from './kept-files.ts';

/** Version of the files' format. */
const format = 1;

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
  const keep = async (input: object, make: () => Promise<Buffer | undefined>): Promise<Buffer | undefined> => {
    engineId ??= JSON.stringify([format, process.version, process.versions.v8, process.arch, engine()]);
    const name = files.nameOf(engineId, JSON.stringify(input));
    const kept = await files.read(name);
    if (kept !== undefined) return kept;
    const made = await make();
    if (made !== undefined) await files.write(name, made);
    return made;
  };
  return {
    make: (input) => keep(input, () => maker.make(input)),
    makeOfBundle: (input, signal) => keep(input, () => maker.makeOfBundle(input, signal)),
  };
}
