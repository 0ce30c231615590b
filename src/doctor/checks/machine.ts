/** The machine, and the process that the host runs in. */
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import process from 'node:process';
import type { ResolvedHostConfig } from '../../config.ts';
import { defaultMemoryBudgetMiB } from '../../memory-budget.ts';
import type { ClockReading } from '../clock.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { readProc } from './proc.ts';

/** As package.json has it under "engines". */
const nodeVersions: ReadonlyMap<number, number> = new Map([
  [24, 14],
  [26, 0],
]);
const mebibyte = 2 ** 20;
/** CPU time that is measured may differ by so much from what was used. */
const clockPart = 0.2;
const clockMs = 5;
const maxStepMs = 4;

export function checkMachine(config: ResolvedHostConfig, clock: ClockReading | undefined): Check[] {
  return [
    checkNode(process.versions.node),
    checkIsolatedVm(),
    ...(clock === undefined ? [] : [checkClock(clock)]),
    checkMemory(config, memoryMiB()),
    ...checkUser(config),
    ...checkCoreFiles(config),
  ];
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const least = nodeVersions.get(major);
  const found = `${version}, V8 ${process.versions.v8}`;
  if (least === undefined)
    return fail('node', found, 'use Node 24 or 26: isolated-vm is not built, and isohost not tested, for others');
  return minor >= least ? ok('node', found) : fail('node', found, `update it to at least ${major}.${least}`);
}

/** That it loads and works shows when the host serves its first function. */
function checkIsolatedVm(): Check {
  const { version } = createRequire(import.meta.url)('isolated-vm/package.json') as { version: string };
  return ok('isolated-vm', `${version}, ABI ${process.versions.modules}`);
}

export function checkClock({ usedMs, measuredMs, idleMs, stepMs }: ClockReading): Check {
  const found = `${measuredMs.toFixed(1)} ms measured where ${usedMs.toFixed(1)} ms were used, in steps of ${stepMs.toFixed(3)} ms`;
  const remedy =
    'CPU limits need clocks per process and thread: use Linux without an emulator such as gVisor or qemu-user';
  if (usedMs === 0 || Math.abs(measuredMs - usedMs) > usedMs * clockPart + clockMs)
    return fail('cpu clock', found, remedy);
  if (idleMs > usedMs * clockPart + clockMs)
    return fail('cpu clock', `${idleMs.toFixed(1)} ms measured while no function ran`, remedy);
  return stepMs > maxStepMs
    ? warn('cpu clock', found, `${remedy}; limits are as coarse as the steps`)
    : ok('cpu clock', found);
}

/** What the container or the machine has. */
function memoryMiB(): { readonly total: number; readonly isContainer: boolean } {
  const constrained = process.constrainedMemory();
  const isContainer = constrained > 0 && constrained < totalmem();
  return { total: Math.floor((isContainer ? constrained : totalmem()) / mebibyte), isContainer };
}

export function checkMemory(
  { cells, memoryBudgetMiB }: Pick<ResolvedHostConfig, 'cells' | 'memoryBudgetMiB'>,
  { total, isContainer }: { readonly total: number; readonly isContainer: boolean },
): Check {
  const found = `${memoryBudgetMiB} MiB are promised to functions, the ${isContainer ? 'container' : 'machine'} has ${total}`;
  const least = defaultMemoryBudgetMiB(cells);
  if (memoryBudgetMiB > total)
    return fail('memory budget', found, `lower memoryBudgetMiB to ${least}, or leave it out`);
  return memoryBudgetMiB > least
    ? warn('memory budget', found, `the host needs some too: lower memoryBudgetMiB to ${least}, or leave it out`)
    : ok('memory budget', found);
}

function checkUser({ cells }: ResolvedHostConfig): Check[] {
  const user = process.getuid?.();
  if (user === undefined) return [];
  if (user !== 0) return [ok('user', `number ${user}`)];
  const whom = cells === 0 ? 'whoever breaks out of an isolate' : 'whoever takes over a cell';
  return [
    warn(
      'user',
      'root',
      `run it as a user without rights (USER in a Dockerfile, User= in a unit): ${whom} has its rights`,
    ),
  ];
}

function checkCoreFiles({ cells }: ResolvedHostConfig): Check[] {
  const limits = readProc('self/limits');
  const soft = /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return [];
  if (soft === '0') return [ok('core files', 'none are written')];
  const found = 'one is written when the host crashes';
  const remedy =
    'it would hold the data of all tenants: ulimit -c 0, LimitCORE=0 in a unit, --ulimit core=0 for a container';
  // Cells are told to leave none.
  return [cells === 0 ? warn('core files', found, remedy) : warn('core files', `${found} (not its cells)`, remedy)];
}
