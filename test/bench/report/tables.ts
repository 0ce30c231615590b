/** What the report says, before it is written in any form: tables of medians, with ratios to the first contestant. */
import { contestants } from '../contestants/index.ts';
import { floors } from '../measures/floor.ts';
import { loadPercents } from '../measures/latency.ts';
import type { Results } from '../results.ts';
import type { WorkloadName } from '../workloads.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Of words, not of figures. */
  readonly isText?: boolean;
}

/** Above this share of a core, the generator of load may have been what could not do more. */
export const generatorLimit = 0.9;

/** Their titles in columns, in this order. */
export const closedColumns: readonly (readonly [WorkloadName, string])[] = [
  ['hello', 'hello'],
  ['json', 'JSON'],
  ['react', 'React'],
  ['jwt', 'JWT'],
  ['fetch', 'fetch'],
  ['cpu', '2 ms of CPU'],
  ['stream', '64 MiB'],
];

export function tablesOf(results: Results): Table[] {
  return [cpuTable, rateTable, floorTable, latencyTable, startTable, memoryTable]
    .map((make) => withoutEmptyColumns(make(results)))
    .filter(({ rows }) => rows.length > 0);
}

/** Contestants of which anything was measured. */
export function contestantsOf(results: Results): { name: string; title: string; isolation: string }[] {
  return contestants.filter(({ name }) => results.names.includes(name));
}

/** Why contestants have no figures: each reason, with those that it stands for, and the workloads where it is not all of them. */
export function skipsOf(results: Results): string[] {
  const groups = new Map<string, { reason: string; titles: Set<string>; workloads: Set<string> }>();
  for (const { contestant, workload, reason } of results.skips) {
    const isAbsent = !results.names.includes(contestant);
    const key = `${reason}${isAbsent}`;
    const group = groups.get(key) ?? { reason, titles: new Set(), workloads: new Set() };
    group.titles.add(contestants.find(({ name }) => name === contestant)?.title ?? contestant);
    if (!isAbsent) group.workloads.add(workload);
    groups.set(key, group);
  }
  return Array.from(groups.values(), ({ reason, titles, workloads }) => {
    const where = workloads.size === 0 ? '' : ` (${[...workloads].join(', ')})`;
    return `${[...titles].join('; ')}${where}: ${reason}`;
  });
}

function cpuTable(results: Results): Table {
  const rows = contestantRows(results, (contestant) =>
    closedColumns.map(([workload]) => withRatio(results, workload, contestant, 'cpuMs')),
  );
  return {
    title: 'CPU milliseconds per request, of all processes of the server',
    columns: closedColumns.map(titleOf),
    rows: [...rows, ...floorRows(results, 'cpuMs')],
  };
}

function rateTable(results: Results): Table {
  const rows = contestantRows(results, (contestant) =>
    closedColumns.map(([workload]) => {
      const cell = withRatio(results, workload, contestant, 'perSecond');
      return isGeneratorLimited(results, workload, contestant) ? `≥ ${cell}` : cell;
    }),
  );
  return {
    title: 'Requests per second',
    columns: closedColumns.map(titleOf),
    rows: [...rows, ...floorRows(results, 'perSecond')],
  };
}

function floorRows(results: Results, figure: 'cpuMs' | 'perSecond'): string[][] {
  return Object.entries(floors).flatMap(([name, { title }]) => {
    const value = results.median('hello', name, figure);
    if (value === undefined) return [];
    const cell = `${digits(value)}${ratio(results, 'hello', figure, value)}`;
    return [[title, cell, ...closedColumns.slice(1).map(() => '')]];
  });
}

/** Of those that make an isolate or a context for each call: what they take beside what V8 takes for an isolate alone. */
function floorTable(results: Results): Table {
  const rows = contestantRows(results, (contestant) => {
    const cpuMs = results.median('hello', contestant, 'cpuMs');
    if (cpuMs === undefined || !/^(?:ivm-fresh|isohost-(?:isolate|context)-.*)$/.test(contestant)) return [];
    return Object.keys(floors).map((name) => {
      const floor = results.median('hello', name, 'cpuMs');
      return floor === undefined ? '' : `${digits(cpuMs / floor)} x`;
    });
  });
  return {
    title: 'CPU time of hello, in multiples of making and disposing of a bare isolate',
    columns: ['on one core', 'on all cores at once'],
    rows,
  };
}

