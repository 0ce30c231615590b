/** One invocation as the guest sees it: what was asked for, and how far its answer is. */
import { answer, chunkCost, encodeFrame, failure, readFrame, streamWindowBytes } from '../../wire.ts';
import { type Account, account, closeAccount, enterAccount } from './account.ts';
import { addToBatch, dropBatch, flushBatch, isBatched } from './batch.ts';
import { describeThrown } from './errors.ts';
import {
  exactBytes,
  isExact,
  forgetOperations,
  holdPending,
  keepTurn,
  log,
  postAnswer,
  postChunk,
  postEnd,
  postHead,
  postOver,
  postPass,
  postRest,
  postTurn,
  postWatch,
  releasePending,
} from './host.ts';
import {
  Promise,
  String,
  Uint8Array,
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  charCodeAt,
  createObject,
  follow,
  min,
  stringSlice,
} from './primordials.ts';
import { rejected } from './rejections.ts';
import { forgetTimers, nextTimerOwner, untilNextTimer } from './timers.ts';

export interface Invocation {
  readonly id: number;
  readonly account: Account;
  phase: 'unanswered' | 'streaming' | 'answered' | 'over';
  /** Promises of `waitUntil` and the like that have not settled. */
  background: number;
  /** Bytes that may still be sent before the client has taken some. */
  credit: number;
  /** The last turn in which a piece left at once. */
  lastPostTurn: number;
  resume: (() => void) | undefined;
  /** Wants to know when the host is about to end it. */
  onEnding: ((reason: string) => void) | undefined;
  /** Its body goes to the client by way of the host: messages that are on their way still have to be taken. */
  isPassing: boolean;
}

/** `undefined` when there is nothing to wait for. */
export type Waiting = Promise<void> | undefined;

/** Largest piece of a stream that is posted at once where it may be more than the credit, in bytes or UTF-16 code units. */
const maxPieceUnits = 64 * 1024;
/** From this size on, bytes that have a buffer for themselves leave from where they are. */
const minWholeBytes = 128 * 1024;

const current = createObject(null) as Record<number, Invocation | undefined>;
let unfinished = 0;
let isPassing = false;
/** Counts the turns. */
let turn = 0;
let isShared = false;
let responseBodyBytes = 0;

// The one answer that waits for the end of the turn, so that a plain call crosses to the host once.
let answeredId = 0;
let answeredKind: number = answer.none;
let answeredHead = '';
let answeredBody: string | Uint8Array = '';

/** @param serves Whether this isolate serves many invocations. */
export function provideLimits(bytes: number, serves: boolean): void {
  responseBodyBytes = bytes;
  isShared = serves;
}

export function beginInvocation(id: number): Invocation {
  const invocation: Invocation = {
    id,
    account: enterAccount(id),
    phase: 'unanswered',
    background: 0,
    credit: streamWindowBytes,
    lastPostTurn: -1,
    resume: undefined,
    onEnding: undefined,
    isPassing: false,
  };
  current[id] = invocation;
  unfinished += 1;
  return invocation;
}

/** The invocation that code runs for, until it is over. */
function currentInvocation(): Invocation | undefined {
  return current[account().number];
}

/** No message will come any more. */
export function isDone(): boolean {
  return unfinished === 0 && !isPassing && !isShared;
}

/** Answers with a whole body. `headers` are names and values in turn. */
export function respond(
  invocation: Invocation,
  status: number,
  headers: readonly string[],
  body: string | Uint8Array,
): void {
  if (invocation.phase !== 'unanswered') return;
  const bytes = typeof body === 'string' ? body.length : byteLengthOf(body);
  if (bytes > responseBodyBytes) {
    failWith(invocation, failure.responseTooLarge, '', bytes, []);
    return;
  }
  const over = invocation.background === 0;
  answerWith(
    invocation,
    over ? answer.response : answer.responding,
    frameWith([String(status)], headers),
    typeof body === 'string' ? body : exactBytes(body),
  );
  invocation.phase = 'answered';
  if (over) finish(invocation);
}

/**
 * Ends the invocation with what user code threw. After the answer has begun there is only the log left to tell.
 *
 * @param headers Lines for the answer to the failure, names and values in turn.
 */
export function fail(invocation: Invocation, thrown: unknown, headers: readonly string[] = []): void {
  const described = describeThrown(thrown);
  if (invocation.phase === 'unanswered') {
    failWith(invocation, failure.thrown, described, 0, headers);
  } else if (invocation.phase === 'streaming') {
    flushBatch();
    postEnd(invocation.id, described);
    finish(invocation);
  } else {
    reportUncaught('Uncaught (after the response was sent)', thrown);
  }
}

