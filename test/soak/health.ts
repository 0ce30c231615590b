/**
 * Asks `/healthz` again and again from a thread of its own, where nothing else delays the answers: what it measures is the server, and
 * whatever CPU time the load leaves.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createClient } from './client.ts';

export interface HealthReport {
  /** Milliseconds. */
  readonly latencies: readonly number[];
  /** Answers that were none, or not the right one. */
  readonly failures: readonly string[];
}

interface Task {
  readonly origin: string;
  /** Not 0 when it is enough. */
  readonly stop: Int32Array;
}

const pauseMs = 10;

/** @param over Aborted when it is enough. */
export async function askHealth(origin: string, over: AbortSignal): Promise<HealthReport> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { origin, stop } satisfies Task });
  const report = once(worker, 'message') as Promise<[HealthReport]>;
  if (!over.aborted) await once(over, 'abort');
  Atomics.store(stop, 0, 1);
  return (await report)[0];
}

if (!isMainThread && parentPort !== null) {
  const { origin, stop } = workerData as Task;
  const { call, close } = createClient(origin);
  const latencies: number[] = [];
  const failures: string[] = [];
  while (Atomics.load(stop, 0) === 0) {
    const start = performance.now();
    const reply = await call('/healthz');
    latencies.push(performance.now() - start);
    if (reply.kind !== 'reply' || reply.status !== 200) failures.push(JSON.stringify(reply).slice(0, 200));
    await sleep(pauseMs);
  }
  close();
  const report: HealthReport = { latencies, failures };
  parentPort.postMessage(report, []);
}
