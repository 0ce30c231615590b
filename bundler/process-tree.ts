import { readFileSync } from 'node:fs';

const pageBytes = 4_096;
const maxProcesses = 64;
/** Linux has it so on every machine, for programs. */
const ticksPerSecond = 100;

/** A process and what it started, by id; only the process itself where the system does not tell (it does on Linux). */
export function processTree(root: number): number[] {
  const pids = [root];
  for (let index = 0; index < pids.length && pids.length < maxProcesses; index += 1) {
    pids.push(...childrenOf(pids[index]!));
  }
  return pids;
}

/** Resident bytes of a process and what it started; 0 where the system does not tell. */
export function readTreeMemory(root: number): number {
  let bytes = 0;
  for (const pid of processTree(root)) bytes += residentBytes(pid);
  return bytes;
}

/** CPU time that a process and what it started have used; `undefined` where the system does not tell. */
export function readTreeCpuMs(root: number): number | undefined {
  let ticks = 0;
  for (const pid of processTree(root)) {
    const stat = read(`/proc/${pid}/stat`);
    // The name before it, in brackets, may have spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 13) {
      if (pid === root) return undefined;
      continue;
    }
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks * 1_000) / ticksPerSecond;
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .map(Number)
    .filter((child) => child > 0);
}

function residentBytes(pid: number): number {
  return Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * pageBytes;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // The process ended meanwhile, or there is no /proc here.
    return '';
  }
}