/** Ends the invocation with what the module level of the bundle threw: no other call would fare better in this isolate. */
export function failToLoad(invocation: Invocation, thrown: unknown): void {
  failWith(invocation, failure.notLoaded, describeThrown(thrown), 0, []);
}

/** Ends the invocation for a reason that is not an error of user code. */
function failWith(
  invocation: Invocation,
  reason: number,
  described: string,
  size: number,
  headers: readonly string[],
): void {
  answerWith(invocation, answer.error, frameWith([String(reason), described, String(size)], headers), '');
  finish(invocation);
}

/** Sends status and headers of a streamed response. `writeChunk` and `endStream` follow. */
export function beginStream(invocation: Invocation, status: number, headers: readonly string[]): void {
  if (invocation.phase !== 'unanswered') return;
  invocation.phase = 'streaming';
  postHead(invocation.id, frameWith([String(status)], headers));
}

/** Answers with a body that the host holds, by its number: it does not enter the guest. */
export function respondWithHeld(
  invocation: Invocation,
  status: number,
  headers: readonly string[],
  body: number,
): void {
  if (invocation.phase !== 'unanswered') return;
  isPassing = true;
  invocation.isPassing = true;
  postPass(invocation.id, frameWith([String(status)], headers), body);
  invocation.phase = 'answered';
  if (invocation.background === 0) finish(invocation);
}

/**
 * Sends a piece of the body. `undefined` means that more may be sent at once, otherwise the promise settles when the client has
 * taken enough. One write at a time: the next follows when the promise of the last has settled.
 */
export function writeChunk(invocation: Invocation, chunk: string | Uint8Array): Waiting {
  const isText = typeof chunk === 'string';
  const length = isText ? chunk.length : byteLengthOf(chunk);
  let offset = 0;
  const post = (): boolean => {
    while (offset < length) {
      if (invocation.phase !== 'streaming') return true;
      if (invocation.credit <= 0) return false;
      offset += isText ? postText(invocation, chunk, offset) : postBytes(invocation, chunk, offset, length);
    }
    return invocation.credit > 0;
  };
  if (post()) return undefined;
  return new Promise((resolve) => {
    const wait = (): void => {
      holdPending(invocation.account);
      invocation.resume = () => {
        invocation.resume = undefined;
        releasePending(invocation.account);
        if (post()) resolve();
        else wait();
      };
    };
    wait();
  });
}

/** Takes a `credit` message. */
export function addCredit(id: number, units: number): void {
  const invocation = current[id];
  if (invocation === undefined) return;
  enterAccount(id);
  invocation.credit += units;
  if (invocation.credit > 0) invocation.resume?.();
}

/** Calls `tell` some time before the host ends the invocation, if it comes to that: once, with a reason of `endings`. */
export function watchEnding(tell: (reason: string) => void): void {
  const invocation = currentInvocation();
  if (invocation === undefined) return;
  if (invocation.onEnding === undefined) postWatch(invocation.id);
  invocation.onEnding = tell;
}

/** Takes an `ending` message. */
export function tellEnding(id: number, reason: string): void {
  const invocation = current[id];
  if (invocation === undefined) return;
  enterAccount(id);
  invocation.onEnding?.(reason);
}

/** Takes a `forget` message: the host has ended it, and nothing that it has begun goes on. */
export function forgetInvocation(id: number): void {
  const invocation = current[id];
  const owner = enterAccount(id);
  if (invocation !== undefined && invocation.phase !== 'over') {
    invocation.phase = 'over';
    dropBatch(id);
    current[id] = undefined;
    unfinished -= 1;
    if (invocation.resume !== undefined) releasePending(owner);
    invocation.resume = undefined;
  }
  dropRest(owner);
}

function dropRest(owner: Account): void {
  if (owner.timers > 0) forgetTimers(owner);
  if (owner.pending > 0) forgetOperations(owner);
  closeAccount(owner.number);
}

export function endStream(invocation: Invocation): void {
  if (invocation.phase !== 'streaming') return;
  flushBatch();
  postEnd(invocation.id, '');
  invocation.phase = 'answered';
  if (invocation.background === 0) finish(invocation);
}

/** Keeps the invocation going, after its answer too, until the result is called. */
export function holdInvocation(invocation: Invocation): () => void {
  invocation.background += 1;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    invocation.background -= 1;
    if (invocation.background === 0 && invocation.phase === 'answered') finish(invocation);
  };
}

/** Keeps the invocation going, after its answer too, until the promise has settled. */
export function waitUntil(invocation: Invocation, promise: unknown): void {
  if (invocation.phase === 'over') return;
  const release = holdInvocation(invocation);
  follow(promise, release, (reason) => {
    rejected('Uncaught (in waitUntil)', promise, reason);
    release();
  });
}

let isHandled: ((thrown: unknown) => boolean) | undefined;

