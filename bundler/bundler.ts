import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { processTree, readTreeCpuMs, readTreeMemory } from './process-tree.ts';
import { BundleError, type BundleOutput, type BundleRequest } from './types.ts';
import type { WorkerReply } from './worker.ts';

export interface Bundler {
  /**
   * Bundles one function.
   *
   * @throws BundleError when the function is at fault: its code, its size, or the time and memory that it takes to bundle.
   */
  bundle(request: BundleRequest): Promise<BundleOutput>;
  /** Ends the processes that do the work. Bundlings under way reject. */
  close(): Promise<void>;
}

export interface BundlerOptions {
  /** Bundlings at once, each in a process of its own. Default 2. */
  readonly workers?: number;
  /** Memory of one such process together with esbuild's. Default 1 GiB. Enforced on Linux. */
  readonly memoryBytes?: number;
  /** A process with nothing to do ends after this time. Default 5,000. */
  readonly idleMs?: number;
}

/** The bundler was closed before it had done what was asked of it. */
export class BundlerClosed extends Error {
  override readonly name = 'BundlerClosed';

  constructor() {
    super('the bundler was closed');
  }
}

interface Task {
  readonly request: BundleRequest;
  readonly resolve: (output: BundleOutput) => void;
  readonly reject: (error: Error) => void;
}

interface Worker {
  readonly child: ChildProcess;
  task: Task | undefined;
  /** When it was given its task. */
  busySince: number;
  timers: NodeJS.Timeout[];
}

const workerFile = fileURLToPath(
  new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);
const memoryCheckMs = 50;
const minLookMs = 20;
/** How many times its limit a bundling may take while it gets no CPU time. */
const maxPatience = 6;
/** A bundling that takes longer than this must not hold up the others: for some of them, further processes are started. */
const slowMs = 1_000;
const maxSlow = 4;
/** What a process of a gigabyte may take to go, and its parent to take note of it. */
const reapMs = 500;

/**
 * Runs esbuild in processes of its own. Sources are hostile: a file can be built so that a parser takes minutes or gigabytes, and the
 * only sure way to stop that is to kill the process. It also leaves alone the esbuild that an embedding application may use itself.
 */
