/**
 * Hostile functions, each with the end that it must have: in the process itself where a process survives them, and in cells.
 * `HOSTILE_FRESHNESS` has them run in another level of freshness than isolates of their own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classOf } from '../../src/doctor/hostile-case.ts';
import { describeExpectation, judge } from '../../src/doctor/judge.ts';
import type { Freshness } from '../../sandbox/index.ts';
import { runHostileCase } from '../support/hostile.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { hostileCases } from './index.ts';

const freshness = (process.env['HOSTILE_FRESHNESS'] ?? 'isolate') as Freshness;

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
      for (const end of await runHostileCase(sandbox, hostile, freshness))
        expect(judge(hostile, end), `expected ${describeExpectation(hostile)}`).toBeUndefined();
    });
  });

  test('others are served as before', async () => {
    expect((await invoke(sandbox, functionOf(handler('return new Response("fine")')))).text).toBe('fine');
    // Some take a second to let go of their isolate; none keeps it.
    await expect.poll(() => sandbox.status().stuckIsolates).toBe(0);
  });
});

// Whose code finds what others have left, or finds them still there, must get no further for it. All of the corpus runs so with
// HOSTILE_FRESHNESS; what remains of earlier calls is told as a failure of "leak" then, where it is meant to remain.
describe.each(['context', 'reuse'] as const)('with the freshness %s', (level) => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await testSandbox();
  });
  afterAll(() => sandbox.close());
  const classes: readonly string[] = ['bridge', 'escape', 'log', ...(level === 'context' ? ['leak'] : [])];
  const cases = hostileCases.filter((hostile) => hostile.inline && classes.includes(classOf(hostile)));

  test.each(cases.map((hostile) => [hostile.name, hostile] as const))('%s', async (_, hostile) => {
    for (const end of await runHostileCase(sandbox, hostile, level))
      expect(judge(hostile, end), `expected ${describeExpectation(hostile)}`).toBeUndefined();
  });
});
