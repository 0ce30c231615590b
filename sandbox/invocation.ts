import { Allowance, type CpuLimit, maxFreeWaitMs, type WallLimit } from './allowance.ts';
import type { BridgeContext } from './bridge.ts';
import { Departure } from './departure.ts';
import type { Egress } from './egress/egress.ts';
import { GuestAnswer } from './guest-answer.ts';
import { mapSyntaxError } from './guest-error.ts';
import { creditMessage, endingMessage, requestMessage } from './guest-messages.ts';
import { GuestOperations, isCount } from './guest-operations.ts';
import type { Limits } from './limits.ts';
import { LogBudget } from './log-budget.ts';
import type { GuestMessage } from './mailbox.ts';
import { MemoryGrowth } from './memory-growth.ts';
import { Bodies } from './operations/bodies.ts';
import { Fetches } from './operations/fetches.ts';
import { StoredValues } from './operations/stored-values.ts';
import type { Breach, Failed, Outcome, OutcomeKind, Usage } from './outcome.ts';
import type { FairPermit } from './permit.ts';
import type { RealmPool } from './realm-pool.ts';
import type { Realm } from './realm.ts';
import type { RehearsalObserver, Rehearser } from './rehearsal.ts';
import type { RuntimeImage, RuntimeImageSource } from './runtime-image.ts';
import type { Answer, Ending, InvocationHandle, InvocationRequest } from './sandbox.ts';
import type { Seat } from './seat.ts';
import type { InvocationStorage } from './storage/service.ts';
import type { IsolateCounts, Turns } from './turn-meter.ts';
import type { Watchdog, Watched } from './watchdog.ts';
import { endings, logLevels, message, post } from './wire.ts';

/** What invocations of one sandbox share. */
export interface InvocationServices {
  readonly images: RuntimeImageSource;
  readonly permits: FairPermit;
  readonly realms: RealmPool;
  readonly watchdog: Watchdog;
  readonly isolates: IsolateCounts;
  /** Bytes by which the process may grow while a function runs; see memory-growth.ts. */
  readonly allowedGrowthBytes: (limits: Limits) => number;
  readonly observer: InvocationObserver;
  /** How requests of an invocation leave. */
  readonly openEgress: (request: InvocationRequest) => Egress;
  readonly openStorage: (request: InvocationRequest) => InvocationStorage;
}

/** Who is told what invocations are doing. */
export interface InvocationObserver extends RehearsalObserver {
  /** Before code of the function runs for it, once. */
  onBegin(request: InvocationRequest): void;
  /** Before code of the function may run for it, and when it cannot run any more. */
  onRunning(request: InvocationRequest, isRunning: boolean): void;
  /** It has given the permit back, and will go on when something has happened. */
  onWaiting(request: InvocationRequest): void;
  /** Its isolate was disposed, and runs on all the same: a thread of this process is lost. */
  onUnstoppable(of: Rehearser): void;
  /** V8 gave up on its isolate: this process should be replaced. */
  onCatastrophe(of: Rehearser): void;
}

const mebibyte = 2 ** 20;
/** After these an isolate may be running still, or out of memory: nobody else should find himself in it. */
const endsIsolate: ReadonlySet<OutcomeKind> = new Set(['exceededCpu', 'exceededMemory', 'crashed']);
/** The share of the memory limit from which garbage collection is what the CPU time goes into. */
const nearlyFull = 0.9;

/** One call of one function, from the first message to the last. */
export class Invocation implements InvocationHandle, Watched {
  readonly answer: Promise<Answer>;
  readonly ended: Promise<Ending>;
  /** Resolves when its isolate is gone or given up for lost. */
  readonly gone: Promise<void>;
  readonly #services: InvocationServices;
  readonly #request: InvocationRequest;
  readonly #limits: Limits;
  readonly #createdAt = performance.now();
  #seat: Seat;
  #meter: Turns;
  readonly #allowance: Allowance;
  readonly #memory = new MemoryGrowth();
  #bridge: BridgeContext;
  readonly #operations: GuestOperations;
  readonly #answer: GuestAnswer;
  readonly #logs: LogBudget;
  #logsTruncated = false;
  #resolveAnswer!: (answer: Answer) => void;
  #resolveEnded!: (ending: Ending) => void;
  #resolveGone!: () => void;
  #realm: Realm | undefined;
  #isRealmGone = false;
  #outbox: GuestMessage[] = [];
  #hasSent = false;
  #isAwaitingPermit = true;
  #inbox: (() => void)[] = [];
  /** The guest has neither said nor asked anything. */
  #isQuiet = true;
  #heapBytes = 0;
  #wakeTimer: NodeJS.Timeout | undefined;
  readonly #stopWatching: () => void;
  readonly #departure: Departure;
  /** Word that it will be ended soon. */
  readonly #notice = { isWanted: false, isGiven: false };
  #graceEnd: NodeJS.Timeout | undefined;
  #isTakenDown = false;
  #isFinished = false;
  #outcome: Outcome | undefined;

