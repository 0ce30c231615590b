import { type GuestMessage, SharedMailbox } from './mailbox.ts';
import { HostHandles, maxHandles } from './operations/index.ts';
import type { FairPermit } from './permit.ts';
import { openIsolate, type Realm, type RealmFailure, type RealmLeaving } from './realm.ts';
import type { RuntimeImage, RuntimeImageSource } from './runtime-image.ts';
import type { SandboxFunction } from './sandbox.ts';
import type { Seat, SeatObserver } from './seat.ts';
import { HostTaker, SharedSeat, type SharingRealm } from './shared-seat.ts';
import type { IsolateCounts } from './turn-meter.ts';
import { TurnQueue, type TurnTaker } from './turn-queue.ts';
import { answer, failure, message, post, turnsPost } from './wire.ts';

/** An isolate is not used for ever: what invocations leave behind would add up. */
const maxInvocations = 100_000;
/** The share of its memory limit from which an isolate takes nobody any more, and is replaced when those in it have ended. */
const fullHeap = 0.5;
/** After these, or with so many handles, it is near its end. */
const maxYouthInvocations = 99_000;
const maxYouthHandles = 0.8 * maxHandles;
/** A turn of an invocation that was ended meanwhile ends by itself within this time, or the isolate is disposed of. */
const lastTurnMs = 100;

/** What realms of all kinds need of their sandbox. */
export interface RealmServices {
  readonly images: RuntimeImageSource;
  readonly permits: FairPermit;
  readonly isolates: IsolateCounts;
  /** Called before code may run of invocations that have begun, and share a realm. */
  readonly beforeCode: () => void;
}

/** One realm for many invocations of one function, one after the other and at the same time: module state lives on. */
export class SharedRealm implements SharingRealm {
  /** Kept as long as the isolate, since anybody may use them: those under way find room when it takes nobody any more. */
  readonly handles = new HostHandles(2 * maxHandles);
  readonly turns: TurnQueue<TurnTaker>;
  readonly #mailbox: SharedMailbox;
  readonly #services: RealmServices;
  readonly #fn: SandboxFunction;
  readonly #seats = new Map<number, SharedSeat>();
  /** Seats that something was posted for in the turn of another. */
  readonly #touched = new Set<SharedSeat>();
  #opening: Promise<RealmFailure | undefined> | undefined;
  #realm: Realm | undefined;
  /** When the last turn ended, nothing was left in the guest that the host would wake it for. */
  #isQuiet = false;
  #isLookPlanned = false;
  #joined = 0;
  #isRetired = false;
  #isDisposed = false;
  #wasLost = false;
  /** Word is on its way that a timer of it is due. */
  #timerSeat: SharedSeat | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #createdAt = performance.now();
  readonly #fullBytes: number;
  #emptySince = this.#createdAt;

  /** @param isCautious Whether it is to be told of each turn at once: others of the function have taken their isolates with them. */
  constructor(services: RealmServices, fn: SandboxFunction, isCautious: boolean) {
    this.#services = services;
    this.#fn = fn;
    this.#mailbox = new SharedMailbox(services.beforeCode);
    this.#fullBytes = fn.limits.memoryMiB * 2 ** 20 * fullHeap;
    this.turns = new TurnQueue(services.permits, fn, services.isolates, isCautious);
  }

  /** It takes nobody any more. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** It will not take many any more. */
  get isAgeing(): boolean {
    return this.#joined >= maxYouthInvocations || this.handles.size >= maxYouthHandles;
  }

  /** An invocation has taken it with it, or would not stop. */
  get wasLost(): boolean {
    return this.#wasLost;
  }

