/**
 * What a fresh isolate costs in V8 and isolated-vm alone: one is made, a context in it, a tiny script run, and both are disposed of, again
 * and again. Run by itself it prints what that took; the benchmark starts it so, in a process of its own.
 *
 *     node --no-node-snapshot test/bench/measures/floor.ts 3
 */
import ivm from 'isolated-vm';
import { execFile } from 'node:child_process';
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

export async function measureFloor(seconds: number): Promise<Figures> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-node-snapshot', self, String(seconds)]);
  return JSON.parse(stdout) as Figures;
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
