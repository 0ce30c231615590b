/**
 * Makes ten thousand invocations, good and bad ones, in a host without cells and in one with, closes it, and tells what is left: handles,
 * child processes, threads and descriptors. Exits with 1 if anything is. Memory is printed too; the C library keeps some of it.
 *
 *     npm run leftovers -- --calls 10000
 */
import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processTree } from '../../bundler/process-tree.ts';
import { createHost } from '../../src/index.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '10000' }, parallel: { type: 'string', default: '20' } },
});
const calls = Number(values.calls);
/** Of a hundred calls, so many. */
const mix: readonly (readonly [share: number, source: string])[] = [
  [70, 'export default () => new Response("hi")'],
  [10, 'export default async (request) => new Response(await request.text())'],
  [8, 'export default () => { console.log("x"); throw new Error("x") }'],
  [5, 'export default async () => { await new Promise((r) => setTimeout(r, 5)); return new Response("waited") }'],
  [2, 'export default () => { for (;;); }'],
  [2, 'export default () => new Promise((r) => setTimeout(r, 10_000))'],
  [2, 'export default () => new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)) } }))'],
  [1, 'export default () => { const a = []; for (;;) a.push(new Array(1000)) }'],
];
const settleMs = 500;
const mebibyte = 2 ** 20;

let isFine = true;
for (const cells of [0, 2]) {
  // What is made once per process is made now.
  await round(cells, 200);
  const before = look();
  await round(cells, calls);
  const after = look();
  process.stdout.write(`${cells} cells, ${calls} calls\n  before ${describe(before)}\n  after  ${describe(after)}\n`);
  const isSame =
    after.handles === before.handles &&
    after.children === 0 &&
    after.threads <= before.threads &&
    after.descriptors <= before.descriptors;
  isFine &&= isSame;
}
process.stdout.write(isFine ? 'passed\n' : 'FAILED: something is left\n');
process.exitCode = isFine ? 0 : 1;

async function round(cells: number, count: number): Promise<void> {
  const host = await createHost({ isolation: { cells }, wallTimeMs: 300, cpuTimeMs: 50, memoryMiB: 32 });
  await Promise.all(mix.map(([, source], index) => host.deploy({ name: `f${index}`, source })));
  const names = mix.flatMap(([share], index) => Array.from({ length: share }, () => `f${index}`));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const name = names[(next * 37) % names.length]!;
      next += 1;
      const response = await host.fetch(new Request(`http://localhost/${name}`, { method: 'POST', body: 'x' }));
      // Every second stream is dropped, the others are read until they are cut off.
      if (next % 2 === 0) await response.body?.cancel();
      else await response.text().catch(() => '');
    }
  };
  await Promise.all(Array.from({ length: Number(values.parallel) }, lane));
  await host.close();
  // Node lets go of the handles of processes that have ended a moment later.
  await sleep(settleMs);
}

interface Look {
  readonly handles: string;
  readonly children: number;
  readonly threads: number;
  readonly descriptors: number;
  readonly residentBytes: number;
}

function look(): Look {
  return {
    handles: process.getActiveResourcesInfo().toSorted().join(' '),
    children: processTree(process.pid).length - 1,
    threads: readdirSync('/proc/self/task').length,
    descriptors: readdirSync('/proc/self/fd').length,
    residentBytes: process.memoryUsage.rss(),
  };
}

function describe({ handles, children, threads, descriptors, residentBytes }: Look): string {
  return `handles [${handles}], ${children} children, ${threads} threads, ${descriptors} descriptors, RSS ${Math.round(residentBytes / mebibyte)} MiB`;
}
