import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Failed } from '../outcome.ts';
import type { RuntimeImage } from '../runtime-image.ts';
import type { CellDuty, CellEnd, CellStatus, Freshness, SandboxFunction } from '../sandbox.ts';
import type { CellInvocation } from './cell-invocation.ts';
import { allowedBytes } from './ceiling.ts';
import type { CellGroup, GroupMaker } from './cgroup.ts';
import { Channel } from './channel.ts';
import { type FlightRecord, maxSlots } from './flight-record.ts';
import { type FrameReader, MalformedFrame } from './frame.ts';
import { FunctionShelf } from './function-shelf.ts';
import type { SpawnedCell } from './spawn-cell.ts';
import { Residents } from './residents.ts';
import { isRunnable, isStopped, mainThreadCpuMs, makeExpendable, ResidentSize } from './proc.ts';
import { mayRunOn, toCell, toFront, writeInvoke } from './protocol.ts';

/** Who has started a cell. */
export interface CellOwner {
  onReady(cell: CellProcess): void;
  /** Called every few seconds. */
  onTend(now: number): void;
  /** An invocation has ended, or lets others run. */
  onRoom(cell: CellProcess): void;
  onInvocationEnded(invocation: CellInvocation): void;
  /** The cell must not get new invocations; an isolate in it is out of control. */
  onPoisoned(cell: CellProcess, reason: Poisoning, culprit: CellInvocation | undefined): void;
  /** Called once. None of the invocations has been settled. */
  onEnd(cell: CellProcess, report: CellEndReport): void;
}

export type Poisoning = Extract<CellEnd, 'unstoppable' | 'catastrophe'>;

export interface CellEndReport {
  readonly reason: CellEnd;
  /** Whose code was the cause. */
  readonly culprit: CellInvocation | undefined;
  /** How the culprit's invocation ended by that. */
  readonly outcome: Failed;
  /** Invocations of which no code had run. */
  readonly unbegun: readonly CellInvocation[];
  /** All others. */
  readonly begun: readonly CellInvocation[];
  /** Last words. */
  readonly detail: string;
}

/** An invocation in this cell. */
interface Seat {
  readonly slot: number;
  readonly serial: number;
  readonly invocation: CellInvocation;
  /** It takes part in the race for the permit; false when it waits for something else. */
  isActive: boolean;
}

export interface CellSetUp {
  readonly groups: GroupMaker | undefined;
  /** The parts of the guest runtime, deflated. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly niceness: number;
}

/** Between the supervisor's ceiling and the kernel's. */
const groupMarginBytes = 128 * 2 ** 20;
const lastWordsLength = 4_096;
/** The kernel takes its time to take down a process of a gigabyte, and says only then how it ended. Deadlines hold meanwhile. */
const burialMs = 2_000;
/** Who has had more CPU time than this could have answered. */
const starvingCpuMs = 200;
/** Invocations that have ended are remembered for this many others: that an isolate cannot be stopped shows only afterwards. */
const rememberedEnds = 64;

/** What an invocation leaves of a cell, against one that makes an isolate and disposes of it. */
const wearOf: Readonly<Record<Freshness, number>> = { isolate: 1, context: 0.25, reuse: 0.01 };

/** The front's side of one cell: the process, its invocations, and what is known of its health. */
export class CellProcess {
  readonly id: number;
  duty: CellDuty = 'spare';
  /** How far it is worn by the invocations that it has been given. An isolate that was made and disposed of counts 1. */
  wear = 0;
  readonly startedAt = performance.now();
  /** When the last invocation ended, or it became ready. */
  idleSince = performance.now();
  residentBytes = 0;
  /** The size that it had before it ran anything. */
  baseBytes = 0;
  readonly #owner: CellOwner;
  readonly #spawned: SpawnedCell;
  readonly #child: ChildProcess;
  readonly #channel: Channel;
  readonly #record: FlightRecord;
  readonly #size: ResidentSize | undefined;
  #group: CellGroup | undefined;
  /** Resolves when it is in a group of its own, or cannot be. Until then it runs nobody's code. */
  readonly #grouped: Promise<void>;
  #groupLimit = Infinity;
  readonly #shelf: FunctionShelf;
  readonly #seats = new Map<number, Seat>();
  readonly #freeSlots: number[] = [];
  readonly #niceness: number;
  #slots = 0;
  #serials = 0;
  readonly #residents = new Residents();
  #state: CellStatus['state'] = 'starting';
  #lastWords = '';
  #hasEnded = false;
  #killedFor: { readonly reason: CellEnd; readonly outcome: Failed } | undefined;
  #isPoisoned = false;
  #poisoner: CellInvocation | undefined;
  #exitReason: CellEnd | undefined;
  #isDisconnected = false;
  #burial: NodeJS.Timeout | undefined;
  /** Serials of invocations that have ended, and whose isolates may still be running. */
  readonly #dying = new Set<number>();
  /** By serial. */
  readonly #endedLately = new Map<number, CellInvocation>();
  /** When the ping that has not been answered was sent. */
  #pingedAt: number | undefined;
  /** CPU time of its main thread at that moment. */
  #pingedAtCpuMs = 0;
  /** Resolves when the process is gone, and everything with it. */
  readonly gone: Promise<void>;
  #resolveGone!: () => void;

