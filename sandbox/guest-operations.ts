import {
  type BridgeContext,
  callBridge,
  isPaced,
  maxAsyncCalls,
  maxSyncCalls,
  type OperationResult,
  startBridgeOperation,
} from './bridge.ts';
import { TooManyBytes } from './byte-source.ts';
import { refusalMessage, resultMessage } from './guest-messages.ts';
import type { GuestMessage } from './mailbox.ts';
import { isLongOperation, runQuickly } from './operations/index.ts';
import { LongOperations } from './operations/long-operations.ts';
import type { Delivery, Seat } from './seat.ts';
import { maxOperationBytes } from './wire.ts';

const smallResultBytes = 16 * 1024;
/** What V8 needs beside a large value to take it in. */
const spareBytes = 2 * 2 ** 20;
const mebibyte = 2 ** 20;

/** What the operations need of their invocation. */
export interface OperationsOwner {
  /** The place that it has now. */
  readonly seat: () => Seat;
  readonly bridge: () => BridgeContext;
  /** It has ended. */
  readonly hasEnded: () => boolean;
  /** Nothing that the guest has said waits to be handled. */
  readonly isCaughtUp: () => boolean;
  /** Bytes in use in the isolate after its last turn. */
  readonly heapBytes: () => number;
  readonly send: (message: GuestMessage) => void;
  /** Looks at the limit of CPU time. */
  readonly checkCpu: () => void;
  /** What the guest asks for needs more memory than it may have: so many MiB. */
  readonly exceededMemory: (used: number) => void;
  /** The guest runtime said something that it never says. */
  readonly subverted: () => void;
}

/** What one guest asks of the host: within bounds of number and size, and at its own expense. */
export class GuestOperations {
  readonly #owner: OperationsOwner;
  readonly #memoryMiB: number;
  readonly #long = new LongOperations();
  /** Results that wait for the guest to come to rest. */
  readonly #largeResults: Delivery[] = [];
  #syncCalls = 0;
  #asyncCalls = 0;
  /** Of arguments of operations that are under way. */
  #bytes = 0;
  #underWay = 0;

  constructor(owner: OperationsOwner, memoryMiB: number) {
    this.#owner = owner;
    this.#memoryMiB = memoryMiB;
  }

  /** There are operations under way. */
  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  /** There is a result that waits for the guest to come to rest. */
  get hasLargeResult(): boolean {
    return this.#largeResults.length > 0;
  }

  /** The guest waits for the answer. Never throws; nothing about the arguments is certain. */
  call(operation: unknown, argument: unknown, data: unknown): unknown {
    this.#syncCalls += 1;
    if (this.#owner.hasEnded() || this.#syncCalls > maxSyncCalls) return undefined;
    return this.#charged(() => callBridge(this.#owner.bridge(), operation, argument, data));
  }

  /** While an operation that takes long is under way, the invocation is running: it pays for the threads that work for it. */
  start(id: unknown, operation: unknown, argument: unknown, data: unknown): void {
    this.#asyncCalls += 1;
    const bytes = data instanceof Uint8Array ? data.length : 0;
    this.#bytes += bytes;
    if (!isCount(id) || this.#asyncCalls > maxAsyncCalls || this.#bytes > 2 * maxOperationBytes) {
      this.#owner.subverted();
      return;
    }
    this.#underWay += 1;
    if (!isLongOperation(operation)) {
      void this.#run(id, operation, argument, data, bytes, false);
      return;
    }
    const { handles, meter } = this.#owner.seat();
    const quick = this.#charged(() => runQuickly(handles, operation, argument, data));
    if (quick !== undefined) {
      this.#ended(bytes, () => this.#deliver(id, quick), false);
      return;
    }
    // One that waits for its turn is running for the meter, too: the permit stays.
    const isPaidFor = meter.isRunning;
    if (isPaidFor) meter.beginWork();
    this.#long.run(() => this.#run(id, operation, argument, data, bytes, isPaidFor));
  }

  /**
   * isolated-vm ends the process when a copy into a guest does not fit into its heap. So a large one waits until the guest is at rest, and
   * crosses only if there is room for it.
   */
  sendLargeResult(): void {
    if (this.#owner.seat().meter.turns > 0 || !this.#owner.isCaughtUp()) return;
    const guestMessage = this.#largeResults.shift()?.(this.#owner.heapBytes());
    if (guestMessage !== undefined) this.#owner.send(guestMessage);
  }

  /** The invocation is over. */
  close(): void {
    this.#long.close();
  }

  #run(
    id: number,
    operation: unknown,
    argument: unknown,
    data: unknown,
    bytes: number,
    isPaidFor: boolean,
  ): Promise<void> {
    return startBridgeOperation(this.#owner.bridge(), operation, argument, data).then(
      (result) => {
        if (isPaced(operation) && result.length > 0) this.#asyncCalls -= 1;
        this.#ended(bytes, () => this.#deliver(id, result), isPaidFor);
      },
      (error: unknown) => this.#ended(bytes, () => this.#refuse(id, error), isPaidFor),
    );
  }

  #ended(bytes: number, deliver: () => void, isPaidFor: boolean): void {
    this.#bytes -= bytes;
    this.#underWay -= 1;
    if (this.#owner.hasEnded()) return;
    if (isPaidFor) this.#owner.seat().meter.endWork();
    deliver();
  }

  #refuse(id: number, error: unknown): void {
    if (error instanceof TooManyBytes) {
      this.#owner.exceededMemory((this.#owner.heapBytes() + error.bytes) / mebibyte);
      return;
    }
    const { code, message: reason } = error as { code?: unknown; message: string };
    this.#owner.send(refusalMessage(id, typeof code === 'string' ? `${code}: ${reason}` : reason));
  }

  #deliver(id: number, result: OperationResult): void {
    // V8 takes a byte for each character where all are of Latin-1; text as long as its UTF-8 is ASCII.
    const isWide = typeof result === 'string' && Buffer.byteLength(result, 'utf8') !== result.length;
    const bytes = result.length * (isWide ? 2 : 1);
    if (bytes <= smallResultBytes) return this.#owner.send(resultMessage(id, result));
    const sendable = (heapBytes: number): GuestMessage | undefined => {
      const needed = heapBytes + bytes + spareBytes;
      if (needed <= this.#memoryMiB * mebibyte) return resultMessage(id, result);
      this.#owner.exceededMemory(needed / mebibyte);
      return undefined;
    };
    const seat = this.#owner.seat();
    if (seat.whenAtRest !== undefined) return seat.whenAtRest(sendable);
    this.#largeResults.push(sendable);
    return this.sendLargeResult();
  }

  /** Adds the CPU time that this thread takes for it. */
  #charged<T>(run: () => T): T {
    const before = process.threadCpuUsage();
    const result = run();
    const { user, system } = process.threadCpuUsage(before);
    this.#owner.seat().meter.charge((user + system) / 1_000);
    // Long calls in a row leave the watchdog no moment.
    if (user + system > 500) this.#owner.checkCpu();
    return result;
  }
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
