import { createCodeCacheMaker } from '../code-cache.ts';
import { keepCodeCaches } from '../kept-caches.ts';
import { maxMessagesUnderWay } from '../mailbox.ts';
import type { OutcomeKind } from '../outcome.ts';
import { createEgressService } from '../egress/service.ts';
import { type RuntimeImage, RuntimeImages, type RuntimeSources } from '../runtime-image.ts';
import type { Failed } from '../outcome.ts';
import type { InvocationRequest, Sandbox, SandboxFunction, SandboxHooks, SandboxStatus } from '../sandbox.ts';
import { cellEngineFlags } from './cell-command.ts';
import { CellInvocation } from './cell-invocation.ts';
import { type CellEndReport, type CellOwner, type CellProcess, type Poisoning } from './cell-process.ts';
import { Conduct } from './conduct.ts';
import { Crew } from './crew.ts';
import { place, type Placement, type PlacementRules } from './placement.ts';
import { Presence } from './presence.ts';
import type { SpawnedCell } from './spawn-cell.ts';
import type { StorageService } from '../storage/service.ts';
import type { Outside } from './traffic.ts';
import { Supervisor } from './supervisor.ts';

/** One runs, the next is on its way: more would have to stay where others may be served sooner. */
const windowOfCell = 2;
/** Some enter the isolate together, the next are on their way. */
const windowOfIsolate = 4 * maxMessagesUnderWay;
/** An invocation whose cells are lost again and again is given up; something else than itself must be wrong. */
const maxReruns = 3;
const retryAfterSeconds = 1;
/** Endings that say nothing against a function. */
const clean: ReadonlySet<OutcomeKind> = new Set(['ok', 'exception', 'canceled', 'requestTooLarge', 'overloaded']);
/** In a poisoned cell, others may finish in this time. */
const lastOrdersMs = 500;

/**
 * A sandbox of cells: processes that hold the isolates. Whatever hostile code does to its process, it is not this one; the process is
 * replaced, and invocations that it held are run again where none of their code had run.
 */
export function createCellSandbox(
  sources: RuntimeSources,
  cells: number,
  hooks: SandboxHooks,
  storage: StorageService,
  cacheFolder?: string,
  firstCell?: SpawnedCell,
): Sandbox {
  return new CellSandbox(sources, cells, hooks, storage, cacheFolder, firstCell);
}

class CellSandbox implements Sandbox, CellOwner {
  readonly #hooks: SandboxHooks;
  readonly #images: RuntimeImages;
  readonly #imageNumbers = new Map<RuntimeImage, number>();
  readonly #ready = new WeakMap<SandboxFunction, RuntimeImage>();
  readonly #conduct = new Conduct();
  readonly #presence = new Presence();
  readonly #crew: Crew;
  readonly #supervisor: Supervisor;
  readonly #outside: Outside;
  readonly #rules: PlacementRules;
  /** Invocations without a cell: their image is being made, or there was no room. */
  readonly #waiting = new Set<CellInvocation>();
  readonly #underWay = new Set<CellInvocation>();
  /** Cells that must go as soon as nobody is in them whom it would hurt. */
  readonly #poisonings = new WeakMap<CellProcess, Poisoning>();
  #isClosed = false;

