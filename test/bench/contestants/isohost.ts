/** isohost itself, as it is published, in all ways in which it can isolate a call. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command, Contestant, Site } from '../contestant.ts';

const cli = fileURLToPath(new URL('../../../dist/src/cli.js', import.meta.url));

const freshness = {
  isolate: 'a new V8 isolate per call',
  context: 'a new global scope per call, in the function’s isolate',
  reuse: 'the function’s isolate lives on',
} as const;
const places = { inline: 'in the server', cells: 'in processes without rights' } as const;
const dialects = ['web', 'kubeless'] as const;

type Freshness = keyof typeof freshness;
type Place = keyof typeof places;
type Dialect = (typeof dialects)[number];

export const isohostContestants: readonly Contestant[] = (Object.keys(freshness) as Freshness[]).flatMap((fresh) =>
  (Object.keys(places) as Place[]).flatMap((place) => dialects.map((dialect) => isohost(fresh, place, dialect))),
);

function isohost(fresh: Freshness, place: Place, dialect: Dialect): Contestant {
  return {
    name: ['isohost', fresh, place, dialect].join('-'),
    title: `isohost: ${fresh}, ${place}, ${dialect === 'web' ? 'Web' : 'Kubeless'}`,
    isolation: `${freshness[fresh]}, ${places[place]}; limits on memory, CPU time, wall time`,
    dialect,
    command: (site) => start(fresh, place, dialect, site),
  };
}

async function start(
  fresh: Freshness,
  place: Place,
  dialect: Dialect,
  { folder, port, functions }: Site,
): Promise<Command> {
  await mkdir(join(folder, 'functions'));
  for (const { name, file } of functions) await cp(file, join(folder, 'functions', name + extname(file)));
  const config = {
    egress: { private: ['127.0.0.1'] },
    ...(dialect === 'kubeless' && {
      functions: Object.fromEntries(functions.map(({ name }) => [name, { dialect, handler: 'handler' }])),
    }),
  };
  await writeFile(join(folder, 'isohost.config.json'), JSON.stringify(config));
  const cells = place === 'cells' ? availableParallelism() : 0;
  return {
    file: process.execPath,
    args: [
      cli,
      'start',
      'functions',
      '--port',
      String(port),
      '--log',
      'off',
      '--cells',
      String(cells),
      // The default; older versions have nothing else, and no such option.
      ...(fresh === 'isolate' ? [] : ['--freshness', fresh]),
    ],
  };
}
