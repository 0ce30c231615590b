/** Hostile functions, each with the end that it must have: in the process itself where a process survives them, and in cells. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classOf } from '../../src/doctor/hostile-case.ts';
import { describeExpectation, judge } from '../../src/doctor/judge.ts';
import { runHostileCase } from '../support/hostile.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { hostileCases } from './index.ts';

test('the corpus has enough cases of each class, and no two of one name', () => {
  const classes = new Map<string, number>();
  for (const hostile of hostileCases) {
    const kind = classOf(hostile);
    classes.set(kind, (classes.get(kind) ?? 0) + 1);
  }
  expect(new Set(hostileCases.map(({ name }) => name)).size).toBe(hostileCases.length);
  expect([...classes.keys()].toSorted()).toEqual([
    'abort',
    'bridge',
    'cpu',
    'escape',
    'leak',
    'log',
    'memory',
    'output',
    'scheduling',
    'socket',
    'start-up',
  ]);
  for (const [kind, count] of classes) expect(count, kind).toBeGreaterThanOrEqual(10);
});

describe.each([
  // In one process they take turns; in cells, those that wait for another leave a core to the next.
  ['inline', 0, describe],
  ['in cells', 2, describe.concurrent],
] as const)('%s', (_, cells, describeCases) => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());
  const cases = hostileCases.filter(({ inline }) => inline || cells > 0);

  describeCases('each ends as it must', () => {
    test.each(cases.map((hostile) => [hostile.name, hostile] as const))('%s', async (__, hostile) => {
      for (const end of await runHostileCase(sandbox, hostile))
        expect(judge(hostile, end), `expected ${describeExpectation(hostile)}`).toBeUndefined();
    });
  });

  test('others are served as before', async () => {
    expect((await invoke(sandbox, functionOf(handler('return new Response("fine")')))).text).toBe('fine');
    // Some take a second to let go of their isolate; none keeps it.
    await expect.poll(() => sandbox.status().stuckIsolates).toBe(0);
  });
});