  /** Invocations per second, over its life. */
  get rate(): number {
    return (this.#joined * 1_000) / (performance.now() - this.#createdAt);
  }

  /** Milliseconds since the last invocation has left; 0 as long as there is one. */
  idleMs(now: number): number {
    return this.#seats.size === 0 ? now - this.#emptySince : 0;
  }

  join(observer: SeatObserver): Seat {
    this.#joined += 1;
    if (this.#joined >= maxInvocations) this.#isRetired = true;
    const seat = new SharedSeat(this, this.#joined, observer);
    this.#seats.set(seat.number, seat);
    return seat;
  }

  /** Takes nobody any more, and ends when those in it have. */
  retire(): void {
    this.#isRetired = true;
    if (this.#seats.size === 0) this.#dispose();
  }

  async open(seat: SharedSeat, image: RuntimeImage): Promise<Realm | RealmFailure> {
    seat.isFresh = this.#opening === undefined;
    this.#opening ??= this.#open(seat, image);
    return (await this.#opening) ?? seat;
  }

  /** It may begin without a message. */
  beginWork(seat: SharedSeat): void {
    this.turns.beginWork(seat);
    this.#services.beforeCode();
  }

  send(guestMessage: GuestMessage): void {
    this.#mailbox.send(guestMessage);
  }

  leave(seat: SharedSeat, { isClean, mustStop }: RealmLeaving): boolean {
    seat.hasLeft = true;
    if (this.#timerSeat === seat) this.#timerSeat = undefined;
    if (!this.#isDisposed) {
      const isUnevaluated = seat.isFresh && !seat.hasBegun;
      if (!mustStop && !isUnevaluated) {
        if (!isClean && seat.hasBegun) this.#forget(seat.number);
        if (seat.turns === 0) {
          this.#remove(seat);
          return true;
        }
        // The turn of the first may be that in which the bundle is evaluated, for all of them.
        const ms = seat.hasRun ? lastTurnMs : Math.max(lastTurnMs, this.#fn.limits.startUpCpuMs);
        this.#awaitLastTurn(seat, ms, false);
        return false;
      }
      this.#wasLost ||= mustStop;
      this.#dispose();
    }
    return false;
  }

  /** As long as it stands behind others, its time has not begun. */
  #awaitLastTurn(seat: SharedSeat, ms: number, wasCurrent: boolean): void {
    seat.lastTurn = setTimeout(() => {
      const isCurrent = this.turns.current === seat;
      if (isCurrent && wasCurrent) this.#dispose();
      else this.#awaitLastTurn(seat, ms, isCurrent);
    }, ms);
  }

  /** An invocation is over that may never have had the realm. */
  close(seat: SharedSeat): void {
    if (this.#seats.get(seat.number) === seat) this.#remove(seat);
  }

  #remove(seat: SharedSeat): void {
    this.#seats.delete(seat.number);
    clearTimeout(seat.lastTurn);
    seat.release();
    this.#emptySince = performance.now();
    if (this.#isRetired && this.#seats.size === 0) this.#dispose();
  }

  async #open(seat: SharedSeat, image: RuntimeImage): Promise<RealmFailure | undefined> {
    const { images, isolates, beforeCode } = this.#services;
    // What was written down of others is over: it is this function's bundle that V8 reads now.
    beforeCode();
    const opened = await openIsolate(image, this.#fn, images.bundleCache(this.#fn), {
      realms: 1,
      shared: { mailbox: this.#mailbox, progress: this.turns.progress },
    });
    if ('failure' in opened) {
      this.#isRetired = true;
      return opened;
    }
    isolates.alive += 1;
    const realm = opened.take()!;
    seat.compileCpuMs = realm.compileCpuMs;
    this.#realm = realm;
    realm.listen({
      onPost: (...args) => this.#receive(args),
      onCall: (...args) => this.#seats.get(args[0] as number)?.events?.onCall(...args),
      onEnd: () => this.#ended(),
      onCatastrophe: (text) => this.#catastrophe(text),
    });
    // Everybody may have gone meanwhile.
    if (this.#isDisposed) realm.leave(stopped);
    return undefined;
  }

  /** Tells the guest that nothing of the invocation goes on. That runs no code of the function. */
  #forget(number: number): void {
    const taker = new HostTaker(this);
    this.turns.whenPermitted(taker, () => {
      taker.deliver(message.forget + String(number));
      this.turns.release(taker);
    });
  }

  #receive(args: unknown[]): void {
    const [kind, number] = args;
    if (kind === post.turns) {
      this.#turnsEnded(args);
      return;
    }
    const seat = this.#seats.get(number as number);
    if (seat === undefined) return;
    if (kind === post.answer) this.#look(args[2], args[3]);
    seat.events?.onPost(...args);
    this.#touched.add(seat);
  }

  #turnsEnded(args: readonly unknown[]): void {
    const [, isAtRest, untilTimer, timerOwner, pending, heapBytes] = args;
    if (isAtRest === 1 && typeof heapBytes === 'number') this.turns.heapBytes = heapBytes;
    const durations: number[] = [];
    for (let at: number = turnsPost.head; at < args.length; at += turnsPost.turn) durations.push(toDuration(args[at]));
    this.#mailbox.told(durations.length, isAtRest === 1);
    const ended = this.turns.end(durations);
    for (let index = 0; index < ended.length; index += 1) {
      const at = turnsPost.head + index * turnsPost.turn;
      this.#turnEnded(ended[index]!, args.slice(at + 1, at + turnsPost.turn));
    }
    for (const one of this.#touched) one.events?.onOtherTurn?.();
    this.#touched.clear();
    if (this.turns.heapBytes > this.#fullBytes || this.handles.size >= maxHandles) this.#isRetired = true;
    this.#isQuiet = isAtRest === 1 && pending === 0 && untilTimer === -1;
    if (isAtRest === 1) this.#wakeLater(untilTimer, timerOwner);
    this.turns.proceed();
    if (this.#isQuiet && this.#seats.size > 0) this.#lookForStalled();
  }

  #turnEnded(taker: TurnTaker, given: readonly unknown[]): void {
    const [answered, kind, head] = given;
    this.#look(kind, head);
    const seat = taker instanceof SharedSeat ? taker : undefined;
    const isOwn = seat !== undefined && answered === seat.number;
    if (!isOwn) this.#answerOther(answered, given);
    if (seat === undefined) return;
    const own = isOwn ? given.slice(1) : noAnswer;
    seat.events?.onPost(post.turn, seat.number, -1, 1, this.turns.heapBytes, ...own);
    this.#touched.delete(seat);
    if (this.#timerSeat === seat) this.#timerSeat = undefined;
    if (seat.lastTurn === undefined || seat.turns > 0) return;
    this.#remove(seat);
    seat.events?.onEnd();
  }

  #answerOther(answered: unknown, given: readonly unknown[]): void {
    const other = this.#seats.get(answered as number);
    if (other === undefined) return;
    other.events?.onPost(post.answer, ...given);
    this.#touched.add(other);
  }

  /** Where the module level has failed, no other call would fare better. */
  #look(kind: unknown, head: unknown): void {
    if (kind !== answer.error || typeof head !== 'string') return;
    const start = head.indexOf(';') + 1;
    if (head.slice(start, start + 1) === String(failure.notLoaded)) this.#isRetired = true;
  }

  #wakeLater(untilTimer: unknown, owner: unknown): void {
    clearTimeout(this.#timer);
    if (typeof untilTimer !== 'number' || untilTimer < 0 || this.#timerSeat !== undefined) return;
    const seat = this.#seats.get(owner as number);
    if (seat === undefined) return;
    const wake = (): void => {
      this.#timerSeat = seat;
      seat.events?.onTimer?.();
    };
    if (untilTimer === 0) wake();
    else this.#timer = setTimeout(wake, untilTimer);
  }

  /** In the guest nothing is left that could run: unless the host has something for it, those in it will never settle. */
  #lookForStalled(): void {
    if (this.#isLookPlanned) return;
    this.#isLookPlanned = true;
    setImmediate(() => {
      this.#isLookPlanned = false;
      // What the last turn has brought was looked at by now.
      if (!this.#isQuiet || !this.turns.isAtRest) return;
      for (const seat of this.#seats.values()) if (seat.hasRun) seat.events?.onStalled?.();
    });
  }

  #catastrophe(text: string): void {
    this.#isRetired = true;
    const { current } = this.turns;
    const seat = current instanceof SharedSeat ? current : this.#seats.values().next().value;
    seat?.events?.onCatastrophe(text);
  }

  #dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#isRetired = true;
    clearTimeout(this.#timer);
    this.#realm?.leave(stopped);
  }

  #ended(): void {
    this.#services.isolates.alive -= 1;
    clearTimeout(this.#timer);
    this.handles.close();
    // An isolate that went by itself ran out of memory.
    const culprit = this.#isDisposed ? undefined : this.turns.current;
    this.#wasLost ||= !this.#isDisposed;
    this.#isDisposed = true;
    this.#isRetired = true;
    this.turns.close();
    const seats = [...this.#seats.values()];
    this.#seats.clear();
    for (const seat of seats) {
      clearTimeout(seat.lastTurn);
      seat.stop();
      if (seat === culprit || seat.hasLeft) seat.events?.onEnd();
      else seat.events?.onLost?.();
    }
  }
}

const stopped: RealmLeaving = { isClean: false, mustStop: true, heapBytes: 0 };
const noAnswer = [answer.none, '', ''] as const;

function toDuration(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.min(value, maxDurationMs) : 0;
}
const maxDurationMs = 2 ** 31;
