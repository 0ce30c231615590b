import { type CodeCacheMaker, createCodeCacheMaker } from './code-cache.ts';
import { requiredFlag, setEngineFlags } from './engine-flags.ts';
import { sampleCodeCache } from './isolate.ts';
import { makeWarmCache } from './warm-cache.ts';

/**
 * Makes code caches for isolates of this process: in it, where isolates accept what it makes. They do when the process runs without
 * Node's start-up snapshot (`--no-node-snapshot`). In other processes, an embedding application's for example, a child makes the caches.
 */
export function createInlineCodeCacheMaker(): CodeCacheMaker {
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

/** Where V8 writes the checksum of the snapshot into a cache: the fifth 32-bit word of its header. */
const snapshotChecksum = { start: 16, end: 20 } as const;

/** Whether a cache that this process made is one that its isolates accept. */
export function isMadeForIsolates(cache: Buffer): boolean {
  const { start, end } = snapshotChecksum;
  return cache.subarray(start, end).equals(sampleCodeCache().subarray(start, end));
}