function latencyTable(results: Results): Table {
  const rows = contestantRows(results, (contestant) =>
    loadPercents.map((percent) => {
      const [p50, p99] = ['p50', 'p99'].map((name) => results.median('latency', contestant, `${name}At${percent}Ms`));
      if (p50 === undefined || p99 === undefined) return '';
      const busy = results.median('latency', contestant, `generatorShareAt${percent}`) ?? 0;
      return `${busy > generatorLimit ? '≤ ' : ''}${digits(p50)} / ${digits(p99)}`;
    }),
  );
  return {
    title: 'Milliseconds until hello is answered, p50 / p99, at shares of what the contestant can do',
    columns: loadPercents.map((percent) => `at ${percent} %`),
    rows,
  };
}

function startTable(results: Results): Table {
  const rows = contestantRows(results, (contestant) =>
    (['readyMs', 'firstByteMs', 'totalMs'] as const).map((figure) => withRatio(results, 'cold', contestant, figure)),
  );
  return {
    title: 'Milliseconds that a server takes with a new version of the React page',
    columns: ['until it listens', 'first byte then', 'both'],
    rows,
  };
}

function memoryTable(results: Results): Table {
  const rows = contestantRows(results, (contestant) => [
    plain(results, 'hello', contestant, 'rssMiB'),
    plain(results, 'hello', contestant, 'pssMiB'),
    plain(results, 'many', contestant, 'idleKiB'),
    plain(results, 'many', contestant, 'deployMs'),
    plain(results, 'many', contestant, 'p50Ms'),
    plain(results, 'many', contestant, 'cpuMs'),
  ]);
  const count = results.effort.functions.toLocaleString('en');
  return {
    title: results.has(1, 'many', contestants[0]!.name) ? `Memory, and ${count} functions called once each` : 'Memory',
    columns: [
      'MiB (RSS), hello under load',
      'the same, shared pages once',
      'KiB per idle function',
      'ms to load one',
      'first call, ms p50',
      'first call, CPU ms',
    ],
    rows,
  };
}

/** Of workloads that were not measured. */
function withoutEmptyColumns({ title, columns, rows }: Table): Table {
  const kept = columns.flatMap((_, index) => (rows.some((cells) => cells[index + 1] !== '') ? [index] : []));
  return {
    title,
    columns: kept.map((index) => columns[index]!),
    rows: rows.map((cells) => [cells[0]!, ...kept.map((index) => cells[index + 1]!)]),
  };
}

function contestantRows(results: Results, cellsOf: (contestant: string) => string[]): string[][] {
  return contestantsOf(results)
    .map(({ name, title }) => [title, ...cellsOf(name)])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ''));
}

export function isGeneratorLimited(results: Results, workload: WorkloadName, contestant: string): boolean {
  return (results.median(workload, contestant, 'generatorShare') ?? 0) > generatorLimit;
}

function titleOf([, title]: readonly [WorkloadName, string]): string {
  return title;
}

function plain(results: Results, workload: WorkloadName, contestant: string, figure: string): string {
  const value = results.median(workload, contestant, figure);
  return value === undefined ? '' : digits(value);
}

function withRatio(results: Results, workload: WorkloadName, contestant: string, figure: string): string {
  const value = results.median(workload, contestant, figure);
  return value === undefined ? '' : `${digits(value)}${ratio(results, workload, figure, value)}`;
}

/** To the first contestant, in the same run. */
function ratio(results: Results, workload: WorkloadName, figure: string, value: number): string {
  const first = results.median(workload, contestants[0]!.name, figure);
  return first === undefined || first === 0 || first === value ? '' : ` (${digits(value / first)} x)`;
}

export function digits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(2)));
}
