/** Runs cases of the corpus and tells how they ended. */
import type { Freshness } from '../../sandbox/index.ts';
import { patienceFor } from '../../src/doctor/hostile-case.ts';
import type { SeenEnd } from '../../src/doctor/judge.ts';
import { readSome } from '../../src/doctor/read-some.ts';
import type { HostileCase } from '../hostile/index.ts';
import { hostileLimits } from '../hostile/index.ts';
import { functionOf, type TestSandbox } from './sandbox.ts';

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
