import { readFileSync } from 'node:fs';

const pageBytes = 4_096;
const maxProcesses = 64;

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