/** @param handle Told of errors that nobody has caught; answers whether it has taken care of one. */
export function handleUncaught(handle: (thrown: unknown) => boolean): void {
  isHandled = handle;
}

/** An error that no user code will see, unless a listener takes care of it: it ends the current invocation, or is logged when that has been answered. */
export function uncaught(thrown: unknown): void {
  if (isHandled?.(thrown) === true) return;
  const invocation = currentInvocation();
  if (invocation === undefined || invocation.phase === 'answered' || invocation.phase === 'over') {
    reportUncaught('Uncaught', thrown);
  } else {
    fail(invocation, thrown);
  }
}

/** Tells the host that everything that could run has run, with the answer that was given meanwhile. */
export function finishTurn(heapBytes: number): void {
  flushBatch();
  turn += 1;
  postTurn(untilNextTimer(), heapBytes, answeredKind, answeredHead, answeredBody);
  takenAnswer();
}

/** Where turns follow each other closely: keeps what came of one until the host is told of several. Answers how many it will be told of. */
export function keepFinishedTurn(ms: number): number {
  flushBatch();
  turn += 1;
  const kept = keepTurn(ms, answeredId, answeredKind, answeredHead, answeredBody);
  takenAnswer();
  return kept;
}

/** Tells of them, and that everything that could run has run. */
export function finishTurns(heapBytes: number): void {
  postRest(untilNextTimer(), nextTimerOwner(), heapBytes);
}

function takenAnswer(): void {
  answeredId = 0;
  answeredKind = answer.none;
  answeredHead = '';
  answeredBody = '';
}

/** Logs what nobody has taken care of. */
export function reportUncaught(prefix: string, thrown: unknown): void {
  const fields = readFrame(describeThrown(thrown));
  const text = fields[2] === '' ? `${fields[0]!}: ${fields[1]!}` : fields[2]!;
  log('error', `${prefix} ${text}`);
}

function answerWith(invocation: Invocation, kind: number, head: string, body: string | Uint8Array): void {
  if (answeredKind !== answer.none) postAnswer(answeredId, answeredKind, answeredHead, answeredBody);
  answeredId = invocation.id;
  answeredKind = kind;
  answeredHead = head;
  answeredBody = body;
}

function finish(invocation: Invocation): void {
  if (invocation.phase === 'over') return;
  invocation.phase = 'over';
  current[invocation.id] = undefined;
  unfinished -= 1;
  // An answer that is still to be sent says itself that it is the last word.
  if (answeredId !== invocation.id) postOver(invocation.id);
  else if (answeredKind === answer.responding) answeredKind = answer.response;
  if (!isShared) return;
  if (invocation.isPassing) forgetTimers(invocation.account);
  else dropRest(invocation.account);
}

function frameWith(fields: string[], headers: readonly string[]): string {
  const start = fields.length;
  for (let index = 0; index < headers.length; index += 1) fields[start + index] = headers[index]!;
  return encodeFrame(fields);
}

/**
 * Sends bytes from `offset` on, and answers how many were taken. The first of a while leave at once, so that nobody waits for the end of the
 * turn; others leave together.
 */
function postBytes(invocation: Invocation, bytes: Uint8Array, offset: number, length: number): number {
  if (offset === 0 && length >= minWholeBytes && chunkCost(length) <= invocation.credit) {
    const whole = new Uint8Array(bufferOf(bytes), byteOffsetOf(bytes), length);
    if (isExact(whole)) {
      flushBatch();
      invocation.credit -= chunkCost(length);
      postChunk(invocation.id, whole, 1);
      return length;
    }
  }
  const size = min(length - offset, maxPieceUnits);
  const isBatch = isBatched(invocation.id);
  if (!isBatch && invocation.credit > streamWindowBytes / 2 && invocation.lastPostTurn !== turn) {
    invocation.lastPostTurn = turn;
    invocation.credit -= chunkCost(size);
    postChunk(invocation.id, exactBytes(new Uint8Array(bufferOf(bytes), byteOffsetOf(bytes) + offset, size)), 1);
    return size;
  }
  const added = addToBatch(invocation.id, bytes, offset, size);
  invocation.credit -= chunkCost(added);
  return added;
}

function postText(invocation: Invocation, text: string, offset: number): number {
  const piece = textPiece(text, offset);
  flushBatch();
  invocation.credit -= chunkCost(piece.length);
  postChunk(invocation.id, piece, 1);
  return piece.length;
}

function textPiece(text: string, offset: number): string {
  let end = min(text.length, offset + maxPieceUnits);
  // A surrogate pair stays in one piece.
  if (end < text.length && (charCodeAt(text, end - 1) & 0xfc00) === 0xd800) end -= 1;
  return stringSlice(text, offset, end);
}
