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

const pauseMs = 10;

/** @param over Aborted when it is enough. */
export async function askHealth(origin: string, over: AbortSignal): Promise<HealthReport> {
  const worker = new Worker(new URL(import.meta.url), { workerData: origin });
  const report = once(worker, 'message') as Promise<[HealthReport]>;
  if (!over.aborted) await once(over, 'abort');
  worker.postMessage('over');
  return (await report)[0];
}

if (!isMainThread && parentPort !== null) {
  const origin = workerData as string;
  const { call, close } = createClient(origin);
  const latencies: number[] = [];
  const failures: string[] = [];
  let isOver = false;
  parentPort.once('message', () => (isOver = true));
  while (!isOver) {
    const start = performance.now();
    const reply = await call('/healthz');
    latencies.push(performance.now() - start);
    if (reply.kind !== 'reply' || reply.status !== 200) failures.push(JSON.stringify(reply).slice(0, 200));
    await sleep(pauseMs);
  }
  close();
  parentPort.postMessage({ latencies, failures } satisfies HealthReport);
}
