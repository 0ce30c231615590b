import type { GuestMessage } from './mailbox.ts';
import type { HostHandles } from './operations/index.ts';
import type { Realm, RealmFailure } from './realm.ts';
import type { RuntimeImage } from './runtime-image.ts';
import type { Turns } from './turn-meter.ts';

/** The place of an invocation in a realm, which it may share with others. It is taken before there is a realm. */
export interface Seat {
  /** The number of the invocation in its realm. */
  readonly number: number;
  readonly meter: Turns;
  /** What the host keeps for the guest. */
  readonly handles: HostHandles;
  /** Others may be in the same realm. */
  readonly isShared: boolean;
  /** To be called while the permit is held. */
  open(image: RuntimeImage): Promise<Realm | RealmFailure>;
  /** Where others are, too: sends what `deliver` answers once no code runs in the isolate; it gets the bytes that are in use there. */
  whenAtRest?(deliver: Delivery): void;
  /** The invocation is over, whether or not there was a realm. */
  close(): void;
}

export type Delivery = (heapBytes: number) => GuestMessage | undefined;

/** Who is told what an invocation is doing. */
export interface SeatObserver {
  /** Before code of the function runs for it, once. */
  onBegin(): void;
  /** Before code may run for it, and when it cannot any more. */
  onRunning(isRunning: boolean): void;
}
