import type { CellDuty } from '../sandbox.ts';
import { CellProcess, type CellOwner } from './cell-process.ts';
import { findGroups } from './cgroup.ts';
import { SpawnedCell } from './spawn-cell.ts';

/** Solo cells per shared one, beside which one more is kept ready. */
const soloPerShared = 2;
const minSolo = 3;
/** A further solo cell that nobody needed for this time goes. */
const idleMs = 30_000;
const maxAgeMs = 3_600_000;
/** Isolates that were made in it and disposed of. */
const maxWear = 5_000;
/** Memory over what a cell began with that it may keep when nothing runs in it. */
const maxKeptBytes = 256 * 2 ** 20;
/** A process that cannot be started at all must not be tried without a pause. */
const restartPauseMs = 1_000;
const tendMs = 5_000;
/** Whoever serves the clients goes before whoever runs the functions. */
const niceness = 5;

/** All cells of a sandbox: how many there are, what for, and when they are replaced. */
export class Crew {
  /** Those that live; the front forgets a cell when it has ended. */
  readonly cells: CellProcess[] = [];
  readonly #shared: number;
  readonly #maxSolo: number;
  readonly #owner: CellOwner;
  readonly #parts: ReadonlyMap<string, Uint8Array>;
  readonly #groups = findGroups();
  readonly #tending: NodeJS.Timeout;
  readonly #ends = new Set<Promise<void>>();
  #ids = 0;
  #failures = 0;
  #isClosed = false;
  #restart: NodeJS.Timeout | undefined;
  #isComplete = false;

  /** @param first A cell that has been started already. */
  constructor(
    shared: number,
    owner: CellOwner,
    parts: ReadonlyMap<string, Uint8Array>,
    first: SpawnedCell | undefined,
  ) {
    this.#shared = shared;
    this.#maxSolo = Math.max(minSolo, shared * soloPerShared);
    this.#owner = owner;
    this.#parts = parts;
    // The one that the first call goes to, whose function is new. It has the CPUs to itself until it is there.
    if (first?.isGone === true) void first.discard();
    this.#start('spare', first?.isGone === false ? first : undefined);
    this.#tending = setInterval(() => this.#tend(), tendMs);
    this.#tending.unref();
  }

  /** Starts all others that there should be, once: one by one, since what waits for the first goes before them. */
  complete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    const next = (): void => {
      if (this.#isClosed || this.#count(isShared) >= this.#shared) return;
      this.#start('shared');
      setImmediate(next);
    };
    setImmediate(next);
  }

  /** Puts a cell to a duty. */
  assign(cell: CellProcess, duty: CellDuty): void {
    if (cell.duty === duty) return;
    cell.duty = duty;
    this.#fill();
  }

  /** Somebody found no cell that may run alone. */
  wantMore(): void {
    if (this.#isClosed || this.#count(isSolo) >= this.#maxSolo) return;
    if (this.cells.some((cell) => cell.state === 'starting')) return;
    this.#start('spare');
  }

  /** A cell takes no more invocations: another one takes its place. */
  replace(cell: CellProcess): void {
    cell.leave();
    this.#fill();
  }

  afterInvocation(cell: CellProcess): void {
    if (cell.size > 0) return;
    if (cell.state === 'leaving') {
      cell.kill('recycled');
      return;
    }
    if (cell.duty === 'solo') cell.duty = 'spare';
    this.#recycleIfWorn(cell);
  }

  /** A cell has ended. */
  remove(cell: CellProcess): void {
    const index = this.cells.indexOf(cell);
    if (index !== -1) this.cells.splice(index, 1);
    // One that ended before it had served anybody may be one of many that will.
    this.#failures = cell.wear === 0 && cell.state !== 'ready' ? this.#failures + 1 : 0;
    this.complete();
    this.#fill();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#tending);
    clearTimeout(this.#restart);
    for (const cell of this.cells) cell.kill('recycled');
    await Promise.all(this.#ends);
  }

  #start(duty: CellDuty, spawned = new SpawnedCell()): void {
    this.#ids += 1;
    const setUp = { parts: this.#parts, niceness, groups: this.#groups };
    const cell = new CellProcess(this.#ids, spawned, this.#owner, setUp);
    cell.duty = duty;
    this.cells.push(cell);
    this.#ends.add(cell.gone);
    void cell.gone.then(() => this.#ends.delete(cell.gone));
  }

  /** Makes up for cells that are missing. */
  #fill(): void {
    if (this.#isClosed) return;
    if (this.#failures > 3) {
      this.#restart ??= setTimeout(() => {
        this.#restart = undefined;
        this.#failures = 0;
        this.#fill();
      }, restartPauseMs);
      return;
    }
    while (this.#count(isShared) < this.#shared) {
      const spare = this.cells.find((cell) => cell.duty === 'spare' && cell.isReady && cell.size === 0);
      if (spare === undefined) this.#start('shared');
      else spare.duty = 'shared';
    }
    const isSpare = (cell: CellProcess): boolean => cell.duty === 'spare' && cell.state !== 'leaving';
    if (this.#count(isSpare) === 0 && this.#count(isSolo) < this.#maxSolo) this.#start('spare');
  }

  #tend(): void {
    const now = performance.now();
    this.#owner.onTend(now);
    for (const cell of this.cells) {
      if (!cell.isReady) continue;
      // Under steady load a cell is never idle: it takes no more, and goes when those in it are done.
      if (cell.size > 0 && isWorn(cell, now)) this.replace(cell);
      else if (cell.size === 0) this.#recycleIfWorn(cell);
    }
    const spares = this.cells.filter((cell) => cell.duty === 'spare' && cell.isReady && cell.size === 0);
    for (const cell of spares.slice(1)) if (now - cell.idleSince > idleMs) cell.kill('recycled');
  }

  #recycleIfWorn(cell: CellProcess): void {
    cell.measure();
    if (isWorn(cell, performance.now())) cell.kill('recycled');
  }

  #count(isIt: (cell: CellProcess) => boolean): number {
    return this.cells.filter(isIt).length;
  }
}

function isShared(cell: CellProcess): boolean {
  return cell.duty === 'shared' && cell.state !== 'leaving';
}

function isSolo(cell: CellProcess): boolean {
  return (cell.duty === 'solo' || cell.duty === 'spare' || cell.duty === 'quarantine') && cell.state !== 'leaving';
}

/** Memory that invocations have right now does not count. */
function isWorn(cell: CellProcess, now: number): boolean {
  const keptBytes = cell.residentBytes - cell.baseBytes - (cell.size === 0 ? 0 : cell.allowedBytes);
  return cell.wear >= maxWear || now - cell.startedAt > maxAgeMs || keptBytes > maxKeptBytes;
}
