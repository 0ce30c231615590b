import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { median } from '../support/statistics.ts';

/** The same amount of work, whatever else the machine does. */
const work = handler('let s = 0; for (let i = 0; i < 5e7; i++) s += i % 7; return new Response(String(s))');
const loop = (hash: string, cpuTimeMs: number) =>
  functionOf(handler('for (;;);'), { cpuTimeMs }, { key: `hog/${hash}`, hash });

describe.each([
  ['inline', 0],
  ['in cells', 2],
])('CPU time %s', (_, cells) => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());

  test('is what the function used, not the time that it took on a busy machine', async () => {
    const fn = functionOf(work, { cpuTimeMs: 60_000 }, { hash: 'work' });
    const measure = async () => {
      const usages = [];
      for (let call = 0; call < 5; call += 1) usages.push((await invoke(sandbox, fn)).ending.usage);
      return {
        cpu: median(usages.map((usage) => usage.cpuTimeMs)),
        wall: median(usages.map((usage) => usage.wallTimeMs)),
      };
    };
    await measure();
    const quiet = await measure();
    const burners = Array.from({ length: availableParallelism() * 3 }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    );
    try {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const busy = await measure();
      // Several others on each core: the wall time is a multiple of the CPU time.
      expect(busy.cpu).toBeLessThan(busy.wall * 0.75);
      expect(busy.cpu).toBeLessThan(quiet.cpu * 2);
    } finally {
      for (const burner of burners) burner.kill('SIGKILL');
    }
  });

  test('of a function is not charged for its neighbours, although they have all cores', async () => {
    const quick = functionOf(
      handler('await new Promise((r) => setTimeout(r, 50)); return new Response("x")'),
      {},
      { key: 'quick/f', hash: 'quick' },
    );
    for (let call = 0; call < 12; call += 1) await invoke(sandbox, quick);
    const hogs = Promise.all(Array.from({ length: 6 }, (__, index) => invoke(sandbox, loop(`neighbour${index}`, 400))));
    const quicks = await Promise.all(Array.from({ length: 10 }, () => invoke(sandbox, quick)));
    for (const { text, ending } of quicks) {
      expect(text).toBe('x');
      expect(ending.usage.cpuTimeMs).toBeLessThan(200);
    }
    for (const { ending } of await hogs) expect(ending.outcome.kind).toBe('exceededCpu');
  });

  test('limits end fifty loops at once, each a little after its limit, and the event loop goes on', async () => {
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();
    const results = await Promise.all(
      Array.from({ length: 50 }, (__, index) => invoke(sandbox, loop(`loop${index}`, 60))),
    );
    delays.disable();
    const over = results.map(({ ending }) => ending.usage.cpuTimeMs - 60).toSorted((a, b) => a - b);
    // An invocation that no cell had a place for within ten seconds has not run at all.
    const outcomes = new Set(results.map(({ ending }) => ending.outcome.kind));
    expect([...outcomes].filter((kind) => kind !== 'exceededCpu' && kind !== 'overloaded')).toEqual([]);
    expect(over.at(-1)).toBeLessThan(250);
    expect(delays.percentile(99) / 1e6).toBeLessThan(500);
  });
});
