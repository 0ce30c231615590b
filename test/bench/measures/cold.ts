/** The first answer of a server that has just loaded a version which nobody has seen before. */
import { request } from 'node:http';
import { cpuMsOf } from '../process-tree.ts';
import { startServer } from '../server-process.ts';
import { checkAnswer } from './check.ts';
import type { Measure } from './measure.ts';

export const measureCold: Measure = async (contestant, workload, stage) => {
  const { fn, answer } = await stage.newVersionOf(workload, contestant.dialect);
  await using server = await startServer(contestant, [fn]);
  const firstByteMs = await timeFirstByte(`${server.origin}/${workload.source}`);
  const cpuMs = cpuMsOf(server.pid);
  await checkAnswer(server, workload, `/${workload.source}`, answer);
  return { readyMs: server.readyMs, firstByteMs, totalMs: server.readyMs + firstByteMs, cpuMs };
};

function timeFirstByte(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const outgoing = request(url, (incoming) => {
      incoming.once('data', () => resolve(performance.now() - start));
      incoming.once('error', reject);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
