import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';

/** The same amount of work, whatever else the machine does. */
const work = handler('let s = 0; for (let i = 0; i < 5e7; i++) s += i % 7; return new Response(String(s))');

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

test('CPU time is what the function used, not the time that it took on a busy machine', async () => {
  await using sandbox = await testSandbox();
  const fn = functionOf(work, { cpuTimeMs: 60_000 });
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
  const burners = Array.from({ length: 6 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const busy = await measure();
    // Six others on few cores: the wall time multiplies, the CPU time does not.
    expect(busy.cpu / quiet.cpu).toBeLessThan(busy.wall / quiet.wall);
    expect(busy.cpu).toBeLessThan(quiet.cpu * 2);
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
  }
});

test('a function is not charged for its neighbours', async () => {
  await using sandbox = await testSandbox();
  const hog = functionOf(handler('for (;;);'), { cpuTimeMs: 400 }, { key: 'test/hog' });
  const quick = functionOf(
    handler('await new Promise((r) => setTimeout(r, 50)); return new Response("x")'),
    {},
    { key: 'test/quick' },
  );
  const hogs = Promise.all(Array.from({ length: 4 }, () => invoke(sandbox, hog)));
  const quicks = await Promise.all(Array.from({ length: 10 }, () => invoke(sandbox, quick)));
  for (const { text, ending } of quicks) {
    expect(text).toBe('x');
    expect(ending.usage.cpuTimeMs).toBeLessThan(200);
  }
  for (const { ending } of await hogs) expect(ending.outcome.kind).toBe('exceededCpu');
});
