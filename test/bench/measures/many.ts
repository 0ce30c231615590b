/** A server with a great many functions, each called once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf, memoryOf } from '../process-tree.ts';
import { startServer } from '../server-process.ts';
import { checkAnswer } from './check.ts';
import type { Measure } from './measure.ts';

/** A server that uses less than this of a core has nothing left to do. */
const idleShare = 0.05;
const idleLookMs = 1_000;
const idleWithinMs = 180_000;
/** What helps with loading, a process that bundles for example, is not kept for ever by those who have such a thing. */
const helpersLeaveMs = 8_000;

export const measureMany: Measure = async (contestant, workload, stage, { functions: count }) => {
  const idleMiB = async (functions: number): Promise<number> => {
    await using server = await startServer(contestant, await stage.copiesOf(workload, contestant.dialect, functions));
    await idle(server.pid);
    await sleep(helpersLeaveMs);
    return memoryOf(server.pid).pssMiB;
  };
  const fewMiB = await idleMiB(1);

  const functions = await stage.copiesOf(workload, contestant.dialect, count);
  const start = performance.now();
  await using server = await startServer(contestant, functions);
  await idle(server.pid);
  const deployMs = performance.now() - start - idleLookMs;
  const deployCpuMs = cpuMsOf(server.pid);
  await sleep(helpersLeaveMs);
  const manyMiB = memoryOf(server.pid).pssMiB;
  await checkAnswer(server, workload, `/${functions[0]!.name}`, await stage.answerOf(workload));

  const before = cpuMsOf(server.pid);
  const { connections } = workload;
  const order = await stage.orderOf(workload, server.origin, { kind: 'each', connections });
  const paths = functions.slice(1).map(({ name }) => `/${name}`);
  const { answered, failed, firstFailure, p50Ms, p99Ms } = await stage.generator.load({ ...order, paths });
  if (answered === 0) throw new Error(`no request was answered as it should: ${firstFailure}`);
  return {
    functions: count,
    deployMs: deployMs / count,
    deployCpuMs: deployCpuMs / count,
    idleKiB: ((manyMiB - fewMiB) * 1_024) / (count - 1),
    p50Ms,
    p99Ms,
    cpuMs: (cpuMsOf(server.pid) - before) / answered,
    failed,
    ...memoryOf(server.pid),
  };
};

async function idle(pid: number): Promise<void> {
  const deadline = performance.now() + idleWithinMs;
  for (let last = cpuMsOf(pid); performance.now() < deadline;) {
    await sleep(idleLookMs);
    const now = cpuMsOf(pid);
    if (now - last < idleShare * idleLookMs) return;
    last = now;
  }
}
