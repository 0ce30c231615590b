import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BundleCacheInput } from './bundle-cache.ts';
import { PackedData } from './packed-data.ts';
import type { WarmUpInput } from './warm-cache.ts';

/** Both answer `undefined` where no cache can be made that isolates accept. */
export interface CodeCacheMaker {
  /** Of the guest runtime. */
  make(input: WarmUpInput): Promise<Buffer | undefined>;
  /** Of a function's bundle, always in a process of its own. */
  makeOfBundle(input: BundleCacheInput, signal: AbortSignal): Promise<PackedData | undefined>;
}

/** What the child reads from stdin. */
export type CodeCacheRequest =
  | { readonly kind: 'runtime'; readonly input: WarmUpInput }
  | { readonly kind: 'bundle'; readonly input: BundleCacheInput };

/** Of the child's heap, which holds one source and what is compiled of it. */
const maxOldSpaceMiB = 512;
/** A child that takes longer than this is given up. */
const childTimeoutMs = 10_000;
const childFile = fileURLToPath(
  new URL(`./code-cache-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/**
 * Makes code caches in processes of their own. V8 notes in a cache which flags its maker had, and whether it was started from Node's
 * snapshot, and isolates accept only one that was made as they are.
 *
 * @param execArgv Flags of the processes in which the caches will be used.
 */
export function createCodeCacheMaker(execArgv: readonly string[]): CodeCacheMaker {
  const make = async (request: CodeCacheRequest, signal?: AbortSignal): Promise<Buffer | undefined> => {
    try {
      const child = spawn(process.execPath, [...execArgv, `--max-old-space-size=${maxOldSpaceMiB}`, childFile], {
        env: {},
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: childTimeoutMs,
        killSignal: 'SIGKILL',
        ...(signal && { signal }),
        windowsHide: true,
      });
      const exited = new Promise<number | null>((resolve) => {
        child.once('error', () => resolve(null));
        child.once('close', (code) => resolve(code));
      });
      // The child may be gone before it has read everything: its exit code tells.
      child.stdin.on('error', () => {});
      child.stdin.end(JSON.stringify(request));
      const [data, code] = await Promise.all([buffer(child.stdout), exited]);
      return code === 0 && data.length > 0 ? data : undefined;
    } catch {
      // No child processes here (the permission model, for example): isolates start without a cache.
      return undefined;
    }
  };
  return {
    make: (input) => make({ kind: 'runtime', input }),
    async makeOfBundle(input, signal) {
      const data = await make({ kind: 'bundle', input }, signal);
      return data && PackedData.of(data);
    },
  };
}
