/**
 * The guest's half of the bridge: the only code that holds isolated-vm objects, in closures that no user code can reach.
 *
 * Every path from user code to a post or a synchronous call has a budget here and again on the host: isolated-vm queues posts
 * without back pressure, so a loop around one would fill the host's memory.
 */
import { decodeFrame, type LogLevel, logLevels, maxOperationBytes, post } from '../../wire.ts';
import { maxSliceable } from './errors.ts';
import {
  Promise,
  RangeError,
  TypeError,
  Uint8Array,
  arrayBufferByteLength,
  arrayShift,
  bufferOf,
  byteLengthOf,
  createObject,
  max,
  stringSlice,
  uncurryThis,
} from './primordials.ts';

export type Post = (kind: number, ...rest: (number | string | Uint8Array)[]) => void;
export type CallSync = (operation: string, argument: string | number, data?: Uint8Array) => unknown;

interface Operation {
  readonly resolve: (value: string | Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly bytes: number;
}

const maxPendingOperations = 1_000;
const maxSyncCalls = 20_000;
const bufferTransfer = uncurryThis(ArrayBuffer.prototype.transfer);

let postToHost: Post;
let callHost: CallSync;
let logLinesLeft = 0;
let logCharactersLeft = 0;
let logTruncated = false;
let syncCallsLeft = maxSyncCalls;
let nextOperation = 1;
let pendingOperations = 0;
const operations = createObject(null) as Record<number, Operation | undefined>;

export function connect(posts: Post, calls: CallSync, logLines: number, logBytes: number): void {
  postToHost = posts;
  callHost = calls;
  logLinesLeft = logLines;
  logCharactersLeft = logBytes;
}

export function postHead(invocation: number, head: string): void {
  postToHost(post.head, invocation, head);
}

export function postChunk(invocation: number, chunk: string | Uint8Array): void {
  postToHost(post.chunk, invocation, chunk);
}

export function postEnd(invocation: number, error: string): void {
  postToHost(post.end, invocation, error);
}

export function postOver(invocation: number): void {
  postToHost(post.over, invocation);
}

export function postAnswer(invocation: number, kind: number, head: string, body: string | Uint8Array): void {
  postToHost(post.answer, invocation, kind, head, body);
}

/** A response with a body that the host holds. */
export function postPass(invocation: number, head: string, body: number): void {
  postToHost(post.pass, invocation, head, body);
}

export function postWatch(invocation: number): void {
  postToHost(post.watch, invocation);
}

export function postTurn(
  untilTimer: number,
  heapBytes: number,
  invocation: number,
  kind: number,
  head: string,
  body: string | Uint8Array,
): void {
  postToHost(post.turn, untilTimer, pendingOperations, heapBytes, invocation, kind, head, body);
}

/** Sends one log line to the host. What is over the limits is cut off, and all that follows dropped; the host is told. */
export function log(invocation: number, level: LogLevel, text: string): void {
  if (logTruncated) return;
  if (logLinesLeft > 0 && text.length > logCharactersLeft && logCharactersLeft > 0 && text.length < maxSliceable) {
    log(invocation, level, stringSlice(text, 0, logCharactersLeft));
    logCharactersLeft = 0;
  }
  if (logLinesLeft === 0 || text.length > logCharactersLeft) {
    logTruncated = true;
    postToHost(post.log, invocation, -1, '');
    return;
  }
  logLinesLeft -= 1;
  logCharactersLeft -= max(text.length, 1);
  let index = 0;
  while (index < logLevels.length - 1 && logLevels[index] !== level) index += 1;
  postToHost(post.log, invocation, index, text);
}

/** Whether log lines are still taken; spares the work of writing those that would be dropped. */
export function isLogging(): boolean {
  return !logTruncated;
}

/**
 * Asks the host for something that takes it microseconds. The host never throws into a guest; `undefined` is its refusal.
 *
 * @throws RangeError when this isolate has used up its synchronous calls.
 */
export function callSync(operation: string, argument: string | number, data?: Uint8Array): unknown {
  if (syncCallsLeft === 0) throw new RangeError(`too many synchronous host calls (${maxSyncCalls}) in one invocation`);
  syncCallsLeft -= 1;
  return data === undefined ? callHost(operation, argument) : callHost(operation, argument, new Uint8Array(data));
}

/**
 * Starts an operation of the host. The promise settles by a message of the host.
 */
export function callAsync(operation: string, argument: string, data?: Uint8Array): Promise<string | Uint8Array> {
  return new Promise((resolve, reject) => {
    if (pendingOperations >= maxPendingOperations) {
      throw new RangeError(`too many pending host operations (${maxPendingOperations})`);
    }
    // A copy of our own making: whatever the value is, what crosses is a Uint8Array that has its buffer for itself.
    const copy = data === undefined ? undefined : new Uint8Array(data);
    const bytes = copy === undefined ? 0 : byteLengthOf(copy);
    if (bytes > maxOperationBytes) {
      throw new RangeError(`the host takes at most ${maxOperationBytes} bytes at once, not ${bytes}`);
    }
    const id = nextOperation;
    nextOperation += 1;
    pendingOperations += 1;
    const start = (): void => {
      bytesUnderWay += bytes;
      if (copy === undefined) postToHost(post.call, id, operation, argument);
      else postToHost(post.call, id, operation, argument, copy);
    };
    operations[id] = { resolve, reject, bytes };
    if (waiting.length === 0 && bytesUnderWay + bytes <= maxOperationBytes) start();
    else waiting[waiting.length] = { bytes, start };
  });
}

/** Bytes that were sent to the host and that it may still hold; what would be too much waits here. */
let bytesUnderWay = 0;
const waiting: { readonly bytes: number; readonly start: () => void }[] = [];

function startWaiting(): void {
  for (;;) {
    const next = waiting[0];
    if (next === undefined || (bytesUnderWay > 0 && bytesUnderWay + next.bytes > maxOperationBytes)) return;
    arrayShift(waiting);
    next.start();
  }
}

/** Takes a `settle` message: text in a frame, or bytes that end with the operation's id. */
export function settleOperation(payload: string | Uint8Array): void {
  if (typeof payload === 'string') {
    const fields = decodeFrame(payload, 3);
    if (fields === undefined) return;
    const operation = takeOperation(+fields[0]!);
    if (fields[1] === '1') operation?.resolve(fields[2]!);
    else operation?.reject(new TypeError(fields[2]!));
    return;
  }
  const { length } = payload;
  const id =
    payload[length - 4]! +
    payload[length - 3]! * 2 ** 8 +
    payload[length - 2]! * 2 ** 16 +
    payload[length - 1]! * 2 ** 24;
  const operation = takeOperation(id);
  try {
    operation?.resolve(new Uint8Array(bufferTransfer(payload.buffer as ArrayBuffer, length - 4)));
  } catch (thrown) {
    // There is no memory left for them.
    operation?.reject(thrown);
  }
}

/** A view may show little of a big buffer, and a copy of it would carry the whole buffer to the host. */
export function exactBytes(bytes: Uint8Array): Uint8Array {
  return byteLengthOf(bytes) === arrayBufferByteLength(bufferOf(bytes)) ? bytes : new Uint8Array(bytes);
}

function takeOperation(id: number): Operation | undefined {
  const operation = operations[id];
  if (operation === undefined) return undefined;
  operations[id] = undefined;
  pendingOperations -= 1;
  bytesUnderWay -= operation.bytes;
  if (waiting.length > 0) startWaiting();
  return operation;
}

/** Counts something that the host will wake the guest for, so that the guest is not taken for one that never settles. */
export function holdPending(): void {
  pendingOperations += 1;
}

export function releasePending(): void {
  pendingOperations -= 1;
}