export function createBundler({
  workers: maxWorkers = 2,
  memoryBytes = 2 ** 30,
  idleMs = 5_000,
}: BundlerOptions = {}): Bundler {
  const queue: Task[] = [];
  const workers = new Set<Worker>();
  /** Exits to come, of workers that were let go too. */
  const exits = new Set<Promise<void>>();
  let isClosed = false;
  let lookAgain: NodeJS.Timeout | undefined;

  function dispatch(): void {
    clearTimeout(lookAgain);
    while (queue.length > 0) {
      const worker = [...workers].find(({ task }) => task === undefined) ?? (hasPlace() ? start() : undefined);
      if (worker === undefined) {
        lookAgain = setTimeout(dispatch, slowMs);
        return;
      }
      run(worker, queue.shift()!);
    }
  }

  function hasPlace(): boolean {
    const now = performance.now();
    const slow = [...workers].filter(({ busySince }) => now - busySince >= slowMs).length;
    return workers.size - Math.min(slow, maxSlow) < maxWorkers;
  }

  function start(): Worker {
    const child = fork(workerFile, {
      detached: true,
      // Functions are data here: nothing of the host's environment or flags is needed to read them.
      env: {},
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const worker: Worker = { child, task: undefined, busySince: 0, timers: [] };
    workers.add(worker);
    child.on('message', (reply: WorkerReply) => finish(worker, reply));
    child.on('error', (error) => lose(worker, error));
    child.on('exit', (code, reason) => lose(worker, new Error(`the bundler's process ended (${reason ?? code})`)));
    const exit = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    exits.add(exit);
    void exit.then(() => exits.delete(exit));
    return worker;
  }

  function run(worker: Worker, task: Task): void {
    clearTimers(worker);
    worker.task = task;
    worker.busySince = performance.now();
    setReferenced(worker, true);
    const { name } = task.request;
    guardTime(worker, task.request);
    const watch = setInterval(() => {
      if (readTreeMemory(worker.child.pid!) <= memoryBytes) return;
      stop(worker, limitError(name, `bundling took over ${Math.round(memoryBytes / 2 ** 20)} MiB of memory`));
    }, memoryCheckMs);
    worker.timers.push(watch);
    worker.child.send(task.request);
  }

  /** What a bundling waits for others to leave the CPU is not held against it, unless that becomes very long. */
  function guardTime(worker: Worker, { name, limits }: BundleRequest): void {
    const pid = worker.child.pid!;
    const cpuBefore = readTreeCpuMs(pid);
    const look = (): void => {
      const wallMs = performance.now() - worker.busySince;
      const cpuMs = cpuBefore === undefined ? undefined : readTreeCpuMs(pid);
      const usedMs = cpuMs === undefined ? wallMs : Math.min(wallMs, cpuMs - cpuBefore!);
      const leftMs = Math.min(limits.timeMs - usedMs, limits.timeMs * maxPatience - wallMs);
      if (leftMs <= 0) stop(worker, limitError(name, `bundling took over ${limits.timeMs} ms`));
      else worker.timers.push(setTimeout(look, Math.max(minLookMs, leftMs)));
    };
    look();
  }

  function finish(worker: Worker, reply: WorkerReply): void {
    const { task } = worker;
    if (task === undefined) return;
    clearTimers(worker);
    worker.task = undefined;
    if (readTreeMemory(worker.child.pid!) > memoryBytes / 4) {
      // esbuild keeps the memory that a large input took; the next input must not be blamed for it.
      retire(worker);
    } else {
      setReferenced(worker, false);
      const idle = setTimeout(() => retire(worker), idleMs);
      idle.unref();
      worker.timers.push(idle);
    }
    if ('output' in reply) task.resolve(reply.output);
    else if ('refused' in reply)
      task.reject(new BundleError(reply.refused.code, task.request.name, reply.refused.messages));
    else if (/The service (?:was stopped|is no longer running)/.test(reply.failed)) {
      // esbuild's process died: on input that its parser cannot bear (nesting that overflows its stack, for example).
      kill(worker);
      task.reject(limitError(task.request.name, 'esbuild gave up on the sources: they are nested too deeply'));
    } else task.reject(new Error(`bundling ${task.request.name} failed: ${reply.failed}`));
    dispatch();
  }

  function stop(worker: Worker, error: Error): void {
    const { task } = worker;
    worker.task = undefined;
    kill(worker);
    task?.reject(error);
    dispatch();
  }

  function lose(worker: Worker, error: Error): void {
    if (!workers.has(worker)) return;
    stop(worker, error);
  }

  /** Lets a worker without work end by itself. */
  function retire(worker: Worker): void {
    forget(worker);
    if (worker.child.connected) worker.child.disconnect();
  }

  /**
   * Ends a worker whatever it is doing: esbuild's process first, so that its parent takes note of its end, then the whole group.
   */
  function kill(worker: Worker): void {
    forget(worker);
    const { pid } = worker.child;
    if (pid === undefined) return;
    for (const member of processTree(pid)) if (member !== pid) signal(member);
    setTimeout(() => {
      // With the sign, the group. Where there are no groups, the worker: esbuild ends when its input closes.
      if (!signal(-pid)) worker.child.kill('SIGKILL');
    }, reapMs).unref();
  }

  function forget(worker: Worker): void {
    clearTimers(worker);
    workers.delete(worker);
  }

  return {
    bundle: (request) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new BundlerClosed();
        queue.push({ request, resolve, reject });
        dispatch();
      }),
    async close() {
      isClosed = true;
      clearTimeout(lookAgain);
      const closed = new BundlerClosed();
      for (const task of queue.splice(0)) task.reject(closed);
      for (const worker of workers) {
        const { task } = worker;
        worker.task = undefined;
        if (task === undefined) retire(worker);
        else kill(worker);
        task?.reject(closed);
      }
      // Waiting for an exit does not keep the process alive by itself.
      const alive = setInterval(() => {}, 1_000);
      await Promise.all(exits);
      clearInterval(alive);
    },
  };
}

function signal(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already, or there is no such group.
    return false;
  }
}

function limitError(name: string, text: string): BundleError {
  return new BundleError('ISOHOST_BUNDLE_LIMIT', name, [{ text, location: undefined, frame: undefined }]);
}

function clearTimers(worker: Worker): void {
  for (const timer of worker.timers) clearTimeout(timer);
  worker.timers = [];
}

/** An idle worker must not keep the process alive; a busy one must. */
function setReferenced({ child }: Worker, isBusy: boolean): void {
  if (isBusy) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}
