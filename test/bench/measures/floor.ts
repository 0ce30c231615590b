/**
 * What a fresh isolate costs in V8 and isolated-vm alone: one is made, a context in it, a tiny script run, and both are disposed of, again
 * and again. Run by itself it prints what that took; the benchmark starts it so, in a process of its own.
 *
 *     node --no-node-snapshot test/bench/measures/floor.ts 3
 */
import ivm from 'isolated-vm';
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setEngineFlags } from '../../../sandbox/engine-flags.ts';
import type { Figures } from './measure.ts';

const self = fileURLToPath(import.meta.url);
const warmUpCalls = 50;

if (process.argv[1] === self) {
  setEngineFlags();
  process.stdout.write(JSON.stringify(await run(Number(process.argv[2]))));
}

/** What stands among the contestants, by name: the floor on one core, and on all at once, where they get in each other's way. */
export const floors = {
  floor: { title: 'a bare isolate, no server', processes: 1 },
  'floor-all': { title: 'the same on all cores at once', processes: availableParallelism() },
} as const;

export async function measureFloor(processes: number, seconds: number): Promise<Figures> {
  const measured = await Promise.all(
    Array.from({ length: processes }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--no-node-snapshot', self, String(seconds)]);
      return JSON.parse(stdout) as Figures;
    }),
  );
  const sum = (name: string): number => measured.reduce((total, figures) => total + figures[name]!, 0);
  return { perSecond: sum('perSecond'), cpuMs: sum('cpuMs') / processes };
}

export async function makeBareIsolate(): Promise<void> {
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const context = isolate.createContextSync();
  context.evalSync('"hello"');
  isolate.dispose();
  // What was disposed of is freed in a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
}

async function run(seconds: number): Promise<Figures> {
  for (let count = 0; count < warmUpCalls; count += 1) await makeBareIsolate();
  const before = process.cpuUsage();
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < seconds * 1_000) {
    await makeBareIsolate();
    calls += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (calls * 1_000) / (performance.now() - start), cpuMs: (user + system) / 1_000 / calls };
}
