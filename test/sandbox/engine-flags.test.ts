/** Without the flag, the first loop below is never ended. V8 may fix that one day: the last test will tell. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { requiredFlag } from '../../sandbox/engine-flags.ts';

const script = fileURLToPath(new URL('../support/unstoppable.ts', import.meta.url));

/** How a bare isolate with the loop ends: by its time limit, or by the hard limit of this test. */
function runLoop(...flags: string[]): Promise<'ended' | 'killed'> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, script], { timeout: 5_000, killSignal: 'SIGKILL' }, (_, stdout) => {
      resolve(stdout.includes('ended') ? 'ended' : 'killed');
    });
  });
}

describe.concurrent('the engine flag', () => {
  test('makes a loop stoppable that allocates arrays', async () => {
    expect(await runLoop(requiredFlag)).toBe('ended');
  });

  test('is still needed: without it the loop runs on', async () => {
    expect(await runLoop()).toBe('killed');
  });
});