  constructor(id: number, spawned: SpawnedCell, owner: CellOwner, { parts, niceness, groups }: CellSetUp) {
    this.id = id;
    this.#owner = owner;
    this.#niceness = niceness;
    this.#spawned = spawned;
    this.#record = spawned.record;
    this.#child = spawned.child;
    const { pid } = this.#child;
    this.#size = pid === undefined ? undefined : new ResidentSize(pid);
    this.#grouped = this.#enterGroup(groups);
    this.#channel = new Channel(
      spawned.channel as Socket,
      (frame) => this.#receive(frame),
      (error) => this.#disconnected(error),
    );
    this.#shelf = new FunctionShelf(this.#channel);
    this.#listenToLastWords();
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#child.once('exit', (code, signal) => this.#exited(code, signal));
    this.#child.once('error', (error) => {
      // It could not be started.
      if (this.pid !== undefined) return;
      this.#lastWords = error.message;
      this.#exitReason = 'crashed';
      this.#end('crashed');
    });
    for (const [name, source] of parts) this.#channel.begin(toCell.part, 0).text(name).bytes(source).end();
    this.#channel.begin(toCell.init, 0).end();
  }

  get state(): CellStatus['state'] {
    return this.#state;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Invocations under way. */
  get invocations(): readonly CellInvocation[] {
    return Array.from(this.#seats.values(), ({ invocation }) => invocation);
  }

  /** Invocations under way, and those whose isolates may still be running. */
  get size(): number {
    return this.#seats.size + this.#dying.size;
  }

  /** Isolates in which something runs, or would if it were its turn. */
  get active(): number {
    return this.#residents.active + this.#dying.size;
  }

  /** Active invocations with which one of this version would share its isolate. */
  sharing(fn: SandboxFunction): number {
    return this.#residents.sharing(fn);
  }

  /** The function will not be called any more. */
  forget(fn: SandboxFunction): void {
    this.#shelf.forget(fn);
  }

  /** Gives it an invocation. */
  begin(invocation: CellInvocation, imageNumber: number, image: RuntimeImage, cache: Buffer | undefined): void {
    const { function: fn, request } = invocation.request;
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    this.#serials += 1;
    const seat: Seat = {
      slot,
      serial: this.#serials,
      invocation,
      isActive: true,
    };
    this.#seats.set(slot, seat);
    this.#residents.come(fn);
    this.#limitGroup();
    this.wear += wearOf[fn.freshness];
    invocation.begin({
      credit: (credit) => this.#channel.begin(toCell.credit, slot).count(credit).end(),
      cancel: () => this.#channel.begin(toCell.cancel, slot).end(),
      begin: (kind) => this.#channel.begin(kind, slot),
      files: this.#spawned.bodies,
      responses: this.#spawned.responses,
    });
    const functionNumber = this.#shelf.numberOf(fn, imageNumber, image, cache);
    writeInvoke(this.#channel.begin(toCell.invoke, slot), seat.serial, functionNumber, request);
  }

  get hasFreeSlot(): boolean {
    return this.#seats.size < maxSlots;
  }

  /** Versions that have invocations here. */
  hosts(isIt: (fn: SandboxFunction) => boolean): boolean {
    return this.#residents.hosts(isIt);
  }

  /** Versions of which invocations run here, or would if it were their turn. */
  runs(isIt: (fn: SandboxFunction) => boolean): boolean {
    return this.#residents.runs(isIt);
  }

  /** Takes no more invocations. */
  leave(): void {
    this.#state = 'leaving';
  }

  /** Gives back the invocations of which no code has run. The cell must have said that it will begin none any more. */
  takeBack(): CellInvocation[] {
    const taken: CellInvocation[] = [];
    for (const seat of this.#seats.values()) {
      if (!this.#isUnbegun(seat)) continue;
      this.#seats.delete(seat.slot);
      this.#residents.go(seat.invocation.request.function, seat.isActive);
      taken.push(seat.invocation);
    }
    return taken;
  }

  /** What its invocations and what they leave may take, beside what it began with. */
  get allowedBytes(): number {
    return allowedBytes(this.#residents.limits);
  }

  /** Looks how large it is. */
  measure(): void {
    this.residentBytes = (this.#size?.read() ?? 0) + (this.#hasEnded ? 0 : this.#spawned.fileBytes);
    if (this.baseBytes === 0) this.baseBytes = this.residentBytes;
  }

  /**
   * Asks it for a sign of life. Answers for how many milliseconds it has owed one.
   *
   * @param lagMs For how long the front itself could not listen.
   */
  ping(now: number, lagMs: number): number {
    if (this.#pingedAt === undefined) {
      this.#pingedAt = now;
      this.#pingedAtCpuMs = this.pid === undefined ? 0 : mainThreadCpuMs(this.pid);
      this.#channel.begin(toCell.ping, 0).end();
      return 0;
    }
    this.#pingedAt = Math.min(now, this.#pingedAt + lagMs);
    return now - this.#pingedAt;
  }

  /** Ends the process now. The invocation whose code is running, if any, ends with the outcome. */
  kill(reason: CellEnd, outcome: Failed = { kind: 'crashed' }): void {
    if (this.#killedFor !== undefined) return;
    this.#killedFor = { reason, outcome };
    this.#state = 'leaving';
    this.#spawned.setReferenced(true);
    this.#child.kill('SIGKILL');
    this.#bury(reason);
  }

  /** The invocation whose code it is running. */
  get running(): CellInvocation | undefined {
    const serial = this.#record.running;
    return serial === 0 ? undefined : this.#findBySerial(serial);
  }

  get isStopped(): boolean {
    return this.pid !== undefined && isStopped(this.pid);
  }

  /** It has hardly had the CPU since it was asked for a sign of life: others take all of it. */
  get isStarving(): boolean {
    const { pid } = this;
    return pid !== undefined && isRunnable(pid) && mainThreadCpuMs(pid) - this.#pingedAtCpuMs < starvingCpuMs;
  }

  describe(): CellStatus {
    const { id, pid, state, duty, residentBytes } = this;
    return { id, pid, state, duty, invocations: this.#seats.size, residentBytes };
  }

  #receive(frame: FrameReader): void {
    this.#pingedAt = undefined;
    const { kind, number } = frame;
    switch (kind) {
      case toFront.ready:
        void this.#grouped.then(() => this.#becomeReady());
        return undefined;
      case toFront.pong:
        return undefined;
      case toFront.unstoppable:
        return this.#poisoned('unstoppable', number);
      case toFront.catastrophe:
        return this.#poisoned('catastrophe', number);
      case toFront.gone:
        if (this.#dying.delete(number)) this.#rest();
        return undefined;
      case toFront.waiting:
        return this.#waits(this.#seat(number));
      default: {
        const seat = this.#seat(number);
        seat.invocation.receive(frame);
        return seat.invocation.isOver ? this.#vacate(seat) : undefined;
      }
    }
  }

  async #enterGroup(groups: GroupMaker | undefined): Promise<void> {
    const { pid } = this;
    if (pid !== undefined) this.#group = await groups?.create(`isohost-${process.pid}-${pid}`, pid);
  }

  #becomeReady(): void {
    if (this.#state !== 'starting') return;
    if (this.pid !== undefined) makeExpendable(this.pid, this.#niceness);
    this.measure();
    this.#state = 'ready';
    this.idleSince = performance.now();
    this.#owner.onReady(this);
  }

  #seat(slot: number): Seat {
    const seat = this.#seats.get(slot);
    if (seat === undefined) throw new MalformedFrame(`a frame about slot ${slot}, in which nothing is`);
    return seat;
  }

  #findBySerial(serial: number): CellInvocation | undefined {
    for (const seat of this.#seats.values()) if (seat.serial === serial) return seat.invocation;
    // It has been answered, but its isolate is still there.
    return this.#endedLately.get(serial);
  }

  #waits(seat: Seat): void {
    if (!seat.isActive) return;
    seat.isActive = false;
    this.#residents.rest(seat.invocation.request.function);
    this.#owner.onRoom(this);
  }

  #vacate(seat: Seat): void {
    this.#seats.delete(seat.slot);
    this.#freeSlots.push(seat.slot);
    this.#endedLately.set(seat.serial, seat.invocation);
    if (this.#endedLately.size > rememberedEnds) {
      const [oldest] = this.#endedLately.keys();
      this.#endedLately.delete(oldest!);
    }
    this.#residents.go(seat.invocation.request.function, seat.isActive);
    const { endedAs } = seat.invocation;
    if (endedAs !== undefined && mayRunOn(endedAs)) this.#dying.add(seat.serial);
    this.#owner.onInvocationEnded(seat.invocation);
    this.#rest();
  }

  #rest(): void {
    if (this.size === 0) this.idleSince = performance.now();
    this.#owner.onRoom(this);
  }

  #poisoned(reason: Poisoning, serial: number): void {
    if (this.#hasEnded) return;
    this.#state = 'leaving';
    this.#isPoisoned = true;
    this.#poisoner = this.#findBySerial(serial);
    this.#owner.onPoisoned(this, reason, this.#poisoner);
  }

  #listenToLastWords(): void {
    const { stderr } = this.#child;
    stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-lastWordsLength);
    });
    stderr?.on('error', () => {
      // What it said is lost; that it ended is not.
    });
  }

  /** Whatever it sent has been read. */
  #disconnected(error: Error | undefined): void {
    this.#isDisconnected = true;
    if (error instanceof MalformedFrame) {
      this.#lastWords = error.message;
      this.kill('malformed');
    }
    this.#endWhenGone();
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#lastWords === '') this.#lastWords = signal === null ? `exit code ${code}` : signal;
    this.#exitReason =
      signal !== 'SIGKILL' ? 'crashed' : this.#group?.hasKilled() === true ? 'exceededMemory' : 'killed';
    this.#endWhenGone();
    if (this.#hasEnded) this.#removed();
  }

  /** Answers that it sent before its end are read first. */
  #endWhenGone(): void {
    if (this.#hasEnded) return;
    const reason = this.#killedFor?.reason ?? this.#exitReason;
    if (reason !== undefined && this.#isDisconnected) this.#end(reason);
    // A process that has closed its end of the channel is about to exit. Should it not, it is of no more use.
    else if (this.#exitReason === undefined) this.#bury('crashed');
    else this.#bury(this.#exitReason);
  }

  #bury(reason: CellEnd): void {
    this.#burial ??= setTimeout(() => {
      if (this.#exitReason === undefined) this.#child.kill('SIGKILL');
      this.#end(this.#killedFor?.reason ?? reason);
    }, burialMs);
  }

  #end(reason: CellEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#state = 'leaving';
    clearTimeout(this.#burial);
    const report = this.#report(reason);
    this.#seats.clear();
    this.#residents.clear();
    this.#endedLately.clear();
    this.#channel.close();
    this.#child.stderr?.destroy();
    this.#size?.close();
    this.#spawned.closeFiles();
    this.#owner.onEnd(this, report);
    if (this.#exitReason !== undefined) this.#removed();
  }

  /** It has ended, and its process has exited. */
  #removed(): void {
    void this.#grouped.then(() => {
      this.#group?.remove();
      this.#resolveGone();
    });
  }

  #report(found: CellEnd): CellEndReport {
    // Whose code runs in a poisoned cell has not poisoned it.
    const running = this.#isPoisoned ? this.#poisoner : this.running;
    const limits = running?.request.function.limits;
    const grownMiB = (this.residentBytes - this.baseBytes) / 2 ** 20;
    // The kernel kills for memory by the same signal as anybody, and V8 aborts for it as for anything else: the size tells.
    const isLarge = grownMiB > (limits?.memoryMiB ?? Infinity) || found === 'exceededMemory';
    const isFull = limits !== undefined && isLarge && this.#killedFor === undefined;
    const reason = isFull ? 'exceededMemory' : found;
    const outcome: Failed = isFull
      ? {
          kind: 'exceededMemory',
          breach: { limit: 'memoryMiB', allowed: limits.memoryMiB, used: Math.round(grownMiB) },
        }
      : (this.#killedFor?.outcome ?? { kind: 'crashed' });
    const culprit = reason === 'recycled' || reason === 'killed' ? undefined : running;
    const unbegun: CellInvocation[] = [];
    const begun: CellInvocation[] = [];
    for (const seat of this.#seats.values()) {
      const { invocation } = seat;
      if (invocation === culprit || invocation.isOver) continue;
      (this.#isUnbegun(seat) ? unbegun : begun).push(invocation);
    }
    return { reason, culprit, outcome, unbegun, begun, detail: gist(this.#lastWords) };
  }

  #isUnbegun({ slot, serial, invocation }: Seat): boolean {
    return !invocation.isAnswered && !this.#record.hasBegun(slot, serial);
  }

  /** The kernel's limit is above the supervisor's, which knows whose fault it is. It is written only when it has to grow. */
  #limitGroup(): void {
    if (this.#group === undefined) return;
    const bytes = this.baseBytes + this.allowedBytes + groupMarginBytes;
    if (bytes <= this.#groupLimit && this.#groupLimit !== Infinity) return;
    this.#groupLimit = bytes * 1.25;
    this.#group.limit(this.#groupLimit);
  }
}

/** What V8 says before it aborts is in the first line with "Fatal", what an error says in one that begins with its name and goes on with a place. */
function gist(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const fatal = lines.findIndex((line) => /fatal/i.test(line));
  const error = lines.findIndex((line) => /^\w*Error\b/.test(line));
  const found = fatal >= 0 ? [lines[fatal]] : error >= 0 ? lines.slice(error, error + 2) : [lines.findLast(Boolean)];
  return found.join(' ').slice(0, 400);
}
