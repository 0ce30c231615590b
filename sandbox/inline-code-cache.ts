import { type CodeCacheMaker, createCodeCacheMaker } from './code-cache.ts';
import { requiredFlag, setEngineFlags } from './engine-flags.ts';
import { sampleCodeCache } from './isolate.ts';
import { keepCodeCaches } from './kept-caches.ts';
import { makeWarmCache } from './warm-cache.ts';

/**
 * Makes code caches for isolates of this process: in it, where isolates accept what it makes. They do when the process runs without
 * Node's start-up snapshot (`--no-node-snapshot`). In other processes, an embedding application's for example, a child makes the caches.
 */
export function createInlineCodeCacheMaker(cacheFolder?: string): CodeCacheMaker {
  const maker = createMaker();
  return cacheFolder === undefined ? maker : keepCodeCaches(maker, cacheFolder, () => engineOf(sampleCodeCache()));
}

function createMaker(): CodeCacheMaker {
  setEngineFlags();
  const elsewhere = createCodeCacheMaker(['--no-node-snapshot', requiredFlag]);
  let isAcceptedHere: boolean | undefined;
  return {
    async make(input) {
      if (isAcceptedHere === false) return elsewhere.make(input);
      const cache = makeWarmCache(input);
      isAcceptedHere ??= isMadeForIsolates(cache);
      return isAcceptedHere ? cache : elsewhere.make(input);
    },
    makeOfBundle: (input, signal) => elsewhere.makeOfBundle(input, signal),
  };
}

/** Where V8 writes into the header of a cache, in 32-bit words, what it must be the same in: hashes of its version, flags and snapshot. */
const headerOffsets = { version: 4, flags: 12, snapshot: 16 } as const;

/** What isolates of this process look at in a cache before they take it. */
function engineOf(cache: Buffer): string {
  return Object.values(headerOffsets)
    .map((offset) => cache.readUInt32LE(offset))
    .join();
}

/** Whether a cache that this process made is one that its isolates accept. */
export function isMadeForIsolates(cache: Buffer): boolean {
  const { snapshot } = headerOffsets;
  return cache.readUInt32LE(snapshot) === sampleCodeCache().readUInt32LE(snapshot);
}
