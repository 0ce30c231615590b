/**
 * isohost beside its peers: the same functions and the same load for each contestant, in interleaved rounds, on this machine.
 *
 *     npm run bench -- --quick --only isohost-isolate-cells-web,hono,hello
 */
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { didYouMean } from '../../src/errors.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    'warm-up': { type: 'string' },
    functions: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    save: { type: 'string', default: resolve(folder, '.tmp/results.json') },
    resume: { type: 'boolean', default: false },
    prepared: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const usage = `npm run bench -- [options]

  --rounds COUNT     rounds to take medians of (3; with --quick 1)
  --seconds COUNT    of each measured load (3; with --quick 0.5)
  --warm-up COUNT    seconds of load before that (6; with --quick 0.5)
  --functions COUNT  in the workload "many" (1000; with --quick 50)
  --only NAMES       contestants and workloads, separated by commas
  --quick            to see that it works; its figures mean little
  --save FILE        where figures go (${values.save})
  --resume           go on with that file: what it has is not measured again
  --prepared         neither install packages nor build isohost: they are there
`;

if (values.help) process.stdout.write(usage);
else await main();

async function main(): Promise<void> {
  if (!values.prepared) prepare();
  // Not before their packages are there.
  const [{ contestants }, { describeMachine }, { Results }, { run }, { Stage }, { toMarkdown }] = await Promise.all([
    import('./contestants/index.ts'),
    import('./machine.ts'),
    import('./results.ts'),
    import('./run.ts'),
    import('./stage.ts'),
    import('./report/markdown.ts'),
  ]);
  await using stage = await Stage.create();
  const only = values.only.flatMap((names) => names.split(','));
  const chosenContestants = choose(contestants, only);
  const chosenWorkloads = choose(stage.workloads, only);
  const known = [...contestants, ...stage.workloads].map(({ name }) => name);
  for (const name of only) {
    if (!known.includes(name))
      throw new Error(`there is no contestant or workload "${name}"${didYouMean(name, known)}`);
  }
  const results = values.resume
    ? await Results.read(values.save)
    : new Results({
        machine: describeMachine(),
        effort: {
          seconds: numberOf('seconds', values.quick ? 0.5 : 3),
          warmUpSeconds: numberOf('warm-up', values.quick ? 0.5 : 6),
          functions: numberOf('functions', values.quick ? 50 : 1_000),
        },
        samples: [],
        skips: [],
      });
  await mkdir(dirname(values.save), { recursive: true });
  const start = performance.now();
  await run(stage, results, {
    rounds: numberOf('rounds', values.quick ? 1 : 3),
    contestants: chosenContestants,
    workloads: chosenWorkloads,
    save: () => results.write(values.save),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  process.stdout.write(`\n${toMarkdown(results)}\n${minutes} minutes; figures are in ${values.save}\n`);
}

/** The packages of contestants are no packages of isohost, and come with the first run; isohost takes part as it is published. */
function prepare(): void {
  npm(folder, 'install', '--no-audit', '--no-fund');
  npm(resolve(folder, '../..'), 'run', 'build');
}

function npm(cwd: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync('npm', [...args, '--silent'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}`, { cause: error });
}

/** Those that are named; all when none of them is. */
function choose<Item extends { readonly name: string }>(items: readonly Item[], names: readonly string[]): Item[] {
  const chosen = items.filter(({ name }) => names.includes(name));
  return chosen.length === 0 ? [...items] : chosen;
}

function numberOf(name: 'rounds' | 'seconds' | 'warm-up' | 'functions', fallback: number): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} ${text} is no number above 0`);
  return number;
}
