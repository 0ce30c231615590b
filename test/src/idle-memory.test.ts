import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const child = fileURLToPath(new URL('../support/idle-memory.ts', import.meta.url));

test('a function that nobody calls takes less memory than half of its bundle', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-node-snapshot', '--expose-gc', child]);
  const { perFunction, bundleBytes, status } = JSON.parse(stdout) as Record<string, number>;
  expect(status).toBe(200);
  expect(bundleBytes).toBeGreaterThan(30_000);
  expect(perFunction! / bundleBytes!).toBeLessThan(0.5);
});
