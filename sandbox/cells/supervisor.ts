import type { CellProcess } from './cell-process.ts';

const mebibyte = 2 ** 20;
const tickMs = 10;
const ticksPerPing = 10;
/** A cell that owes a sign of life for this long is not busy but stuck. */
const patienceMs = 1_000;
/** When it does not get the CPU: the limits of the invocations in it end them meanwhile, and the front answers. */
const starvedPatienceMs = 30_000;
/** When an invocation is past its time as well, less is enough. */
const shortPatienceMs = 200;

/** Watches over cells while invocations are under way: their memory, and whether they still answer. */
export class Supervisor {
  readonly #cells: readonly CellProcess[];
  #interval: NodeJS.Timeout | undefined;
  #lastTickAt = 0;
  #ticks = 0;

  constructor(cells: readonly CellProcess[]) {
    this.#cells = cells;
  }

  wake(): void {
    if (this.#interval !== undefined) return;
    this.#lastTickAt = performance.now();
    this.#interval = setInterval(() => this.#tick(), tickMs);
  }

  /** Nothing is under way. */
  rest(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  stop(): void {
    this.rest();
  }

  #tick(): void {
    const now = performance.now();
    // What this process did not hear while it was busy itself, nobody can be blamed for.
    const lagMs = Math.max(0, now - this.#lastTickAt - tickMs);
    this.#lastTickAt = now;
    this.#ticks += 1;
    const isPing = this.#ticks % ticksPerPing === 0;
    for (const cell of this.#cells) {
      if (cell.size === 0) continue;
      if (cell.active > 0) this.#checkMemory(cell);
      if (isPing) this.#checkPulse(cell, now, lagMs);
    }
  }

  #checkMemory(cell: CellProcess): void {
    cell.measure();
    if (cell.residentBytes <= cell.baseBytes + cell.allowedBytes) return;
    const limits = cell.running?.request.function.limits;
    if (limits === undefined) {
      cell.kill('exceededMemory');
      return;
    }
    const used = Math.round((cell.residentBytes - cell.baseBytes) / mebibyte);
    cell.kill('exceededMemory', {
      kind: 'exceededMemory',
      breach: { limit: 'memoryMiB', allowed: limits.memoryMiB, used },
    });
  }

  #checkPulse(cell: CellProcess, now: number, lagMs: number): void {
    const owedMs = cell.ping(now, lagMs);
    if (owedMs < shortPatienceMs) return;
    const { running } = cell;
    const limits = running?.request.function.limits;
    const wallTimeMs = running === undefined ? 0 : now - running.startedAt;
    const isLate = limits !== undefined && wallTimeMs > limits.wallTimeMs;
    if (owedMs < patienceMs && !isLate) return;
    // On a machine that is far too busy, a cell that does not get the CPU is not to blame, nor is whose code is in it.
    if (!isLate && owedMs < starvedPatienceMs && cell.isStarving) return;
    if (cell.isStopped) cell.kill('killed');
    else if (isLate) {
      cell.kill('unresponsive', {
        kind: 'exceededWallTime',
        breach: { limit: 'wallTimeMs', allowed: limits.wallTimeMs, used: wallTimeMs },
      });
    } else cell.kill('unresponsive');
  }
}
