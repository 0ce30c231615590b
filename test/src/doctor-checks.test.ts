/** What the doctor says of machines and configurations. */
import { describe, expect, test } from 'vitest';
import { checkCells } from '../../src/doctor/checks/cells.ts';
import { checkLimits } from '../../src/doctor/checks/limits.ts';
import { checkClock, checkMemory, checkNode } from '../../src/doctor/checks/machine.ts';
import { readClock } from '../../src/doctor/clock.ts';
import { type HostConfig, resolveHostConfig } from '../../src/config.ts';

test.each([
  ['26.10.0', 'ok'],
  ['24.14.0', 'ok'],
  ['24.13.9', 'fail'],
  ['25.1.0', 'fail'],
  ['20.19.0', 'fail'],
])('Node %s: %s', (version, status) => {
  expect(checkNode(version).status).toBe(status);
});

describe('the CPU clock', () => {
  test('of this machine is exact', async () => {
    const reading = await readClock();
    expect(reading.usedMs).toBeGreaterThan(30);
    expect(checkClock(reading)).toMatchObject({ status: 'ok' });
  });

  const exact = { usedMs: 40, measuredMs: 40, idleMs: 0, stepMs: 0.01 };
  test.each([
    ['counts what was not used', { measuredMs: 400 }, 'fail'],
    ['does not count what was used', { measuredMs: 0 }, 'fail'],
    ['counts the main thread', { idleMs: 20 }, 'fail'],
    ['stands still', { usedMs: 0, measuredMs: 0 }, 'fail'],
    ['is coarse', { stepMs: 10 }, 'warn'],
  ])('that %s is found out', (_, wrong, status) => {
    expect(checkClock({ ...exact, ...wrong })).toMatchObject({ status, remedy: expect.any(String) as string });
  });
});

test.each([
  [1_000, 'ok'],
  [3_900, 'warn'],
  [4_100, 'fail'],
])('a budget of %i MiB where there are 4,000: %s', (memoryBudgetMiB, status) => {
  // What the host needs is taken from what this machine has.
  const total = memoryBudgetMiB === 3_900 ? 10_000_000 : 4_000;
  const budget = memoryBudgetMiB === 3_900 ? 9_999_999 : memoryBudgetMiB;
  expect(checkMemory({ cells: 2, memoryBudgetMiB: budget }, { total, isContainer: true })).toMatchObject({ status });
});

describe('cells', () => {
  const status = {
    isReady: true,
    queued: 0,
    isolates: 0,
    stuckIsolates: 0,
    suspendedVersions: 0,
    quarantinedTenants: 0,
  };
  const cell = { id: 1, pid: process.pid, state: 'ready', duty: 'shared', invocations: 0, residentBytes: 5 } as const;
  const statuses = (cells: Parameters<typeof checkCells>[1] extends infer _ ? object[] : never) =>
    Object.fromEntries(
      checkCells(1, { ...status, cells: cells as never }).map(({ name, status: found }) => [name, found]),
    );

  test('that are not there are missed', () => {
    expect(checkCells(0, { ...status, cells: [] })).toMatchObject([{ name: 'cells', status: 'warn' }]);
    expect(statuses([])).toEqual({ cells: 'fail' });
    expect(statuses([{ ...cell, state: 'starting' }])).toEqual({ cells: 'fail' });
  });

  test('that may do anything, and that nobody watches, are found out', () => {
    // This process is no cell: it has all rights, and a control group that is not its own.
    expect(statuses([{ ...cell, residentBytes: 0 }])).toMatchObject({
      cells: 'ok',
      'cell rights': 'fail',
      'cell memory': 'fail',
      'cell ceiling': 'warn',
    });
  });
});

describe('limits', () => {
  const found = (config: HostConfig, functions: Parameters<typeof checkLimits>[1] = []) =>
    checkLimits(resolveHostConfig({ memoryBudgetMiB: 8_000, ...config }), functions).map((check) => check.found);

  test('that are the defaults are not odd', () => {
    expect(found({})).toEqual(['nothing odd']);
  });

  test.each<[HostConfig, string]>([
    [{ cpuTimeMs: 5_000, wallTimeMs: 2_000 }, 'cpuTimeMs 5000 is over wallTimeMs 2000'],
    [{ cpuTimeMs: 100_000, wallTimeMs: 200_000 }, 'cpuTimeMs is 100000'],
    [{ wallTimeMs: 86_400_000 }, 'wallTimeMs is 86400000'],
    [{ startUpCpuMs: 100_000 }, 'startUpCpuMs is 100000'],
    [{ memoryMiB: 4_000 }, 'memoryMiB 4000 is more than a quarter of memoryBudgetMiB 8000'],
    [{ memoryMiB: 8, responseBodyBytes: 1_000, requestBodyBytes: 1_000 }, 'memoryMiB is 8'],
    [{ requestBodyBytes: 200_000_000 }, 'requestBodyBytes 200000000 is over memoryMiB 128'],
    [{ responseBodyBytes: 200_000_000 }, 'responseBodyBytes 200000000 is over memoryMiB 128'],
    [{ logBytes: 1_000_000_000 }, 'logBytes is 1000000000'],
    [{ timers: 50_000 }, 'timers is 50000'],
    [{ bundleBytes: 200_000_000 }, 'bundleBytes is 200000000'],
    [{ queueAgeMs: 100_000 }, 'queueAgeMs is 100000'],
    [{ queueLength: 0 }, 'queueLength is 0'],
    [{ isolates: 1 }, 'isolates is 1'],
    [{ exposeErrors: true }, 'exposeErrors is on'],
    [
      { isolation: { cells: 1, trust: 'trusted' }, tenants: { one: {}, two: {} } },
      'isolation.trust is trusted, and there are several tenants',
    ],
  ])('%j are', (config, text) => {
    expect(found(config)).toEqual([text]);
  });

  test('of a function are told with its name, those of all once', () => {
    const functions = { slow: { wallTimeMs: 5_000_000 }, large: { memoryMiB: 9_000 } };
    const names = ['slow', 'large', 'other'].map((name) => ({ tenant: 'default', name }));
    expect(found({ timers: 50_000, functions }, names)).toEqual([
      'timers is 50000',
      'wallTimeMs is 5000000 of slow',
      expect.stringContaining('memoryMiB of "large" is 9000'),
    ]);
  });
});
