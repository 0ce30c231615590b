/**
 * Puts a server under a mixed load for a while, good and hostile functions and clients that misbehave, and tells what became of every
 * request. Lost and wrong must be 0, and the server must not grow. With `--chaos`, cells are killed and stopped at random meanwhile.
 *
 *     npm run soak -- --seconds 600 --cells 2 --seed 5
 *     npm run chaos
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../support/files.ts';
import { createRandom } from '../support/random.ts';
import { type ChaosCounts, makeChaos } from './chaos.ts';
import { lanes, type Soak, soakFiles } from './lanes.ts';
import { ServerProcess, type Sizes } from './server-process.ts';
import { Latencies, Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    cells: { type: 'string', default: '2' },
    chaos: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
/** The heap, the code and the pools of the server reach their size in this time, with a garbage collection in the middle. */
const warmUpSeconds = Math.min(90, seconds);
/** What is under way when the load ends is over by then. */
const settleMs = 5_000;
const allowedGrowth = 0.1;
const allowedHealthP99Ms = 50;
const mebibyte = 2 ** 20;

await using folder = await temporaryFolder(soakFiles());
const server = await ServerProcess.start(folder.path, ['--tenants', '--cells', values.cells]);
print(`${server.url}, ${values.cells} cells, seed ${seed}, ${warmUpSeconds} s to warm up and ${seconds} s of load`);
const random = createRandom(seed);

for (const part of [1, 2]) {
  await load(warmUpSeconds / 2, new Tally(), new Latencies(), { killed: 0, stopped: 0 });
  if (part === 1) await server.sizes();
}
const before = await server.sizes();
const tally = new Tally();
const health = new Latencies();
const chaos: ChaosCounts = { killed: 0, stopped: 0 };
await load(seconds, tally, health, chaos);
const after = server.isAlive ? await server.sizes() : undefined;
const isStopped = await server.stop(20_000);
if (values.keep) print(readFileSync(folder.file('server.log'), 'utf8'));

for (const [kind, fates] of Object.entries(tally.rows())) print(`  ${kind.padEnd(12)} ${JSON.stringify(fates)}`);
for (const example of tally.examples) print(`  ${example}`);
const growth = after === undefined ? Infinity : after.residentBytes / before.residentBytes - 1;
print(`sent ${tally.sum('answered', 'busy', 'cut', 'wrong', 'lost')}, answered ${tally.sum('answered')}, \
busy ${tally.sum('busy')}, cut ${tally.sum('cut')}, wrong ${tally.sum('wrong')}, lost ${tally.sum('lost')}`);
print(`cells killed ${chaos.killed}, stopped ${chaos.stopped}`);
print(`at the start ${describe(before)}`);
if (after !== undefined) print(`at the end   ${describe(after)}; grown by ${Math.round(growth * 100)} %`);
print(
  `/healthz ${health.count} times, p50 ${health.percentile(50).toFixed(1)} ms, p99 ${health.percentile(99).toFixed(1)} ms`,
);
const failures = [
  ...(tally.sum('wrong', 'lost') > 0 ? ['requests were wrong or lost'] : []),
  ...(growth > allowedGrowth ? ['the server has grown'] : []),
  ...(health.percentile(99) > allowedHealthP99Ms ? ['/healthz was late'] : []),
  ...(isStopped ? [] : ['the server did not end cleanly']),
];
print(failures.length === 0 ? 'passed' : `FAILED: ${failures.join(', ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function load(time: number, into: Tally, latencies: Latencies, counts: ChaosCounts): Promise<void> {
  const over = AbortSignal.timeout(time * 1_000);
  const soak: Soak = { origin: server.url, random, tally: into, health: latencies, over };
  await Promise.all([
    ...Object.values(lanes).map((run) => run(soak)),
    ...(values.chaos ? [makeChaos(server, random, over, counts)] : []),
  ]);
  await sleep(settleMs);
}

function describe(sizes: Sizes): string {
  const mebibytes = (bytes: number): string => `${Math.round(bytes / mebibyte)} MiB`;
  return `RSS ${mebibytes(sizes.residentBytes)} (heap ${mebibytes(sizes.heapBytes)} of ${mebibytes(sizes.heapTotalBytes)}, buffers \
${mebibytes(sizes.bufferBytes)}), ${sizes.descriptors} descriptors, ${sizes.threads} threads, event loop late by \
${sizes.loopDelayP99Ms.toFixed(1)} ms at p99, ${sizes.loopDelayMaxMs.toFixed(1)} ms at most`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
