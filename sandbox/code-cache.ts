import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { requiredFlag, setEngineFlags } from './engine-flags.ts';
import { sampleCodeCache } from './isolate.ts';
import { makeWarmCache, type WarmUpInput } from './warm-cache.ts';

export interface CodeCacheMaker {
  /** `undefined` where no cache can be made that isolates accept. */
  make(input: WarmUpInput): Promise<Buffer | undefined>;
}

/** A child that takes longer than this is given up. */
const childTimeoutMs = 10_000;
const childFile = fileURLToPath(
  new URL(`./code-cache-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * Makes code caches in this process where isolates accept them. They do when the process runs without Node's start-up snapshot
 * (`--no-node-snapshot`): V8 notes in a cache which snapshot its maker was started from, and isolates are started without one. In
 * other processes, an embedding application's for example, a child makes the caches.
 */
export function createCodeCacheMaker(): CodeCacheMaker {
  setEngineFlags();
  let isAcceptedHere: boolean | undefined;
  return {
    async make(input) {
      if (isAcceptedHere === false) return makeInChild(input);
      const cache = makeWarmCache(input);
      isAcceptedHere ??= isMadeForIsolates(cache);
      return isAcceptedHere ? cache : makeInChild(input);
    },
  };
}

/** Where V8 writes the checksum of the snapshot into a cache: the fifth 32-bit word of its header. */
const snapshotChecksum = { start: 16, end: 20 } as const;

function isMadeForIsolates(cache: Buffer): boolean {
  const { start, end } = snapshotChecksum;
  return cache.subarray(start, end).equals(sampleCodeCache().subarray(start, end));
}

async function makeInChild(input: WarmUpInput): Promise<Buffer | undefined> {
  try {
    const child = spawn(process.execPath, ['--no-node-snapshot', requiredFlag, childFile], {
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: childTimeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const exited = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', (code) => resolve(code));
    });
    // The child may be gone before it has read everything: its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(input));
    const [data, code] = await Promise.all([buffer(child.stdout), exited]);
    return code === 0 && isMadeForIsolates(data) ? data : undefined;
  } catch {
    // No child processes here (the permission model, for example): isolates start without a cache.
    return undefined;
  }
}
