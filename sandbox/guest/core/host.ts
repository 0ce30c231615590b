/**
 * The guest's half of the bridge: the only code that holds isolated-vm objects, in closures that no user code can reach.
 *
 * Every path from user code to a post or a synchronous call has a budget here and again on the host: isolated-vm queues posts
 * without back pressure, so a loop around one would fill the host's memory.
 */
import { type LogLevel, logLevels, maxOperationBytes, post, readFrame, turnsPost } from '../../wire.ts';
import { type Account, account, resume, setAllowances } from './account.ts';
import { maxSliceable } from './errors.ts';
import {
  Promise,
  RangeError,
  TypeError,
  Uint8Array,
  apply,
  arrayBufferByteLength,
  arrayShift,
  bufferOf,
  byteLengthOf,
  createObject,
  isResizable,
  max,
  setPrototypeOf,
  stringSlice,
} from './primordials.ts';

export type Post = (kind: number, ...rest: (number | string | Uint8Array)[]) => void;
export type CallSync = (invocation: number, operation: string, argument: string | number, data?: Uint8Array) => unknown;

interface Operation {
  readonly resolve: (value: string | Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly owner: Account;
  readonly bytes: number;
  isStarted: boolean;
  readonly start: () => void;
}

const maxPendingOperations = 1_000;
const maxSyncCalls = 20_000;

let postToHost: Post;
let callHost: CallSync;
let isShared = false;
let nextOperation = 1;
let pendingOperations = 0;
const operations = createObject(null) as Record<number, Operation | undefined>;

/** @param serves Whether this isolate serves many invocations. */
export function connect(posts: Post, calls: CallSync, logLines: number, logBytes: number, serves: boolean): void {
  isShared = serves;
  postToHost = posts;
  callHost = calls;
  setAllowances(logLines, logBytes, maxSyncCalls);
}

export function postHead(invocation: number, head: string): void {
  postToHost(post.head, invocation, head);
}

export function postChunk(invocation: number, chunk: string | Uint8Array, pieces: number): void {
  postToHost(post.chunk, invocation, chunk, pieces);
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

/** The end of a turn of the one invocation that there is. */
export function postTurn(
  untilTimer: number,
  heapBytes: number,
  kind: number,
  head: string,
  body: string | Uint8Array,
): void {
  postToHost(post.turn, account().number, untilTimer, pendingOperations, heapBytes, kind, head, body);
}

/** Without a prototype: user code could add setters for elements to that, and so get hold of what is posted. */
const told: (number | string | Uint8Array)[] = [];
setPrototypeOf(told, null);
let toldTurns = 0;

/** Keeps what came of a turn for the next post of turns. Answers how many it will tell of. */
export function keepTurn(
  ms: number,
  invocation: number,
  kind: number,
  head: string,
  body: string | Uint8Array,
): number {
  const start = turnsPost.head + toldTurns * turnsPost.turn;
  told[start] = ms;
  told[start + 1] = invocation;
  told[start + 2] = kind;
  told[start + 3] = head;
  told[start + 4] = body;
  toldTurns += 1;
  return toldTurns;
}

/** Tells of the turns that were kept, while others follow at once. */
export function postKeptTurns(): void {
  postTurns(0, -1, 0, 0);
}

/** The same when everything that could run has run. */
export function postRest(untilTimer: number, timerOwner: number, heapBytes: number): void {
  postTurns(1, untilTimer, timerOwner, heapBytes);
}

function postTurns(isAtRest: number, untilTimer: number, timerOwner: number, heapBytes: number): void {
  told[0] = post.turns;
  told[1] = isAtRest;
  told[2] = untilTimer;
  told[3] = timerOwner;
  told[4] = pendingOperations;
  told[5] = heapBytes;
  told.length = turnsPost.head + toldTurns * turnsPost.turn;
  toldTurns = 0;
  apply(postToHost, undefined, told);
}

/** Sends one log line to the host. What is over the limits is cut off, and all that follows dropped; the host is told. */
export function log(level: LogLevel, text: string): void {
  const current = account();
  const { number, logLines, logCharacters } = current;
  if (current.isLogTruncated) return;
  if (logLines > 0 && text.length > logCharacters && logCharacters > 0 && text.length < maxSliceable) {
    log(level, stringSlice(text, 0, logCharacters));
    current.logCharacters = 0;
  }
  if (logLines === 0 || text.length > current.logCharacters) {
    current.isLogTruncated = true;
    postToHost(post.log, number, -1, '');
    return;
  }
  current.logLines -= 1;
  current.logCharacters -= max(text.length, 1);
  let index = 0;
  while (index < logLevels.length - 1 && logLevels[index] !== level) index += 1;
  postToHost(post.log, number, index, text);
}

/** Whether log lines are still taken; spares the work of writing those that would be dropped. */
export function isLogging(): boolean {
  return !account().isLogTruncated;
}

/**
 * Asks the host for something that takes it microseconds. The host never throws into a guest; `undefined` is its refusal.
 *
 * @throws RangeError when this invocation has used up its synchronous calls.
 */
export function callSync(operation: string, argument: string | number, data?: Uint8Array): unknown {
  const current = account();
  const { number } = current;
  if (current.syncCalls === 0) {
    throw new RangeError(`too many synchronous host calls (${maxSyncCalls}) in one invocation`);
  }
  current.syncCalls -= 1;
  return data === undefined
    ? callHost(number, operation, argument)
    : callHost(number, operation, argument, new Uint8Array(data));
}

/** Whether this invocation may wait for the host: it has a synchronous call left, and no other waits behind it. */
export function mayWait(): boolean {
  return !isShared && account().syncCalls > 0;
}

/**
 * Starts an operation of the host. The promise settles by a message of the host, or never when the invocation ends before that.
 */
export function callAsync(operation: string, argument: string, data?: Uint8Array): Promise<string | Uint8Array> {
  return new Promise((resolve, reject) => {
    const owner = account();
    if (owner.pending >= maxPendingOperations) {
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
    const start = (): void => {
      started.isStarted = true;
      bytesUnderWay += bytes;
      if (copy === undefined) postToHost(post.call, owner.number, id, operation, argument);
      else postToHost(post.call, owner.number, id, operation, argument, copy);
    };
    const started: Operation = { resolve, reject, owner, bytes, isStarted: false, start };
    holdPending(owner);
    operations[id] = started;
    if (waiting.length === 0 && bytesUnderWay + bytes <= maxOperationBytes) start();
    else waiting[waiting.length] = id;
  });
}

/** Bytes that were sent to the host and that it may still hold; what would be too much waits here. */
let bytesUnderWay = 0;
const waiting: number[] = [];

function startWaiting(): void {
  for (;;) {
    const id = waiting[0];
    if (id === undefined) return;
    const next = operations[id];
    // It may have been forgotten meanwhile.
    if (next !== undefined && bytesUnderWay > 0 && bytesUnderWay + next.bytes > maxOperationBytes) return;
    arrayShift(waiting);
    next?.start();
  }
}

/** Takes a `settle` message: text in a frame, or the operation's id and bytes. */
export function settleOperation(payload: string | readonly [id: number, bytes: Uint8Array]): void {
  if (typeof payload === 'string') {
    const fields = readFrame(payload);
    const operation = takeOperation(+fields[0]!);
    if (fields[1] === '1') operation?.resolve(fields[2]!);
    else operation?.reject(new TypeError(fields[2]!));
    return;
  }
  takeOperation(payload[0])?.resolve(payload[1]);
}

/** A view may show little of a big buffer, and a copy of it would carry the whole buffer to the host. */
export function exactBytes(bytes: Uint8Array): Uint8Array {
  return isExact(bytes) ? bytes : new Uint8Array(bytes);
}

/** Whether its buffer has room for nothing else, and cannot grow. */
export function isExact(bytes: Uint8Array): boolean {
  const buffer = bufferOf(bytes);
  return byteLengthOf(bytes) === arrayBufferByteLength(buffer) && !isResizable(buffer);
}

/** The invocation of the operation is the one that runs on. */
function takeOperation(id: number): Operation | undefined {
  const operation = operations[id];
  if (operation === undefined) return undefined;
  dropOperation(id, operation);
  resume(operation.owner);
  return operation;
}

function dropOperation(id: number, { owner, isStarted, bytes }: Operation): void {
  delete operations[id];
  releasePending(owner);
  if (isStarted) bytesUnderWay -= bytes;
  if (waiting.length > 0) startWaiting();
}

/** Nothing of what an invocation has asked for will come any more. */
export function forgetOperations(owner: Account): void {
  for (const id in operations) {
    const operation = operations[id]!;
    if (operation.owner === owner) dropOperation(+id, operation);
  }
}

/** Counts something that the host will wake the guest for, so that the guest is not taken for one that never settles. */
export function holdPending(owner: Account): void {
  owner.pending += 1;
  pendingOperations += 1;
}

export function releasePending(owner: Account): void {
  owner.pending -= 1;
  pendingOperations -= 1;
}
