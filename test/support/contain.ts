/** Runs the code of its argument as a function, then another one, and prints how both ended. */
import { functionOf, handler, invoke, testSandbox } from './sandbox.ts';

const sandbox = await testSandbox();
const cpuTimeMs = Number(process.argv[4] ?? 500);
const hostile = functionOf(process.argv[2]!, { memoryMiB: 64, cpuTimeMs, startUpCpuMs: 500, wallTimeMs: 40_000 });
/** Larger than what is sent along with a request. */
const body = Buffer.alloc(Number(process.argv[3] ?? 20_000), 'x');
const { ending } = await invoke(sandbox, hostile, { method: 'POST', body });
const neighbour = await invoke(sandbox, handler('return new Response("fine")'));
await sandbox.close();
process.stdout.write(
  JSON.stringify({
    outcome: ending.outcome.kind,
    neighbour: neighbour.text,
    stuck: sandbox.status().stuckIsolates,
  }),
);
