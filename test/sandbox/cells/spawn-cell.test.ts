import { constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { memoryFolder } from '../../../sandbox/cells/nameless-file.ts';
import { spawnCell } from '../../../sandbox/cells/spawn-cell.ts';
import { functionOf, handler, invoke, testSandbox } from '../../support/sandbox.ts';

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
const fn = functionOf(handler('return new Response("x")'));

test('the others start when the first cell is there, which is for functions that are new', async () => {
  await using sandbox = await testSandbox(2);
  expect(sandbox.status().cells).toMatchObject([{ duty: 'spare', state: 'starting' }]);
  await vi.waitFor(() => {
    const states = sandbox.status().cells.map(({ duty, state }) => `${duty} ${state}`);
    expect(states).toEqual(['spare ready', 'shared ready', 'shared ready']);
  }, 30_000);
  expect((await invoke(sandbox, fn)).text).toBe('x');
});

test('a cell that was started ahead is the first of a sandbox', async () => {
  const cell = spawnCell();
  const { pid } = cell.child;
  {
    await using sandbox = await testSandbox(1, 1, cell);
    expect(sandbox.status().cells.map((each) => each.pid)).toEqual([pid]);
    expect((await invoke(sandbox, fn)).text).toBe('x');
  }
  expect(isAlive(pid!)).toBe(false);
});

test('one that has ended meanwhile is not', async () => {
  const cell = spawnCell();
  const gone = new Promise((resolve) => cell.child.once('exit', resolve));
  cell.child.kill('SIGKILL');
  await gone;
  await using sandbox = await testSandbox(1, 1, cell);
  expect(sandbox.status().cells.map((each) => each.pid)).not.toContain(cell.child.pid);
  expect((await invoke(sandbox, fn)).text).toBe('x');
});

test('one that a sandbox without cells is given is gone before that begins', async () => {
  const cell = spawnCell();
  await using sandbox = await testSandbox(0, 1, cell);
  expect(isAlive(cell.child.pid!)).toBe(false);
  expect((await invoke(sandbox, fn)).text).toBe('x');
});

test.skipIf(!existsSync(memoryFolder))(
  'what it writes to its files is counted; what it reads of, it cannot write',
  async () => {
    const cell = spawnCell();
    const fileOf = (descriptor: number) => `/proc/${cell.child.pid}/fd/${descriptor}`;
    const before = cell.fileBytes;
    writeFileSync(fileOf(6), Buffer.alloc(2 ** 20));
    expect(cell.fileBytes - before).toBeGreaterThanOrEqual(2 ** 20);
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/${cell.child.pid}/fdinfo/5`, 'utf8'))![1]!;
    expect(parseInt(flags, 8) & (constants.O_WRONLY | constants.O_RDWR)).toBe(0);
    await cell.discard();
  },
);
