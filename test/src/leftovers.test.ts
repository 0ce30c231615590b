/** What a host leaves behind in an application: nothing. Runs in a process of its own, which must end by itself. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../support/leftovers.ts', import.meta.url));

test('a host prints nothing, changes no global, and lets the process end', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], {
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    answers: 60,
    changedGlobals: [],
    handles: [],
    children: [],
    listeners: true,
  });
});