  constructor(
    sources: RuntimeSources,
    cells: number,
    hooks: SandboxHooks,
    storage: StorageService,
    cacheFolder: string | undefined,
    firstCell: SpawnedCell | undefined,
  ) {
    this.#hooks = hooks;
    this.#outside = { egress: createEgressService(), storage };
    const maker = createCodeCacheMaker(cellEngineFlags);
    const keeper =
      cacheFolder === undefined ? maker : keepCodeCaches(maker, cacheFolder, () => cellEngineFlags.join(' '));
    this.#images = new RuntimeImages(sources, keeper);
    const parts = new Map(Object.entries(sources.parts).map(([name, data]) => [name, Buffer.from(data, 'base64')]));
    this.#crew = new Crew(cells, this, parts, firstCell);
    this.#supervisor = new Supervisor(this.#crew.cells);
    const presence = this.#presence;
    this.#rules = {
      get maxBusy() {
        return presence.count(performance.now()) > 1 ? halfOf(cells) : Infinity;
      },
      window: windowOfCell,
      sharedWindow: windowOfIsolate,
      tenantShare: (count) => (hooks.tenants() > 1 ? halfOf(count) : count),
      standing: (fn) => this.#conduct.standing(fn, performance.now()),
      // With nobody else there, nobody has to be kept apart.
      isQuarantined: (tenant) => hooks.tenants() > 1 && this.#conduct.isQuarantined(tenant),
    };
  }

  async prepare(fn: SandboxFunction): Promise<void> {
    const image = await this.#images.for(fn);
    if (!this.#imageNumbers.has(image)) this.#imageNumbers.set(image, this.#imageNumbers.size + 1);
    this.#ready.set(fn, image);
    // Cells that know the function already get it once more, with the cache.
    void this.#images.compileAhead(fn).then((isNew) => isNew && this.forget(fn));
  }

  hasRoom(fn: SandboxFunction): boolean {
    if (!this.#ready.has(fn) || this.#conduct.suspendedFor(fn, performance.now()) > 0) return true;
    return this.#waiting.size === 0 && this.#place(fn).cell !== undefined;
  }

  invoke(request: InvocationRequest): CellInvocation {
    const invocation = new CellInvocation(request, this.#outside, () => this.#forget(invocation));
    if (this.#isClosed) {
      invocation.settle({ kind: 'canceled' });
      return invocation;
    }
    this.#presence.called(request.function.tenant, performance.now());
    this.#underWay.add(invocation);
    this.#waiting.add(invocation);
    this.#supervisor.wake();
    if (this.#ready.has(request.function)) this.#seatWaiting();
    else void this.prepare(request.function).then(() => this.#seatWaiting());
    return invocation;
  }

  forget(fn: SandboxFunction): void {
    for (const cell of this.#crew.cells) cell.forget(fn);
  }

  status(): SandboxStatus {
    const cells = this.#crew.cells.map((cell) => cell.describe());
    return {
      isolates: this.#underWay.size - this.#waiting.size,
      stuckIsolates: 0,
      cells,
      suspendedVersions: this.#conduct.suspended(performance.now()),
      quarantinedTenants: this.#conduct.quarantined,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const invocation of this.#underWay) invocation.settle({ kind: 'canceled' });
    this.#underWay.clear();
    this.#waiting.clear();
    this.#supervisor.stop();
    await Promise.all([this.#crew.close(), this.#images.close()]);
    await this.#outside.egress.close();
  }

  // CellOwner

  onReady(): void {
    this.#roomMade();
    this.#crew.complete();
  }

  onTend(now: number): void {
    for (const tenant of this.#conduct.release(now)) this.#hooks.onEvent({ kind: 'released', tenant });
  }

  onRoom(cell: CellProcess): void {
    const poisoning = this.#poisonings.get(cell);
    if (poisoning !== undefined && cell.invocations.length === 0) cell.kill(poisoning);
    if (cell.size === 0) this.#crew.afterInvocation(cell);
    this.#roomMade();
  }

  onInvocationEnded(invocation: CellInvocation): void {
    this.#forget(invocation);
    void invocation.ended.then(({ outcome: { kind } }) => {
      this.#conduct.invocationEnded(invocation.request.function, clean.has(kind));
    });
  }

  onPoisoned(cell: CellProcess, reason: Poisoning, culprit: CellInvocation | undefined): void {
    if (culprit !== undefined) this.#blame(culprit.request.function);
    this.#crew.replace(cell);
    for (const invocation of cell.takeBack()) this.#waitAgain(invocation);
    this.#poisonings.set(cell, reason);
    setTimeout(() => cell.kill(reason), lastOrdersMs).unref();
    this.onRoom(cell);
  }

  onEnd(cell: CellProcess, report: CellEndReport): void {
    this.#crew.remove(cell);
    if (this.#isClosed) return;
    const { culprit, outcome, unbegun, begun, reason, detail } = report;
    if (culprit !== undefined) {
      if (reason !== 'unstoppable' && reason !== 'catastrophe') this.#blame(culprit.request.function);
      this.#settle(culprit, outcome);
    }
    for (const invocation of begun) this.#settle(invocation, { kind: 'cellLost', retryAfterSeconds });
    let rerun = 0;
    for (const invocation of unbegun) {
      if (this.#waitAgain(invocation)) rerun += 1;
    }
    this.#hooks.onEvent({
      kind: 'cellEnded',
      cell: cell.id,
      reason,
      culprit: culprit?.request.function.key,
      rerun,
      lost: begun.length,
      detail,
    });
    this.#roomMade();
  }

  /** Runs an invocation anew of which no code has run; answers whether it does. */
  #waitAgain(invocation: CellInvocation): boolean {
    if (invocation.reruns >= maxReruns) {
      this.#settle(invocation, { kind: 'cellLost', retryAfterSeconds });
      return false;
    }
    invocation.takeBack();
    this.#waiting.add(invocation);
    return true;
  }

  #settle(invocation: CellInvocation, outcome: Failed): void {
    this.#forget(invocation);
    invocation.settle(outcome);
  }

  #forget(invocation: CellInvocation): void {
    this.#waiting.delete(invocation);
    this.#underWay.delete(invocation);
    if (this.#underWay.size === 0) this.#supervisor.rest();
  }

  #blame(fn: SandboxFunction): void {
    const now = performance.now();
    const suspension = this.#conduct.strike(fn, now);
    if (suspension !== undefined) this.#hooks.onEvent({ kind: 'suspended', function: fn.key, ...suspension });
    if (this.#conduct.loss(fn.tenant, now)) this.#hooks.onEvent({ kind: 'quarantined', tenant: fn.tenant });
  }

  #roomMade(): void {
    this.#seatWaiting();
    if (this.#waiting.size === 0) this.#hooks.onRoom();
  }

  /** In the order of their coming; those that find no room do not hold up the others. */
  #seatWaiting(): void {
    const now = performance.now();
    for (const invocation of this.#waiting) {
      const { function: fn } = invocation.request;
      const image = this.#ready.get(fn);
      if (image === undefined) continue;
      const suspendedMs = this.#conduct.suspendedFor(fn, now);
      if (suspendedMs > 0) {
        this.#settle(invocation, { kind: 'suspended', retryAfterSeconds: Math.ceil(suspendedMs / 1_000) });
        continue;
      }
      const { cell, duty } = this.#place(fn);
      if (cell === undefined) continue;
      this.#waiting.delete(invocation);
      this.#crew.assign(cell, duty);
      cell.begin(invocation, this.#imageNumbers.get(image)!, image, this.#images.bundleCache(fn));
    }
  }

  #place(fn: SandboxFunction): Placement<CellProcess> {
    const placement = place(fn, this.#crew.cells, this.#rules);
    if (placement.isShort) this.#crew.wantMore();
    return placement;
  }
}

function halfOf(cells: number): number {
  return Math.max(1, Math.floor(cells / 2));
}
