/**
 * Runs cases of the corpus and tells how they ended. `HOSTILE_FRESHNESS` has tests run them in another level of freshness than isolates of
 * their own.
 */
import { afterAll, beforeAll, type describe, expect, test } from 'vitest';
import type { Freshness } from '../../sandbox/index.ts';
import { patienceFor } from '../../src/doctor/hostile-case.ts';
import { describeExpectation, judge, type SeenEnd } from '../../src/doctor/judge.ts';
import { readSome } from '../../src/doctor/read-some.ts';
import type { HostileCase } from '../hostile/index.ts';
import { hostileCases, hostileLimits } from '../hostile/index.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from './sandbox.ts';

const defaultFreshness = (process.env['HOSTILE_FRESHNESS'] ?? 'isolate') as Freshness;

let serial = 0;

/** The case as a function of its own: its strikes are nobody else's. */
export function hostileFunction(hostile: HostileCase, freshness: Freshness = 'isolate') {
  const { code, trust, memoryMiB } = hostile;
  serial += 1;
  return functionOf(
    code,
    { ...hostileLimits, ...patienceFor(hostile), memoryMiB },
    { key: `hostile/f${serial}`, hash: String(serial), trust, freshness },
  );
}

export async function runHostileCase(
  sandbox: TestSandbox,
  hostile: HostileCase,
  freshness?: Freshness,
): Promise<SeenEnd[]> {
  const fn = hostileFunction(hostile, freshness);
  const results: SeenEnd[] = [];
  for (let call = 0; call < hostile.calls; call += 1) {
    const handle = sandbox.invoke({
      id: 'hostile',
      function: fn,
      request: {
        method: hostile.method,
        url: 'http://localhost/f',
        headers: ['host', 'localhost'],
        body: hostile.bodyBytes === 0 ? null : Buffer.alloc(hostile.bodyBytes, 'x'),
        remoteAddress: '127.0.0.1',
      },
      onLog() {},
    });
    const answer = await handle.answer;
    const { text } = answer.kind === 'response' ? await readSome(answer.response.body) : { text: '' };
    results.push({ outcome: (await handle.ended).outcome.kind, text });
  }
  return results;
}

/** Tests that each hostile function ends as it must, and that a sandbox serves others as before. */
export function testHostileCases(
  cells: number,
  describeCases: typeof describe | (typeof describe)['concurrent'],
): void {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());
  const cases = hostileCases.filter(({ inline }) => inline || cells > 0);

  describeCases('each ends as it must', () => {
    test.each(cases.map((hostile) => [hostile.name, hostile] as const))('%s', async (_, hostile) => {
      for (const end of await runHostileCase(sandbox, hostile, defaultFreshness))
        expect(judge(hostile, end), `expected ${describeExpectation(hostile)}`).toBeUndefined();
    });
  });

  test('others are served as before', async () => {
    expect((await invoke(sandbox, functionOf(handler('return new Response("fine")')))).text).toBe('fine');
    // Some take a second to let go of their isolate; none keeps it.
    await expect.poll(() => sandbox.status().stuckIsolates).toBe(0);
  });
}
