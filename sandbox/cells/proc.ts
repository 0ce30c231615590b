/** What Linux tells about a process; other systems tell nothing, and isohost does without. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const pageBytes = 4_096;
const retryMs = 150;

/** Reads the resident size of a process again and again. */
export class ResidentSize {
  readonly #file: number | undefined;
  readonly #text = Buffer.alloc(128);

  constructor(pid: number) {
    this.#file = open(`/proc/${pid}/statm`);
  }

  /** 0 when the process is gone, or the system does not tell. */
  read(): number {
    if (this.#file === undefined) return 0;
    try {
      const length = readSync(this.#file, this.#text, 0, this.#text.length, 0);
      return Number(this.#text.toString('latin1', 0, length).split(' ')[1] ?? 0) * pageBytes;
    } catch {
      // ESRCH: the process has ended.
      return 0;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

/** Whether somebody has stopped the process with a signal or a debugger. */
export function isStopped(pid: number): boolean {
  return ['T', 't'].includes(stateOf(pid));
}

/** Whether its main thread would run, or go on with what it reads, if the machine let it. */
export function isRunnable(pid: number): boolean {
  return ['R', 'D'].includes(stateOf(pid));
}

/** CPU time that its main thread has had, in milliseconds; 0 where the system does not tell. */
export function mainThreadCpuMs(pid: number): number {
  // Of the main thread alone, where `stat` has the sums of all threads.
  const [cpuNs] = read(`/proc/${pid}/schedstat`).split(' ');
  return Number(cpuNs ?? 0) / 1_000_000;
}

function stateOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

/**
 * Makes the kernel give way: the process gets the CPU when others do not need it, is the first to go when the machine is out of memory,
 * and leaves no core file behind when it crashes.
 */
export function makeExpendable(pid: number, niceness: number): void {
  for (const task of [pid, ...listTasks(pid)]) {
    try {
      setPriority(task, niceness);
    } catch {
      // A thread that has ended meanwhile, or a system that does not let us.
    }
  }
  lowerSession(pid, niceness);
  write(`/proc/${pid}/oom_score_adj`, '1000');
  write(`/proc/${pid}/coredump_filter`, '0');
}

/** Where the kernel shares out the CPU by sessions first, priorities count only within one. It lets ordinary users change few at a time. */
function lowerSession(pid: number, niceness: number, attempts = 20): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || attempts === 0) return;
    setTimeout(() => lowerSession(pid, niceness, attempts - 1), retryMs).unref();
  }
}

function listTasks(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function open(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    // Not every system has it, and not every container lets us: the process works all the same.
  }
}
