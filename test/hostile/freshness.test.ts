/**
 * Hostile functions in other levels of freshness: whose code finds what others have left, or finds them still there, must get no further for
 * it. All of the corpus runs so with `HOSTILE_FRESHNESS`; what remains of earlier calls is told as a failure of "leak" then, where it is
 * meant to remain.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classOf } from '../../src/doctor/hostile-case.ts';
import { describeExpectation, judge } from '../../src/doctor/judge.ts';
import { runHostileCase } from '../support/hostile.ts';
import { type TestSandbox, testSandbox } from '../support/sandbox.ts';
import { hostileCases } from './index.ts';

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
