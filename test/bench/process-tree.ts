/** CPU time and memory of a process with all its descendants, as /proc has them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';

export interface Memory {
  /** Resident memory of all processes added up; pages that they share count for each. */
  readonly rssMiB: number;
  /** The same, with each shared page counted once in all. */
  readonly pssMiB: number;
}

let ticksPerSecond: number | undefined;

/** A process and its descendants that live now, itself first. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** User and system time so far of a process, its descendants, and those of them that have ended and been waited for. */
export function cpuMsOf(pid: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  let ticks = 0;
  for (const each of processTree(pid)) {
    for (const field of statOf(each).slice(11, 15)) ticks += Number(field);
  }
  return (ticks / ticksPerSecond) * 1_000;
}

export function memoryOf(pid: number): Memory {
  let rssKiB = 0;
  let pssKiB = 0;
  for (const each of processTree(pid)) {
    const text = read(`/proc/${each}/smaps_rollup`);
    rssKiB += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    pssKiB += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return { rssMiB: rssKiB / 1_024, pssMiB: pssKiB / 1_024 };
}

/** A process, told apart from a later one with the same id. */
export interface Identity {
  readonly pid: number;
  readonly startTime: string;
}

export function identify(pid: number): Identity {
  return { pid, startTime: statOf(pid)[19] ?? '' };
}

export function isSame({ pid, startTime }: Identity): boolean {
  return startTime !== '' && identify(pid).startTime === startTime;
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Fields of /proc/PID/stat from the third one on, the state. The second, in parentheses, may have blanks in it. */
function statOf(pid: number): string[] {
  return read(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
}

/** Of all threads: a child belongs to the one that has started it. */
function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // It has ended.
    return [];
  }
  return threads.flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  );
}

/** Empty when the process has ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
