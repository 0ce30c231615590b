/**
 * What one tenant's flood costs another: a quiet tenant calls at a steady rate, alone and while another sends ten times as much, in turns.
 * Prints latencies of the quiet tenant and their ratio, for several functions.
 *
 *     node test/bench/fairness.ts --rate 10 --rounds 4
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '../soak/client.ts';
import { ServerProcess } from '../soak/server-process.ts';
import { Latencies } from '../soak/tally.ts';
import { temporaryFolder } from '../support/files.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '6' },
    cells: { type: 'string', default: '2' },
  },
});
const rate = Number(values.rate);
const flooding = 10;
const functions: Readonly<Record<string, string>> = {
  hello: 'export default () => new Response("hello")',
  io: 'export default async () => { await new Promise((r) => setTimeout(r, 50)); return new Response("waited") }',
  cpu: 'export default () => { let n = 0; for (let i = 0; i < 2e7; i += 1) n += i % 7; return new Response(String(n)) }',
};

await using folder = await temporaryFolder(
  Object.fromEntries(
    ['quiet', 'loud'].flatMap((tenant) =>
      Object.entries(functions).map(([name, code]) => [`functions/${tenant}/${name}.js`, code] as const),
    ),
  ),
);
const server = await ServerProcess.start(folder.path, ['--tenants', '--cells', values.cells]);
const client = createClient(server.url);
process.stdout.write(
  `${values.cells} cells; ${rate} calls/s of the quiet tenant, ${rate * flooding}/s of the loud one\n`,
);

for (const name of Object.keys(functions)) {
  const alone = new Latencies();
  const flooded = new Latencies();
  const fates = { lost: 0, loudAnswered: 0, loudRefused: 0 };
  await phase(name, new Latencies(), true, { lost: 0, loudAnswered: 0, loudRefused: 0 });
  for (let round = 0; round < Number(values.rounds); round += 1) {
    await phase(name, alone, false, fates);
    await phase(name, flooded, true, fates);
  }
  const row = [50, 90, 99].map((percent) => {
    const [a, b] = [alone.percentile(percent), flooded.percentile(percent)];
    return `p${percent} ${a.toFixed(1)} -> ${b.toFixed(1)} ms (${(b / a).toFixed(2)} x)`;
  });
  process.stdout.write(
    `${name.padEnd(6)} ${row.join(', ')}; quiet: ${alone.count + flooded.count} answered, ${fates.lost} not; loud: ${fates.loudAnswered} answered, ${fates.loudRefused} refused\n`,
  );
}
client.close();
await server.stop(10_000);

async function phase(
  name: string,
  latencies: Latencies,
  isFlooded: boolean,
  fates: { lost: number; loudAnswered: number; loudRefused: number },
): Promise<void> {
  const over = performance.now() + Number(values.seconds) * 1_000;
  await Promise.all([
    openLoop(over, rate, async () => {
      const start = performance.now();
      const reply = await client.call(`/quiet/${name}`);
      if (reply.kind === 'reply' && reply.status === 200) latencies.add(performance.now() - start);
      else fates.lost += 1;
    }),
    ...(isFlooded
      ? [
          openLoop(over, rate * flooding, async () => {
            const reply = await client.call(`/loud/${name}`);
            if (reply.kind === 'reply' && reply.status === 200) fates.loudAnswered += 1;
            else fates.loudRefused += 1;
          }),
        ]
      : []),
  ]);
}

/** Calls at a rate, however long answers take. */
async function openLoop(over: number, perSecond: number, call: () => Promise<void>): Promise<void> {
  const calls: Promise<void>[] = [];
  for (let next = performance.now(); next < over; next += 1_000 / perSecond) {
    await sleep(Math.max(0, next - performance.now()));
    calls.push(call());
  }
  await Promise.all(calls);
}
