/** Whether the clocks by which CPU time is measured tell what they must: see sandbox/cpu-clock.ts. */
import { Worker } from 'node:worker_threads';
import { guestCpuClock } from '../../sandbox/index.ts';

export interface ClockReading {
  /** CPU time that a thread beside the main one used by its own count, and by the clock of guests. */
  readonly usedMs: number;
  readonly measuredMs: number;
  /** What the clock of guests gained while nothing but the main thread worked. */
  readonly idleMs: number;
  /** The smallest step that was seen. */
  readonly stepMs: number;
}

const workMs = 40;

const script = `
  const { workerData } = require('node:worker_threads');
  const signal = new Int32Array(workerData);
  const own = () => { const { user, system } = process.threadCpuUsage(); return user + system };
  Atomics.wait(signal, 0, 0);
  const from = own();
  while (own() - from < ${workMs * 1_000});
  Atomics.store(signal, 2, own() - from);
  Atomics.store(signal, 1, 1);
  Atomics.notify(signal, 1);
`;

/** Other threads of Node and V8 have things to do now and then, which only ever adds to what is measured: the best of some counts. */
const tries = 3;

/** Takes some tenths of a second, and blocks the thread for most of it. */
export async function readClock(): Promise<ClockReading> {
  const stepMs = smallestStep();
  const idleMs = Math.min(...Array.from({ length: tries }, gainWhileIdle));
  const readings = [];
  for (let count = 0; count < tries; count += 1) readings.push(await readWork());
  const [best] = readings.sort((a, b) => errorOf(a) - errorOf(b));
  return { ...best!, idleMs, stepMs };
}

type Work = Pick<ClockReading, 'usedMs' | 'measuredMs'>;

function errorOf({ usedMs, measuredMs }: Work): number {
  return Math.abs(measuredMs - usedMs);
}

function gainWhileIdle(): number {
  const from = guestCpuClock();
  const until = performance.now() + workMs / 2;
  while (performance.now() < until);
  return guestCpuClock() - from;
}

async function readWork(): Promise<Work> {
  const signal = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(script, { eval: true, workerData: signal.buffer });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('online', resolve);
      worker.once('error', reject);
    });
    // What the start of a thread sets off has to settle.
    Atomics.wait(signal, 1, 0, 50);
    const before = guestCpuClock();
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
    Atomics.wait(signal, 1, 0, 10_000);
    return { usedMs: Atomics.load(signal, 2) / 1_000, measuredMs: guestCpuClock() - before };
  } finally {
    await worker.terminate();
  }
}

/** Of the clock of this process, while this thread works. */
function smallestStep(): number {
  let smallest = Infinity;
  let last = process.cpuUsage();
  const until = performance.now() + workMs;
  while (performance.now() < until) {
    const now = process.cpuUsage();
    const step = (now.user + now.system - last.user - last.system) / 1_000;
    if (step > 0) smallest = Math.min(smallest, step);
    last = now;
  }
  return smallest;
}
