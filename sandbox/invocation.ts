import {
  type BridgeContext,
  callBridge,
  isPaced,
  maxAsyncCalls,
  maxSyncCalls,
  type OperationResult,
  startBridgeOperation,
} from './bridge.ts';
import { Departure } from './departure.ts';
import type { Egress } from './egress/egress.ts';
import { mapSyntaxError, readGuestError } from './guest-error.ts';
import { creditMessage, endingMessage, refusalMessage, requestMessage, resultMessage } from './guest-messages.ts';
import { type HeaderLines, readResponseHead, switchingProtocols } from './guest-response.ts';
import type { Limits } from './limits.ts';
import type { Breach, Failed, Outcome, OutcomeKind, Usage } from './outcome.ts';
import type { FairPermit } from './permit.ts';
import { LogBudget } from './log-budget.ts';
import type { GuestMessage } from './mailbox.ts';
import { MemoryGrowth } from './memory-growth.ts';
import { TooManyBytes } from './byte-source.ts';
import { isLongOperation, runQuickly } from './operations/index.ts';
import { LongOperations } from './operations/long-operations.ts';
import type { RealmPool } from './realm-pool.ts';
import type { Realm } from './realm.ts';
import type { RehearsalObserver, Rehearser } from './rehearsal.ts';
import { ResponseStream } from './response-stream.ts';
import type { RuntimeImage, RuntimeImageSource } from './runtime-image.ts';
import { PassedBody } from './passed-body.ts';
import { Bodies } from './operations/bodies.ts';
import { Fetches } from './operations/fetches.ts';
import { StoredValues } from './operations/stored-values.ts';
import type { InvocationStorage } from './storage/service.ts';
import type { Answer, Ending, InvocationHandle, InvocationRequest } from './sandbox.ts';
import type { Delivery, Seat } from './seat.ts';
import type { IsolateCounts, Turns } from './turn-meter.ts';
import type { Watchdog, Watched } from './watchdog.ts';
import {
  answer as answerKinds,
  decodeFrame,
  encodeFrame,
  endings,
  failure,
  logLevels,
  maxHeaderLines,
  maxOperationBytes,
  message,
  post,
} from './wire.ts';

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
/** Waiting for others to let go of the permit is nobody's own time, but nobody has to wait for ever. */
const maxFreeWaitMs = 10_000;
/** Nor is it, to wait for a slow client to send its body. */
const maxClientWaitMs = 60_000;
const smallResultBytes = 16 * 1024;
/** What V8 needs beside a large value to take it in. */
const spareBytes = 2 * 2 ** 20;
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
  #seat: Seat;
  #meter: Turns;
  readonly #memory = new MemoryGrowth();
  #bridge: BridgeContext;
  #hasSent = false;
  readonly #longOperations = new LongOperations();
  #resolveAnswer!: (answer: Answer) => void;
  #resolveEnded!: (ending: Ending) => void;
  #resolveGone!: () => void;
  readonly #createdAt = performance.now();
  #startedAt: number | undefined;
  #realm: Realm | undefined;
  #isRealmGone = false;
  #outbox: GuestMessage[] = [];
  /** Results that wait for the guest to come to rest. */
  readonly #largeResults: Delivery[] = [];
  #isAwaitingPermit = true;
  #inbox: (() => void)[] = [];
  /** The bundle is being evaluated, at this one's expense. */
  #isStartingUp = false;
  #startUpCpuMs = 0;
  /** The guest has neither said nor asked anything. */
  #isQuiet = true;
  #heapBytes = 0;
  #isAnswered = false;
  #failureHeaders: HeaderLines = [];
  #stream: ResponseStream | undefined;
  #passed: PassedBody | undefined;
  #isOver = false;
  #wakeTimer: NodeJS.Timeout | undefined;
  readonly #stopWatching: () => void;
  readonly #departure: Departure;
  /** Word that it will be ended soon. */
  readonly #notice = { isWanted: false, isGiven: false };
  #graceEnd: NodeJS.Timeout | undefined;
  /** What had been used when the answer had been given and work went on. */
  #background: { readonly cpuTimeMs: number; readonly wallTimeMs: number } | undefined;
  /** The wall time at which a client's WebSocket was taken. */
  #socketSinceMs: number | undefined;
  #isTakenDown = false;
  #isFinished = false;
  #outcome: Outcome | undefined;
  readonly #logs: LogBudget;
  #logsTruncated = false;
  #syncCalls = 0;
  #asyncCalls = 0;
  /** Of arguments of operations that are under way. */
  #operationBytes = 0;
  /** Operations under way. */
  #operations = 0;

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
    const storedValues = new StoredValues(() => services.openStorage(request), bodies);
    this.#bridge = {
      part: (name) => services.images.part(name),
      bodies,
      fetches,
      storedValues,
      budget: () => this.#budget(),
      handles: this.#seat.handles,
    };
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
    if (!this.#notice.isWanted || this.#isOver || this.#limits.graceMs === 0) return this.#end(outcome);
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
    if (this.#startedAt === undefined) {
      if (now - this.#createdAt > maxFreeWaitMs) this.#end({ kind: 'overloaded', retryAfterSeconds: 1 });
      return;
    }
    if (this.#meter.isCurrent) {
      this.#memory.sample();
      this.#checkGrowth();
      this.#checkCpu();
    }
    const [limit, used] = this.#wallTime(now);
    if (used > this.#limits[limit]) this.#breach('exceededWallTime', limit, used);
    else if (this.#isNear(limit, used)) this.#giveNotice(endings.wall);
  }

  /** The limit of wall time that counts now, and what was used of it. */
  #wallTime(now: number): ['wallTimeMs' | 'backgroundTimeMs' | 'socketTimeMs', number] {
    const wallTimeMs = this.#wallTimeMs(now);
    if (this.#background !== undefined) return ['backgroundTimeMs', wallTimeMs - this.#background.wallTimeMs];
    if (this.#socketSinceMs !== undefined) return ['socketTimeMs', wallTimeMs - this.#socketSinceMs];
    return ['wallTimeMs', wallTimeMs];
  }

  #cpuTime(): ['cpuTimeMs' | 'backgroundCpuMs', number] {
    const used = this.#meter.cpuTimeMs - this.#startUpCpuMs;
    return this.#background === undefined
      ? ['cpuTimeMs', used]
      : ['backgroundCpuMs', used - this.#background.cpuTimeMs];
  }

  /** Whether it is time to say that a limit is near. */
  #isNear(limit: keyof Limits, used: number): boolean {
    const { graceMs } = this.#limits;
    return this.#notice.isWanted && used > this.#limits[limit] - Math.min(graceMs, this.#limits[limit] / 2);
  }

  #giveNotice(reason: string): void {
    if (this.#notice.isGiven) return;
    this.#notice.isGiven = true;
    this.#send(endingMessage(this.#seat.number, reason));
  }

  /** The answer was given, and work goes on: it has limits of its own. */
  #beginBackground(): void {
    const [cpuTimeMs, wallTimeMs] = [this.#meter.cpuTimeMs - this.#startUpCpuMs, this.#wallTimeMs(performance.now())];
    this.#background ??= { cpuTimeMs, wallTimeMs };
  }

  #budget(): string {
    const [wallLimit, wall] = this.#wallTime(performance.now());
    const [cpuLimit, cpu] = this.#cpuTime();
    const left = [
      this.#limits[cpuLimit] - cpu,
      this.#limits[wallLimit] - wall,
      this.#limits.subrequests - this.#bridge.fetches.started,
    ];
    // Whole milliseconds: it must not be a better clock than the guest has.
    return encodeFrame(left.map((amount) => String(Math.max(0, Math.floor(amount)))));
  }

  #wallTimeMs(now: number): number {
    if (this.#startedAt === undefined) return 0;
    const free = Math.min(this.#meter.waitedMs, maxFreeWaitMs);
    // That a client says nothing for a while is what WebSockets are like.
    const clientWaitMs = this.#request.request.isUpgrade === true ? 0 : this.#bridge.bodies.clientWaitMs;
    return now - this.#startedAt - free - Math.min(clientWaitMs, maxClientWaitMs);
  }

  /** V8's own limit comes earlier, unless the memory is of a kind that V8 does not count. */
  #checkGrowth(): void {
    const { grownBytes } = this.#memory;
    if (grownBytes <= this.#services.allowedGrowthBytes(this.#limits)) return;
    this.#breach('exceededMemory', 'memoryMiB', grownBytes / mebibyte);
  }

  #checkCpu(): void {
    if (this.#outcome !== undefined) return;
    const { startUpCpuMs } = this.#limits;
    if (this.#isStartingUp) {
      const used = this.#meter.cpuTimeMs;
      if (used > startUpCpuMs) this.#cpuBreach('startUpCpuMs', used);
      return;
    }
    const [limit, used] = this.#cpuTime();
    if (used > this.#limits[limit]) this.#cpuBreach(limit, used);
    else if (this.#isNear(limit, used)) this.#giveNotice(endings.cpu);
  }

  /**
   * Near its memory limit V8 collects garbage again and again before it gives up, which can take more CPU time than there is left. The
   * cause is the memory all the same.
   */
  #cpuBreach(limit: 'startUpCpuMs' | 'cpuTimeMs' | 'backgroundCpuMs', used: number): void {
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
    this.#startedAt = performance.now() - this.#meter.waitedMs;
    const { function: fn, request } = this.#request;
    const { bundle } = fn;
    const seat = this.#seat;
    const realm = await seat.open(image);
    // It was lost while it was being made, and there is another by now.
    if (seat !== this.#seat) return;
    if ('failure' in realm) {
      this.#isRealmGone = true;
      this.#end(
        realm.failure === 'memory'
          ? { kind: 'exceededMemory', breach: this.#breachOf('memoryMiB', undefined) }
          : {
              kind: 'exception',
              error: { name: 'SyntaxError', message: mapSyntaxError(realm.failure, bundle), stack: '' },
            },
      );
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
    const { number } = this.#seat;
    if (realm.isFresh) {
      this.#isStartingUp = true;
      this.#send(message.evaluate + String(number));
    } else {
      this.#startUpCpuMs = realm.startUpCpuMs;
      this.#meter.add(realm.startUpCpuMs);
    }
    this.#send(requestMessage(number, request, this.#bridge.bodies.requestBodyId));
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
    if (this.#outcome !== undefined || this.#isRealmGone || this.#isOver) return;
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
    if (args[0] === post.turn) {
      this.#meter.endTurn();
      if (this.#isStartingUp) this.#hasStartedUp(args);
    } else {
      this.#isQuiet = false;
    }
    // Whether the guest has come to rest with this post: by the time that it is handled, later ones may have arrived.
    const isLast = this.#meter.turns === 0;
    this.#queue(() => this.#handle(args, isLast));
  }

  #hasStartedUp([, , untilTimer, pending, heapBytes]: readonly unknown[]): void {
    this.#isStartingUp = false;
    const cpuTimeMs = this.#meter.cpuTimeMs;
    this.#startUpCpuMs = cpuTimeMs;
    if (this.#seat.isShared || typeof heapBytes !== 'number') return;
    const isQuiet = this.#isQuiet && untilTimer === -1 && pending === 0;
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
        return this.#beginStream(second);
      case post.chunk:
        return this.#writeChunk(second, third);
      case post.end:
        return this.#endStream(second);
      case post.call:
        return this.#startOperation(second, third, fourth, fifth);
      case post.over:
        this.#isOver = true;
        return undefined;
      case post.answer:
        return this.#answer(args.slice(2));
      case post.watch:
        this.#notice.isWanted = true;
        return undefined;
      case post.pass:
        return this.#passBody(second, third);
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
    this.#answer(answered);
    if (this.#outcome !== undefined) return undefined;
    if (this.#isOver && this.#passed === undefined) return this.#end({ kind: 'ok' });
    if (!isLast || this.#meter.turns > 0) return undefined;
    clearTimeout(this.#wakeTimer);
    if (this.#isOver) return this.#rest();
    if (this.#largeResults.length > 0) return this.#sendLargeResult();
    if (untilTimer === 0) {
      this.#send(message.timer);
    } else if (untilTimer > 0) {
      this.#wakeTimer = setTimeout(() => this.#send(message.timer), untilTimer);
    } else if (pending === 0 && this.#outbox.length === 0 && this.#passed === undefined) {
      // Nothing is left that could run: what is missing now will never come.
      return this.#neverSettles();
    }
    return this.#outbox.length === 0 && this.#meter.turns === 0 ? this.#rest() : undefined;
  }

  #neverSettles(): void {
    this.#end(this.#isAnswered && this.#stream === undefined ? { kind: 'ok' } : { kind: 'neverSettles' });
  }

  /** Something has come of this one in the turn of another. */
  #otherTurnEnded(): void {
    if (this.#isOver && this.#passed === undefined) this.#end({ kind: 'ok' });
  }

  #stalled(): void {
    const isIdle = this.#meter.turns === 0 && this.#inbox.length === 0 && this.#outbox.length === 0;
    if (isIdle && !this.#isOver && this.#passed === undefined && this.#operations === 0) this.#neverSettles();
  }

  /** Others may run until something happens. */
  #rest(): void {
    this.#meter.release();
    this.#memory.reset();
    this.#services.observer.onWaiting(this.#request);
  }

  #answer(fields: unknown[]): void {
    const [kind, head, body] = fields;
    if (kind === answerKinds.none || this.#outcome !== undefined) return undefined;
    if (this.#isAnswered || typeof head !== 'string') return this.#subverted();
    if (kind === answerKinds.error) return this.#failed(head);
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) return this.#subverted();
    const { responseBodyBytes } = this.#limits;
    const bytes = typeof body === 'string' ? Buffer.byteLength(body, 'utf8') : body.byteLength;
    if (bytes > responseBodyBytes) return this.#breach('exceededResponse', 'responseBodyBytes', bytes);
    const read = readResponseHead(head);
    if (typeof read === 'string') return this.#invalidResponse(read);
    this.#isAnswered = true;
    this.#isOver = kind === answerKinds.response;
    if (!this.#isOver) this.#beginBackground();
    this.#resolveAnswer({ kind: 'response', response: { ...read, body } });
    return undefined;
  }

  #failed(head: string): void {
    const [reason, described, size, ...lines] = decodeFrame(head, maxHeaderLines * 2 + 3) ?? [];
    if (reason === String(failure.responseTooLarge)) {
      return this.#breach('exceededResponse', 'responseBodyBytes', Number(size));
    }
    const read = readResponseHead(encodeFrame(['500', ...lines]));
    if (typeof read !== 'string') this.#failureHeaders = read.headers;
    return this.#end({ kind: 'exception', error: readGuestError(described ?? '', this.#request.function.bundle) });
  }

  #beginStream(head: unknown): void {
    if (this.#isAnswered || typeof head !== 'string') return this.#subverted();
    const read = readResponseHead(head, this.#request.request.isUpgrade);
    if (typeof read === 'string') return this.#invalidResponse(read);
    this.#isAnswered = true;
    if (read.status === switchingProtocols) this.#socketSinceMs = this.#wallTimeMs(performance.now());
    const stream = new ResponseStream(
      (units) => this.#send(creditMessage(this.#seat.number, units)),
      () => this.cancel(),
    );
    this.#stream = stream;
    this.#resolveAnswer({ kind: 'response', response: { ...read, body: stream.readable } });
    return undefined;
  }

  /** The body goes from where it comes from to the client, without the guest. */
  #passBody(head: unknown, id: unknown): void {
    if (this.#isAnswered || typeof head !== 'string' || typeof id !== 'number') return this.#subverted();
    const read = readResponseHead(head);
    if (typeof read === 'string') return this.#invalidResponse(read);
    const source = this.#bridge.bodies.take(id);
    if (source === undefined) return this.#subverted();
    this.#isAnswered = true;
    const passed = new PassedBody(
      source,
      (error) => this.#passedOver(error),
      () => this.cancel(),
    );
    this.#passed = passed;
    this.#resolveAnswer({ kind: 'response', response: { ...read, body: passed.readable, passed } });
    return undefined;
  }

  #passedOver(error: Error | undefined): void {
    this.#passed = undefined;
    if (error !== undefined) {
      return this.#invalidResponse(`the body that was passed on broke off: ${error.message}`);
    }
    return this.#isOver ? this.#end({ kind: 'ok' }) : this.#beginBackground();
  }

  #writeChunk(chunk: unknown, pieces: unknown): void {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return this.#subverted();
    if (!isCount(pieces) || pieces === 0) return this.#subverted();
    if (this.#stream?.write(chunk, pieces) !== true) return this.#subverted();
    return undefined;
  }

  #endStream(described: unknown): void {
    if (this.#stream === undefined || typeof described !== 'string') return this.#subverted();
    if (described !== '') {
      return this.#end({ kind: 'exception', error: readGuestError(described, this.#request.function.bundle) });
    }
    this.#stream.end();
    this.#stream = undefined;
    return this.#beginBackground();
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
    this.#syncCalls += 1;
    if (operation !== 'part') this.#isQuiet = false;
    if (this.#outcome !== undefined || this.#syncCalls > maxSyncCalls) return undefined;
    return this.#charged(() => callBridge(this.#bridge, operation, argument, data));
  }

  /** Adds the CPU time that this thread takes for it. */
  #charged<T>(run: () => T): T {
    const before = process.threadCpuUsage();
    const result = run();
    const { user, system } = process.threadCpuUsage(before);
    this.#meter.charge((user + system) / 1_000);
    // Long calls in a row leave the watchdog no moment.
    if (user + system > 500) this.#checkCpu();
    return result;
  }

  /** While an operation that takes long is under way, the invocation is running: it pays for the threads that work for it. */
  #startOperation(id: unknown, operation: unknown, argument: unknown, data: unknown): void {
    this.#asyncCalls += 1;
    const bytes = data instanceof Uint8Array ? data.length : 0;
    this.#operationBytes += bytes;
    if (!isCount(id) || this.#asyncCalls > maxAsyncCalls || this.#operationBytes > 2 * maxOperationBytes) {
      return this.#subverted();
    }
    this.#operations += 1;
    if (isLongOperation(operation)) {
      const quick = this.#charged(() => runQuickly(this.#seat.handles, operation, argument, data));
      if (quick !== undefined) return this.#operationEnded(bytes, () => this.#deliver(id, quick), false);
    }
    const isLong = isLongOperation(operation) && this.#meter.isRunning;
    const start = (): Promise<void> =>
      startBridgeOperation(this.#bridge, operation, argument, data).then(
        (result) => {
          if (isPaced(operation) && result.length > 0) this.#asyncCalls -= 1;
          this.#operationEnded(bytes, () => this.#deliver(id, result), isLong);
        },
        (error: unknown) => this.#operationEnded(bytes, () => this.#refuse(id, error), isLong),
      );
    if (!isLong) {
      void start();
      return undefined;
    }
    // One that waits for its turn is running for the meter, too: the permit stays.
    this.#meter.beginWork();
    this.#longOperations.run(start);
    return undefined;
  }

  #operationEnded(bytes: number, deliver: () => void, isLong: boolean): void {
    this.#operationBytes -= bytes;
    this.#operations -= 1;
    if (this.#outcome !== undefined) return;
    if (isLong) this.#meter.endWork();
    deliver();
  }

  #refuse(id: number, error: unknown): void {
    if (error instanceof TooManyBytes) {
      this.#breach('exceededMemory', 'memoryMiB', (this.#heapBytes + error.bytes) / mebibyte);
      return;
    }
    const { code, message: reason } = error as { code?: unknown; message: string };
    this.#send(refusalMessage(id, typeof code === 'string' ? `${code}: ${reason}` : reason));
  }

  /**
   * isolated-vm ends the process when a copy into a guest does not fit into its heap. So a large one waits until the guest is at rest, and
   * crosses only if there is room for it.
   */
  #deliver(id: number, result: OperationResult): void {
    // V8 takes a byte for each character where all are of Latin-1; text as long as its UTF-8 is ASCII.
    const isWide = typeof result === 'string' && Buffer.byteLength(result, 'utf8') !== result.length;
    const bytes = result.length * (isWide ? 2 : 1);
    if (bytes <= smallResultBytes) return this.#send(resultMessage(id, result));
    const sendable = (heapBytes: number): GuestMessage | undefined => {
      const needed = heapBytes + bytes + spareBytes;
      if (needed <= this.#limits.memoryMiB * mebibyte) return resultMessage(id, result);
      this.#breach('exceededMemory', 'memoryMiB', needed / mebibyte);
      return undefined;
    };
    if (this.#seat.whenAtRest !== undefined) return this.#seat.whenAtRest(sendable);
    this.#largeResults.push(sendable);
    return this.#sendLargeResult();
  }

  #sendLargeResult(): void {
    if (this.#meter.turns > 0 || this.#inbox.length > 0) return undefined;
    const next = this.#largeResults.shift();
    if (next === undefined) return undefined;
    const guestMessage = next(this.#heapBytes);
    return guestMessage === undefined ? undefined : this.#send(guestMessage);
  }

  #breach(
    kind: 'exceededCpu' | 'exceededWallTime' | 'exceededResponse' | 'exceededMemory',
    limit: keyof Limits,
    used?: number,
  ): void {
    this.#end({ kind, breach: this.#breachOf(limit, used) });
  }

  #breachOf(limit: keyof Limits, used: number | undefined): Breach {
    return { limit, allowed: this.#limits[limit], used };
  }

  #invalidResponse(problem: string): void {
    this.#end({ kind: 'exception', error: { name: 'TypeError', message: problem, stack: '' } });
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
    this.#longOperations.close();
    if (!this.#seat.isShared) this.#seat.handles.close();
    if (outcome.kind !== 'ok') {
      this.#resolveAnswer({ kind: 'failure', outcome, headers: this.#failureHeaders });
      const cut = new Error(`the response was cut short: ${outcome.kind}`);
      this.#stream?.end(cut);
      this.#passed?.fail(cut);
    }
    this.#bridge.fetches.close();
    this.#bridge.bodies.close();
    this.#resolveEnded({ outcome, usage, logsTruncated: this.#logsTruncated });
    // Where others go on in the isolate, nothing is taken down.
    if (this.#seat.isShared && outcome.kind === 'ok') this.#takeDown();
    // The answer is on its way before the isolate is taken down, which may take long.
    else setImmediate(() => this.#takeDown());
  }

  #takeDown(): void {
    if (this.#startedAt === undefined) {
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
      startUpCpuMs: this.#isStartingUp ? this.#meter.cpuTimeMs : this.#startUpCpuMs,
      wallTimeMs: this.#wallTimeMs(performance.now()),
      heapBytes: this.#heapBytes,
    };
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
