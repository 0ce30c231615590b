/**
 * What a call costs in each level of freshness, in CPU time of the whole process, against the floor: a bare isolate and context that are made
 * and disposed of. In interleaved rounds; prints medians and ratios.
 *
 *     node --no-node-snapshot test/bench/fresh.ts --rounds 9 --calls 200 --together 1
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Dialect, Freshness, SandboxFunction } from '../../sandbox/index.ts';
import { setEngineFlags } from '../../sandbox/engine-flags.ts';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';
import { median } from '../support/statistics.ts';
import { makeBareIsolate } from './measures/floor.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    calls: { type: 'string', default: '200' },
    /** Calls under way at once. */
    together: { type: 'string', default: '1' },
  },
});
const calls = Number(values.calls);
/** Isolates are made ahead and disposed of behind a call, and others collect what they have left. */
const settleMs = 100;
setEngineFlags();
await using sandbox = await testSandbox();
const together = Number(values.together);
const levels = ['isolate', 'context', 'reuse'] as const satisfies readonly Freshness[];
const subjects = levels.flatMap((freshness) => [
  {
    name: `${freshness} web`,
    fn: functionOf(
      handler('return new Response("hello")'),
      {},
      { key: `bench/${freshness}-web`, hash: 'web', freshness },
    ),
  },
  {
    name: `${freshness} kubeless`,
    fn: functionOf(
      'module.exports = { hello: () => "hello" }',
      {},
      { key: `bench/${freshness}-kubeless`, hash: 'kubeless', dialect: kubelessDialect(), freshness },
    ),
  },
]);
const contestants: Readonly<Record<string, () => unknown>> = {
  floor: makeBareIsolate,
  ...Object.fromEntries(subjects.map(({ name, fn }) => [name, () => answerOf(fn)])),
};

const cpuMs: Record<string, number[]> = {};
for (let round = 0; round <= Number(values.rounds); round += 1) {
  for (const [name, call] of Object.entries(contestants)) {
    // What the others have left to do is theirs.
    await sleep(settleMs);
    const before = process.cpuUsage();
    let left = calls;
    const takeTurns = async (): Promise<void> => {
      for (; left > 0; left -= 1) await call();
    };
    await Promise.all(Array.from({ length: together }, takeTurns));
    await sleep(settleMs);
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) (cpuMs[name] ??= []).push((user + system) / 1_000 / calls);
  }
}
const floor = median(cpuMs['floor']!);
for (const [name, figures] of Object.entries(cpuMs)) {
  process.stdout.write(
    `${name.padEnd(17)} ${median(figures).toFixed(3)} CPU ms per call, ${(median(figures) / floor).toFixed(2)} x the floor\n`,
  );
}

function kubelessDialect(): Dialect {
  return { name: 'kubeless', settings: { handler: 'hello', timeout: 10, runtime: '', memoryLimit: '' } };
}

async function answerOf(fn: SandboxFunction): Promise<void> {
  const { text } = await invoke(sandbox, fn);
  if (text !== 'hello') throw new Error(`${fn.key} answered ${text}`);
}
