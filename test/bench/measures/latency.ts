/** How long answers take while requests come at a share of what the contestant can do at most. */
import { startServer } from '../server-process.ts';
import { checkAnswer } from './check.ts';
import type { Figures, Measure } from './measure.ts';

export const loadPercents = [20, 50, 80] as const;

export const measureLatency: Measure = async (contestant, workload, stage, { seconds, warmUpSeconds }) => {
  await using server = await startServer(contestant, [await stage.functionOf(workload, contestant.dialect)]);
  await checkAnswer(server, workload, `/${workload.source}`, await stage.answerOf(workload));
  const { connections } = workload;
  const closed = async (duration: number) =>
    stage.generator.load(
      await stage.orderOf(workload, server.origin, { kind: 'closed', connections, seconds: duration }),
    );
  await closed(warmUpSeconds);
  const { answered, seconds: taken } = await closed(seconds);
  const capacity = answered / taken;
  const figures: Record<string, number> = { perSecond: capacity };
  for (const percent of loadPercents) {
    const perSecond = (capacity * percent) / 100;
    const order = await stage.orderOf(workload, server.origin, { kind: 'open', perSecond, seconds });
    const { p50Ms, p99Ms, failed, busyShare } = await stage.generator.load(order);
    figures[`p50At${percent}Ms`] = p50Ms;
    figures[`p99At${percent}Ms`] = p99Ms;
    figures[`failedAt${percent}`] = failed;
    figures[`generatorShareAt${percent}`] = busyShare;
  }
  return figures satisfies Figures;
};
