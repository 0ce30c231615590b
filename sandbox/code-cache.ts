import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { WarmUpInput } from './warm-cache.ts';

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
 * Makes code caches in processes of their own. V8 notes in a cache which flags its maker had, and whether it was started from Node's
 * snapshot, and isolates accept only one that was made as they are.
 *
 * @param execArgv Flags of the processes in which the caches will be used.
 */
export function createCodeCacheMaker(execArgv: readonly string[]): CodeCacheMaker {
  return {
    async make(input) {
      try {
        const child = spawn(process.execPath, [...execArgv, childFile], {
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
        return code === 0 && data.length > 0 ? data : undefined;
      } catch {
        // No child processes here (the permission model, for example): isolates start without a cache.
        return undefined;
      }
    },
  };
}