  constructor(services: InvocationServices, request: InvocationRequest) {
    this.#services = services;
    this.#request = request;
    this.#limits = request.function.limits;
    this.#logs = new LogBudget(this.#limits);
    this.#departure = new Departure(services.isolates, this.#limits, () => {
      services.observer.onUnstoppable(request);
      this.#meter.release();
      this.#resolveGone();
    });
    this.#seat = this.#takeSeat();
    this.#meter = this.#seat.meter;
    const bodies = new Bodies(request.request.body, this.#limits.memoryMiB * mebibyte, this.#seat.number);
    const fetches = new Fetches(() => services.openEgress(request), bodies);
    this.#allowance = new Allowance(this.#limits, {
      cpuTimeMs: () => this.#meter.cpuTimeMs,
      waitedMs: () => this.#meter.waitedMs,
      // That a client says nothing for a while is what WebSockets are like.
      clientWaitMs: () => (request.request.isUpgrade === true ? 0 : bodies.clientWaitMs),
      subrequests: () => fetches.started,
    });
    this.#bridge = {
      part: (name) => services.images.part(name),
      bodies,
      fetches,
      storedValues: new StoredValues(() => services.openStorage(request), bodies),
      budget: () => this.#allowance.left(performance.now()),
      handles: this.#seat.handles,
    };
    this.#operations = this.#createOperations();
    this.#answer = this.#createAnswer(bodies);
    this.answer = new Promise((resolve) => {
      this.#resolveAnswer = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#stopWatching = services.watchdog.watch(this);
    this.#beginSoon();
  }

  #createOperations(): GuestOperations {
    return new GuestOperations(
      {
        seat: () => this.#seat,
        bridge: () => this.#bridge,
        hasEnded: () => this.#outcome !== undefined,
        isCaughtUp: () => this.#inbox.length === 0,
        heapBytes: () => this.#heapBytes,
        send: (guestMessage) => this.#send(guestMessage),
        checkCpu: () => this.#checkCpu(),
        exceededMemory: (used) => this.#breach('exceededMemory', 'memoryMiB', used),
        subverted: () => this.#subverted(),
      },
      this.#limits.memoryMiB,
    );
  }

  #createAnswer(bodies: Bodies): GuestAnswer {
    return new GuestAnswer(
      {
        hasEnded: () => this.#outcome !== undefined,
        answered: (answer) => this.#resolveAnswer(answer),
        onBackground: () => this.#allowance.beginBackground(performance.now()),
        onSocket: () => this.#allowance.beginSocket(performance.now()),
        onCredit: (units) => this.#send(creditMessage(this.#seat.number, units)),
        end: (outcome) => this.#end(outcome),
        cancel: () => this.cancel(),
        subverted: () => this.#subverted(),
      },
      this.#request,
      bodies,
    );
  }

  #takeSeat(): Seat {
    const { observer, realms } = this.#services;
    const request = this.#request;
    return realms.seat(request.function, {
      onBegin: () => observer.onBegin(request),
      onRunning: (isRunning) => observer.onRunning(request, isRunning),
    });
  }

  #beginSoon(): void {
    // The image is there already, unless this is the first call of a function that was not prepared.
    void this.#services.images.for(this.#request.function).then((image) => {
      if (this.#outcome === undefined) this.#meter.whenPermitted(() => void this.#begin(image));
    });
  }

  /** A function that looks at the signal of its request has some time to finish. */
  cancel(outcome: Failed = { kind: 'canceled' }): void {
    if (!this.#notice.isWanted || this.#answer.isOver || this.#limits.graceMs === 0) return this.#end(outcome);
    this.#giveNotice(endings.client);
    this.#graceEnd ??= setTimeout(() => this.#end(outcome), this.#limits.graceMs);
    return undefined;
  }

  /** Ends it without waiting. */
  abandon(): void {
    this.#end({ kind: 'canceled' });
  }

  /** Called by the watchdog. */
  check(now: number): void {
    if (this.#outcome !== undefined) return;
    if (!this.#allowance.hasBegun) {
      if (now - this.#createdAt > maxFreeWaitMs) this.#end({ kind: 'overloaded', retryAfterSeconds: 1 });
      return;
    }
    if (this.#meter.isCurrent) {
      this.#memory.sample();
      this.#checkGrowth();
      this.#checkCpu();
    }
    const { limit, used, isOver, isNear } = this.#allowance.wall(now);
    if (isOver) this.#breach('exceededWallTime', limit, used);
    else if (isNear) this.#giveNotice(endings.wall);
  }

  #giveNotice(reason: string): void {
    if (!this.#notice.isWanted || this.#notice.isGiven) return;
    this.#notice.isGiven = true;
    this.#send(endingMessage(this.#seat.number, reason));
  }

  /** V8's own limit comes earlier, unless the memory is of a kind that V8 does not count. */
  #checkGrowth(): void {
    const { grownBytes } = this.#memory;
    if (grownBytes <= this.#services.allowedGrowthBytes(this.#limits)) return;
    this.#breach('exceededMemory', 'memoryMiB', grownBytes / mebibyte);
  }

  #checkCpu(): void {
    if (this.#outcome !== undefined) return;
    const { limit, used, isOver, isNear } = this.#allowance.cpu();
    if (isOver) this.#cpuBreach(limit, used);
    else if (isNear) this.#giveNotice(endings.cpu);
  }

  /**
   * Near its memory limit V8 collects garbage again and again before it gives up, which can take more CPU time than there is left. The
   * cause is the memory all the same.
   */
  #cpuBreach(limit: CpuLimit, used: number): void {
    // What an isolate takes that cannot be stopped would be put down to this one.
    const isAlone = this.#services.isolates.stuck.count === 0;
    const isNearlyFull = isAlone && this.#memory.grownBytes > this.#limits.memoryMiB * mebibyte * nearlyFull;
    if (isNearlyFull) this.#breach('exceededMemory', 'memoryMiB');
    else this.#breach('exceededCpu', limit, used);
  }

  async #begin(image: RuntimeImage): Promise<void> {
    try {
      await this.#start(image);
    } catch (error) {
      // What is wrong with the request, or with us, is nobody else's trouble.
      this.#isRealmGone ||= this.#realm === undefined;
      this.#end({ kind: 'exception', error: { name: 'Error', message: (error as Error).message, stack: '' } });
      if (this.#isRealmGone) this.#finish();
    }
  }

  async #start(image: RuntimeImage): Promise<void> {
    this.#isAwaitingPermit = false;
    this.#allowance.begin(performance.now());
    const seat = this.#seat;
    const realm = await seat.open(image);
    // It was lost while it was being made, and there is another by now.
    if (seat !== this.#seat) return;
    if ('failure' in realm) {
      this.#isRealmGone = true;
      this.#end(this.#outcomeOf(realm.failure));
      this.#finish();
      return;
    }
    this.#realm = realm;
    realm.listen({
      onPost: (...args) => this.#receive(args),
      onCall: (_number, operation, argument, data) => this.#call(operation, argument, data),
      onEnd: () => this.#realmEnded(),
      onCatastrophe: () => this.#catastrophe(),
      onTimer: () => this.#send(message.timer),
      onOtherTurn: () => this.#queue(() => this.#otherTurnEnded()),
      onStalled: () => this.#stalled(),
      onLost: () => this.#lost(),
    });
    this.#meter.charge(realm.compileCpuMs);
    if (this.#outcome !== undefined) {
      this.#takeDown();
      return;
    }
    if (realm.isFresh) {
      this.#allowance.beginStartUp();
      this.#send(message.evaluate + String(seat.number));
    } else {
      this.#allowance.addStartUp(realm.startUpCpuMs);
      this.#meter.add(realm.startUpCpuMs);
    }
    this.#send(requestMessage(seat.number, this.#request.request, this.#bridge.bodies.requestBodyId));
  }

  #outcomeOf(realmFailure: string): Outcome {
    if (realmFailure === 'memory') return { kind: 'exceededMemory', breach: this.#breachOf('memoryMiB', undefined) };
    const text = mapSyntaxError(realmFailure, this.#request.function.bundle);
    return { kind: 'exception', error: { name: 'SyntaxError', message: text, stack: '' } };
  }

  /** The realm has ended through the fault of another: what has not begun begins anew. */
  #lost(): void {
    if (this.#outcome !== undefined || this.#hasSent) {
      this.#isRealmGone = true;
      this.#end({ kind: 'cellLost', retryAfterSeconds: 1 });
      this.#finish();
      return;
    }
    this.#realm = undefined;
    this.#outbox = [];
    this.#isAwaitingPermit = true;
    this.#seat = this.#takeSeat();
    this.#meter = this.#seat.meter;
    this.#bridge = { ...this.#bridge, handles: this.#seat.handles };
    this.#beginSoon();
  }

  #send(guestMessage: GuestMessage): void {
    // A guest that is done listens no more, though the body that it passed on may still be on its way.
    if (this.#outcome !== undefined || this.#isRealmGone || this.#answer.isOver) return;
    this.#outbox.push(guestMessage);
    if (this.#isAwaitingPermit) return;
    this.#isAwaitingPermit = true;
    this.#meter.whenPermitted(() => {
      this.#isAwaitingPermit = false;
      const messages = this.#outbox;
      this.#outbox = [];
      this.#hasSent = true;
      for (const one of messages) {
        this.#meter.beginTurn();
        this.#realm!.send(one);
      }
    });
  }

  /**
   * Takes a post of the guest. isolated-vm calls this outside of Node's own callbacks, where `process.nextTick` does not run: what
   * follows from the post is done a moment later. The clock is read now.
   */
  #receive(args: unknown[]): void {
    if (this.#outcome !== undefined) return;
    if (args[0] !== post.turn) this.#isQuiet = false;
    else if (this.#allowance.isStartingUp) this.#hasStartedUp(args);
    // Whether the guest has come to rest with this post: by the time that it is handled, later ones may have arrived.
    const isLast = this.#meter.turns === 0;
    this.#queue(() => this.#handle(args, isLast));
  }

  #hasStartedUp([, , untilTimer, pending, heapBytes]: readonly unknown[]): void {
    this.#allowance.endStartUp();
    if (this.#seat.isShared || typeof heapBytes !== 'number') return;
    const isQuiet = this.#isQuiet && untilTimer === -1 && pending === 0;
    const cpuTimeMs = this.#allowance.startUpCpuMs;
    this.#services.realms.started(this.#request.function, { isQuiet, cpuTimeMs, heapBytes });
  }

  #queue(task: () => void): void {
    this.#inbox.push(task);
    if (this.#inbox.length === 1) setImmediate(() => this.#drain());
  }

  #drain(): void {
    const tasks = this.#inbox;
    this.#inbox = [];
    for (const task of tasks) {
      if (this.#outcome !== undefined) return;
      task();
    }
  }

  #handle(args: unknown[], isLast: boolean): void {
    // The number of the invocation comes first: by it, the realm has found this one.
    const [kind, , second, third, fourth, fifth] = args;
    switch (kind) {
      case post.log:
        return this.#log(second, third);
      case post.head:
        return this.#answer.beginStream(second);
      case post.chunk:
        return this.#answer.write(second, third);
      case post.end:
        return this.#answer.endStream(second);
      case post.call:
        return this.#operations.start(second, third, fourth, fifth);
      case post.over:
        return this.#answer.over();
      case post.answer:
        return this.#answer.give(args.slice(2));
      case post.watch:
        this.#notice.isWanted = true;
        return undefined;
      case post.pass:
        return this.#answer.pass(second, third);
      case post.turn:
        return this.#turnEnded(args.slice(2), isLast);
      default:
        return this.#subverted();
    }
  }

  #turnEnded(fields: unknown[], isLast: boolean): void {
    const [untilTimer, pending, heapBytes, ...answered] = fields;
    if (!isCount(heapBytes) || !isCount(pending) || typeof untilTimer !== 'number') return this.#subverted();
    this.#heapBytes = heapBytes;
    this.#checkCpu();
    this.#answer.give(answered);
    if (this.#outcome !== undefined) return undefined;
    if (this.#isDone) return this.#end({ kind: 'ok' });
    if (!isLast || this.#meter.turns > 0) return undefined;
    clearTimeout(this.#wakeTimer);
    if (this.#answer.isOver) return this.#rest();
    if (this.#operations.hasLargeResult) return this.#operations.sendLargeResult();
    if (untilTimer === 0) {
      this.#send(message.timer);
    } else if (untilTimer > 0) {
      this.#wakeTimer = setTimeout(() => this.#send(message.timer), untilTimer);
    } else if (pending === 0 && this.#outbox.length === 0 && !this.#answer.isPassing) {
      // Nothing is left that could run: what is missing now will never come.
      return this.#neverSettles();
    }
    return this.#outbox.length === 0 && this.#meter.turns === 0 ? this.#rest() : undefined;
  }

  /** The guest has nothing more to say, and no body of it is on its way. */
  get #isDone(): boolean {
    return this.#answer.isOver && !this.#answer.isPassing;
  }

  #neverSettles(): void {
    this.#end({ kind: this.#answer.isWhole ? 'ok' : 'neverSettles' });
  }

  /** Something has come of this one in the turn of another. */
  #otherTurnEnded(): void {
    if (this.#isDone) this.#end({ kind: 'ok' });
  }

  #stalled(): void {
    const isIdle = this.#meter.turns === 0 && this.#inbox.length === 0 && this.#outbox.length === 0;
    if (!isIdle || this.#answer.isOver || this.#answer.isPassing || this.#operations.isBusy) return;
    this.#neverSettles();
  }

  /** Others may run until something happens. */
  #rest(): void {
    this.#meter.release();
    this.#memory.reset();
    this.#services.observer.onWaiting(this.#request);
  }

  #log(level: unknown, text: unknown): void {
    if (level === -1) {
      this.#logsTruncated = true;
      return;
    }
    const levelName = logLevels[level as number];
    if (levelName === undefined || typeof text !== 'string') return this.#subverted();
    if (!this.#logs.take(text)) return this.#subverted();
    this.#request.onLog({ level: levelName, text, time: new Date() });
    return undefined;
  }

  #call(operation: unknown, argument: unknown, data: unknown): unknown {
    if (operation !== 'part') this.#isQuiet = false;
    return this.#operations.call(operation, argument, data);
  }

  #breach(
    kind: 'exceededCpu' | 'exceededWallTime' | 'exceededMemory',
    limit: CpuLimit | WallLimit | 'memoryMiB',
    used?: number,
  ): void {
    this.#end({ kind, breach: this.#breachOf(limit, used) });
  }

  #breachOf(limit: keyof Limits, used: number | undefined): Breach {
    return { limit, allowed: this.#limits[limit], used };
  }

  /** The guest runtime said something that it never says: user code has got hold of it. */
  #subverted(): void {
    this.#end({ kind: 'crashed' });
  }

  #catastrophe(): void {
    this.#end({ kind: 'crashed' });
    this.#services.observer.onCatastrophe(this.#request);
  }

  #realmEnded(): void {
    this.#isRealmGone = true;
    if (this.#outcome === undefined) {
      // The host records its own reasons before it disposes: an isolate that went by itself ran out of memory. Posts that came
      // before are handled first.
      setImmediate(() => {
        this.#breach('exceededMemory', 'memoryMiB');
        this.#finish();
      });
    } else {
      this.#finish();
    }
  }

  /** The first reason wins; everything after it changes nothing. */
  #end(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    const usage = this.#usage();
    clearTimeout(this.#wakeTimer);
    clearTimeout(this.#graceEnd);
    this.#stopWatching();
    this.#operations.close();
    if (!this.#seat.isShared) this.#seat.handles.close();
    if (outcome.kind !== 'ok') this.#answer.fail(outcome);
    this.#bridge.fetches.close();
    this.#bridge.bodies.close();
    this.#resolveEnded({ outcome, usage, logsTruncated: this.#logsTruncated });
    // Where others go on in the isolate, nothing is taken down.
    if (this.#seat.isShared && outcome.kind === 'ok') this.#takeDown();
    // The answer is on its way before the isolate is taken down, which may take long.
    else setImmediate(() => this.#takeDown());
  }

  #takeDown(): void {
    if (!this.#allowance.hasBegun) {
      this.#finish();
      return;
    }
    // Still being made: `#start` comes back to this, perhaps before the moment comes that this was put off to.
    if (this.#realm === undefined || this.#isRealmGone || this.#isTakenDown) return;
    this.#isTakenDown = true;
    const { kind } = this.#outcome!;
    const isClean = kind === 'ok';
    const heapBytes = this.#heapBytes;
    if (this.#realm.leave({ isClean, mustStop: endsIsolate.has(kind), heapBytes })) {
      this.#isRealmGone = true;
      this.#finish();
      return;
    }
    this.#departure.begin();
  }

  /** The isolate is gone, or there never was one: the next guest may run. */
  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#departure.end();
    this.#meter.release();
    this.#seat.close();
    this.#resolveGone();
    this.#services.realms.ended(this.#request);
  }

  #usage(): Usage {
    return {
      cpuTimeMs: this.#meter.cpuTimeMs,
      startUpCpuMs: this.#allowance.startUpCpuMs,
      wallTimeMs: this.#allowance.wallTimeMs(performance.now()),
      heapBytes: this.#heapBytes,
    };
  }
}
