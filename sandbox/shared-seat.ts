import type { GuestMessage } from './mailbox.ts';
import type { HostHandles } from './operations/index.ts';
import type { Realm, RealmEvents, RealmFailure, RealmLeaving } from './realm.ts';
import type { RuntimeImage } from './runtime-image.ts';
import type { Delivery, Seat, SeatObserver } from './seat.ts';
import { Stopwatch } from './stopwatch.ts';
import type { Turns } from './turn-meter.ts';
import type { TurnQueue, TurnTaker } from './turn-queue.ts';

/** The realm, as those in it see it. */
export interface SharingRealm {
  readonly handles: HostHandles;
  readonly turns: TurnQueue<TurnTaker>;
  open(seat: SharedSeat, image: RuntimeImage): Promise<Realm | RealmFailure>;
  /** An operation on another thread, which may begin without a message. */
  beginWork(seat: SharedSeat): void;
  send(message: GuestMessage): void;
  leave(seat: SharedSeat, leaving: RealmLeaving): boolean;
  /** An invocation is over that may never have had the realm. */
  close(seat: SharedSeat): void;
}

/** What the host itself has to say to the guest. */
export class HostTaker implements TurnTaker {
  readonly hasBegun = true;
  readonly #shared: SharingRealm;

  constructor(shared: SharingRealm) {
    this.#shared = shared;
  }

  deliver(guestMessage: GuestMessage): void {
    this.#shared.turns.begin(this);
    this.#shared.send(guestMessage);
  }

  turnEnded(): void {}
  onRunning(): void {}
  onWait(): void {}
}

/** The view that one invocation has of a realm that it shares. */
export class SharedSeat implements Seat, Turns, Realm, TurnTaker {
  readonly number: number;
  readonly isShared = true;
  events: RealmEvents | undefined;
  /** Its turns begin with that in which the bundle is evaluated. */
  isFresh = false;
  hasBegun = false;
  /** A turn of it has ended. */
  hasRun = false;
  hasLeft = false;
  lastTurn: NodeJS.Timeout | undefined;
  compileCpuMs = 0;
  readonly startUpCpuMs = 0;
  readonly #shared: SharingRealm;
  readonly #observer: SeatObserver;
  readonly #waiting = new Stopwatch();
  #turns = 0;
  #cpuTimeMs = 0;

  constructor(shared: SharingRealm, number: number, observer: SeatObserver) {
    this.#shared = shared;
    this.number = number;
    this.#observer = observer;
  }

  // Seat

  get meter(): Turns {
    return this;
  }

  get handles(): HostHandles {
    return this.#shared.handles;
  }

  open(image: RuntimeImage): Promise<Realm | RealmFailure> {
    return this.#shared.open(this, image);
  }

  whenAtRest(deliver: Delivery): void {
    this.#shared.turns.whenAtRest(this, (heapBytes) => (this.hasLeft ? undefined : deliver(heapBytes)));
  }

  close(): void {
    this.#shared.close(this);
  }

  // Realm

  get isGone(): boolean {
    return false;
  }

  listen(events: RealmEvents): void {
    this.events = events;
  }

  send(guestMessage: GuestMessage): void {
    this.#shared.send(guestMessage);
  }

  leave(leaving: RealmLeaving): boolean {
    return this.#shared.leave(this, leaving);
  }

  // Turns

  get isRunning(): boolean {
    return this.#turns > 0 || this.#shared.turns.isBusy(this);
  }

  get isCurrent(): boolean {
    return this.#shared.turns.current === this;
  }

  get turns(): number {
    return this.#turns;
  }

  get cpuTimeMs(): number {
    return this.#cpuTimeMs + (this.isCurrent ? this.#shared.turns.currentCpuMs : 0);
  }

  get waitedMs(): number {
    return this.#waiting.elapsedMs;
  }

  whenPermitted(run: () => void): void {
    this.#shared.turns.whenPermitted(this, run);
  }

  beginTurn(): void {
    this.#begin();
    this.#shared.turns.begin(this);
  }

  beginWork(): void {
    this.#begin();
    this.#shared.beginWork(this);
  }

  endWork(): void {
    this.#shared.turns.endWork(this);
  }

  charge(cpuTimeMs: number): void {
    this.#cpuTimeMs += cpuTimeMs;
    this.#shared.turns.charge(cpuTimeMs);
  }

  add(cpuTimeMs: number): void {
    this.#cpuTimeMs += cpuTimeMs;
  }

  release(): void {
    this.#shared.turns.release(this);
  }

  // TurnTaker

  turnEnded(cpuTimeMs: number): void {
    this.#turns -= 1;
    this.hasRun = true;
    this.#cpuTimeMs += cpuTimeMs;
  }

  deliver(guestMessage: GuestMessage): void {
    this.beginTurn();
    this.#shared.send(guestMessage);
  }

  onRunning(isRunning: boolean): void {
    this.#observer.onRunning(isRunning);
  }

  onWait(isWaiting: boolean): void {
    if (isWaiting) this.#waiting.start();
    else this.#waiting.stop();
  }

  /** Nothing of it runs any more: the isolate is gone. */
  stop(): void {
    this.#turns = 0;
    this.#waiting.stop();
  }

  #begin(): void {
    this.#turns += 1;
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.#observer.onBegin();
  }
}
