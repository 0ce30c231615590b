/** As many requests as a contestant answers, a few of them under way at any time. */
import { cpuMsOf, memoryOf } from '../process-tree.ts';
import { startServer } from '../server-process.ts';
import { checkAnswer } from './check.ts';
import type { Measure } from './measure.ts';

export const measureClosed: Measure = async (contestant, workload, stage, { seconds, warmUpSeconds }) => {
  await using server = await startServer(contestant, [await stage.functionOf(workload, contestant.dialect)]);
  await checkAnswer(server, workload, `/${workload.source}`, await stage.answerOf(workload));
  const { connections } = workload;
  const run = async (duration: number) =>
    stage.generator.load(
      await stage.orderOf(workload, server.origin, { kind: 'closed', connections, seconds: duration }),
    );
  await run(warmUpSeconds);
  const before = cpuMsOf(server.pid);
  const { answered, failed, firstFailure, seconds: taken, busyShare, p50Ms, p99Ms } = await run(seconds);
  const cpuMs = cpuMsOf(server.pid) - before;
  if (answered === 0) throw new Error(`no request was answered as it should: ${firstFailure}`);
  return {
    perSecond: answered / taken,
    cpuMs: cpuMs / answered,
    p50Ms,
    p99Ms,
    failed,
    generatorShare: busyShare,
    ...memoryOf(server.pid),
  };
};
