/** The processes that hold the isolates: that there are some, what they may do, and who watches over their memory. */
import type { HostStatus } from '../../host.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { readProc } from './proc.ts';

export function checkCells(cells: number, status: HostStatus | undefined): Check[] {
  if (cells === 0) {
    const remedy =
      'code that makes V8 abort ends the host, and some memory is not counted: set isolation.cells, unless all functions are your own';
    return [warn('cells', "none: isolates are in the host's own process", remedy)];
  }
  const alive = (status?.cells ?? []).filter(({ pid, state }) => pid !== undefined && state === 'ready');
  if (alive.length === 0) {
    return [fail('cells', 'none has started', 'look at the events below; isohost start prints them too')];
  }
  const pids = alive.map(({ pid }) => pid!);
  return [
    ok('cells', `${cells}, and ${Math.max(0, alive.length - cells)} for new and suspect functions`),
    ...checkPermissions(pids),
    ...checkWatchdog(alive.map(({ residentBytes }) => residentBytes)),
    ...checkCeiling(pids),
  ];
}

/** Node's permission model: cells have no files, no processes and no network. */
function checkPermissions(pids: readonly number[]): Check[] {
  const commands = pids.map((pid) => readProc(`${pid}/cmdline`).split('\0')).filter(([first]) => first !== '');
  if (commands.length === 0) return [];
  if (commands.every((command) => command.includes('--permission')))
    return [ok('cell rights', 'no files, no processes, no network')];
  return [
    fail('cell rights', 'cells run without --permission', 'start the host by isohost itself, with no wrapper for node'),
  ];
}

function checkWatchdog(residentBytes: readonly number[]): Check[] {
  if (residentBytes.some((bytes) => bytes > 0)) return [ok('cell memory', 'watched every 10 ms')];
  const remedy = 'it needs /proc: use Linux, and mount /proc in the container';
  return [fail('cell memory', 'the resident size of cells cannot be read', remedy)];
}

function checkCeiling(pids: readonly number[]): Check[] {
  const own = readProc('self/cgroup');
  if (own === '') return [];
  const groups = pids.map((pid) => readProc(`${pid}/cgroup`)).filter((group) => group !== '');
  if (groups.length > 0 && groups.every((group) => group !== own))
    return [ok('cell ceiling', 'each cell is in a control group of its own')];
  const remedy =
    'between two looks of the watchdog one call can take a gigabyte: hand down a control group (Delegate=yes in a unit), or limit the memory of the container';
  return [warn('cell ceiling', 'the kernel keeps none: control groups cannot be made here', remedy)];
}
