/**
 * What a call in a fresh isolate costs, in CPU time of the whole process, against the floor: a bare isolate and context that are made and
 * disposed of. In interleaved rounds; prints medians and ratios.
 *
 *     node --no-node-snapshot test/bench/fresh.ts --rounds 9 --calls 200
 */
import ivm from 'isolated-vm';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Dialect, SandboxFunction } from '../../sandbox/index.ts';
import { setEngineFlags } from '../../sandbox/engine-flags.ts';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';
import { median } from '../support/statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, calls: { type: 'string', default: '200' } },
});
const calls = Number(values.calls);
setEngineFlags();
await using sandbox = await testSandbox();
const web = functionOf(handler('return new Response("hello")'), {}, { key: 'bench/web', hash: 'web' });
const kubeless = functionOf(
  'module.exports = { hello: () => "hello" }',
  {},
  { key: 'bench/kubeless', hash: 'kubeless', dialect: kubelessDialect() },
);
const contestants: Readonly<Record<string, () => unknown>> = {
  floor() {
    const isolate = new ivm.Isolate({ memoryLimit: 128 });
    isolate.createContextSync();
    isolate.dispose();
    return new Promise((resolve) => setImmediate(resolve));
  },
  kubeless: () => answerOf(kubeless),
  web: () => answerOf(web),
};

const cpuMs: Record<string, number[]> = {};
for (let round = 0; round <= Number(values.rounds); round += 1) {
  for (const [name, call] of Object.entries(contestants)) {
    const before = process.cpuUsage();
    for (let count = 0; count < calls; count += 1) await call();
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) (cpuMs[name] ??= []).push((user + system) / 1_000 / calls);
  }
}
const floor = median(cpuMs['floor']!);
for (const [name, figures] of Object.entries(cpuMs)) {
  process.stdout.write(
    `${name.padEnd(9)} ${median(figures).toFixed(2)} CPU ms per call, ${(median(figures) / floor).toFixed(2)} x the floor\n`,
  );
}

function kubelessDialect(): Dialect {
  return { name: 'kubeless', settings: { handler: 'hello', timeout: 10, runtime: '', memoryLimit: '' } };
}

async function answerOf(fn: SandboxFunction): Promise<void> {
  const { text } = await invoke(sandbox, fn);
  if (text !== 'hello') throw new Error(`${fn.key} answered ${text}`);
}
