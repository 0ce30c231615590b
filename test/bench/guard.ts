/**
 * Keeps a call in a fresh isolate from getting slower unnoticed: the CPU time of a call through a host, as a multiple of the floor (a bare
 * isolate and context, made and disposed of) that is measured in turns with it. What the machine is, and what else it does, meets both.
 * Fails when a multiple is more than a fifth above the one in guard-baseline.json.
 *
 *     npm run bench:guard
 *     npm run bench:guard -- --repeat 10   # how much it varies
 *     npm run bench:guard -- --update      # after a change that is worth its price, or that made calls cheaper
 */
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createHost, type Host } from '../../src/index.ts';
import { median } from '../support/statistics.ts';
import { makeBareIsolate } from './measures/floor.ts';

type Multiples = Readonly<Record<string, number>>;

const allowedRise = 1.2;
/** Noise is not in the way so many times running; what really got slower is. */
const attempts = 5;
/** Isolates are made ahead and disposed of behind a call: what a block of calls has set off belongs to it. */
const settleMs = 60;
const baselineFile = new URL('./guard-baseline.json', import.meta.url);
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    calls: { type: 'string', default: '40' },
    repeat: { type: 'string' },
    update: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const callsPerBlock = Number(values.calls);

await using host = await createHost();
const subjects = await makeSubjects(host);
if (values.repeat !== undefined) await showVariation(Number(values.repeat));
else if (values.update) await update();
else process.exitCode = (await check()) ? 0 : 1;

async function check(): Promise<boolean> {
  const baseline = JSON.parse(await readFile(baselineFile, 'utf8')) as Multiples;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const measured = await measure();
    const risen = Object.keys(baseline).filter((name) => measured[name]! > baseline[name]! * allowedRise);
    for (const [name, multiple] of Object.entries(measured)) {
      say(`${name}: ${multiple.toFixed(2)} x the floor, ${(multiple / baseline[name]!).toFixed(2)} x the baseline`);
    }
    if (risen.length === 0) return true;
    say(`${risen.join(' and ')} above ${allowedRise} x the baseline, in attempt ${attempt} of ${attempts}`);
  }
  say('A call takes more CPU time than it did. If that is worth it: npm run bench:guard -- --update');
  return false;
}

async function update(): Promise<void> {
  const runs = [await measure(), await measure(), await measure()];
  const baseline = Object.fromEntries(
    Object.keys(runs[0]!).map((name) => [name, Number(median(runs.map((run) => run[name]!)).toFixed(3))]),
  );
  await writeFile(baselineFile, `${JSON.stringify(baseline, undefined, 2)}\n`);
  say(JSON.stringify(baseline));
}

async function showVariation(count: number): Promise<void> {
  const runs: Multiples[] = [];
  for (let run = 0; run < count; run += 1) {
    runs.push(await measure());
    say(JSON.stringify(runs.at(-1)));
  }
  for (const name of Object.keys(runs[0]!)) {
    const multiples = runs.map((run) => run[name]!);
    const mean = multiples.reduce((sum, value) => sum + value, 0) / count;
    const variance = multiples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const range = `${Math.min(...multiples).toFixed(2)} to ${Math.max(...multiples).toFixed(2)}`;
    say(`${name}: ${range} x the floor, standard deviation ${((Math.sqrt(variance) / mean) * 100).toFixed(1)} %`);
  }
}

/** Medians over the rounds, of each round's own multiple. */
async function measure(): Promise<Multiples> {
  const multiples: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round += 1) {
    const floor = await cpuMsOf(makeBareIsolate);
    for (const [name, call] of Object.entries(subjects)) {
      const cpuMs = await cpuMsOf(call);
      // The first round warms up.
      if (round > 0) (multiples[name] ??= []).push(cpuMs / floor);
    }
  }
  return Object.fromEntries(Object.entries(multiples).map(([name, list]) => [name, median(list)]));
}

async function cpuMsOf(call: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let count = 0; count < callsPerBlock; count += 1) await call();
  await sleep(settleMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / callsPerBlock;
}

async function makeSubjects(its: Host): Promise<Record<string, () => Promise<void>>> {
  await its.deploy({ name: 'web', source: 'export default () => new Response("hello")' });
  await its.deploy({
    name: 'kubeless',
    source: 'module.exports = { answer: () => "hello" }',
    config: { dialect: 'kubeless', handler: 'answer' },
  });
  const call = async (name: string): Promise<void> => {
    const response = await its.fetch(new Request(`http://localhost/${name}`));
    const text = await response.text();
    if (text !== 'hello') throw new Error(`${name} answered ${response.status} ${text}`);
  };
  return { web: () => call('web'), kubeless: () => call('kubeless') };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
