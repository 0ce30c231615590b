/**
 * The frames between the front and a cell: which there are, and how their fields are written and read. Slots number the invocations of a
 * cell; a slot is used again when its invocation has ended. Serials number them for the life of a cell, so that what is said of one
 * invocation is never taken for another's.
 */
import { type GuestError, type Outcome, type OutcomeKind, outcomeKinds, type Usage } from '../outcome.ts';
import { type Dialect, type Ending, type SandboxFunction } from '../sandbox.ts';
import { decodeFrame, encodeFrame, type LogLevel, logLevels, maxHeaderLines, type WireRequest } from '../wire.ts';
import { type FrameReader, type FrameWriter, MalformedFrame } from './frame.ts';

/** What the front sends. */
export const toCell = {
  /** Once, when it has all parts. */
  init: 1,
  /** `number` is the image's: source, code cache or no bytes. */
  image: 2,
  /** `number` is the function's: image, key and settings, bundle. */
  function: 3,
  /** `number` is a function's that will not be called any more. */
  forget: 4,
  /** `number` is the slot: serial, function, request. Bodies over `maxInlineBody` are a flow. */
  invoke: 5,
  /** `number` is the slot: the client took some of the response. */
  credit: 7,
  /** `number` is the slot. */
  cancel: 8,
  /** To be answered at once. */
  ping: 9,
  /** `number` is the slot, as in all that follows: flow, a piece of it. */
  flowChunk: 10,
  /** Flow, code and message of the error that it ended with; empty when all of it was sent. */
  flowEnd: 11,
  /** Flow of the cell, bytes of it that may be sent. */
  flowCredit: 12,
  /** Flow of the cell of which no more is wanted. */
  flowCancel: 13,
  /** Number of a subrequest, head of its response, flow and length of its body. */
  fetchHead: 14,
  /** Number of a subrequest, code and message. */
  fetchFailed: 15,
  /** Number of a storage operation, its error or nothing, fields of its answer, bytes if there are some. */
  stored: 16,
  /** Name and source of a part of the runtime. All come first. */
  part: 17,
  /** Flow, region, and how many bytes of it are there, after those that were there before; see body-file.ts. */
  flowFilled: 18,
  /** Region of the cell's own file: all that it was said to have was read. */
  regionRead: 19,
} as const;

/** What a cell sends. */
export const toFront = {
  ready: 1,
  /** `number` is the slot: the response with its whole body. */
  answer: 2,
  /** `number` is the slot: status and headers; the body follows in chunks. */
  head: 3,
  /** `number` is the slot: a piece of the response body. */
  responseChunk: 4,
  /** `number` is the slot: the body is complete. */
  responseEnd: 5,
  /** `number` is the slot: why there is no response, before the invocation has ended. */
  failure: 6,
  /** `number` is the slot: level, time, text. */
  log: 7,
  /** `number` is the slot: outcome and usage. The slot is free. */
  ended: 8,
  /** `number` is the slot: it lets others run until something happens. */
  waiting: 9,
  /** The answer to a ping. */
  pong: 11,
  /** `number` is the serial of the invocation whose isolate could not be stopped. */
  unstoppable: 12,
  /** `number` is the serial of the invocation whose isolate V8 gave up on. */
  catastrophe: 13,
  /** `number` is the serial of an invocation that was ended while it may have been running: its isolate is gone now. */
  gone: 14,
  /** `number` is the slot, as in all that follows: status and headers; the body is a flow of the front's own. */
  passed: 15,
  /** Flow, a piece of it. */
  flowChunk: 16,
  /** Flow, code and message of the error that it ended with; empty when all of it was sent. */
  flowEnd: 17,
  /** Flow of the front, bytes of it that may be sent. */
  flowCredit: 18,
  /** Flow of the front of which no more is wanted. */
  flowCancel: 19,
  /** Number of a subrequest, method, URL, headers, redirect mode, body. */
  fetch: 20,
  /** Number of a subrequest that is not wanted any more. */
  fetchAbort: 21,
  /** Number of a storage operation, its frame, bytes if there are some. */
  storage: 22,
  /** Region, and how many bytes of the response body are there, after those that were there before. */
  responseFilled: 23,
} as const;

/** Of the longest list. */
export const maxStorageFields = 3_001;
/** Bodies up to this size travel within one frame. */
export const maxInlineBody = 64 * 1024;
/** Bytes of a body that may be under way before the other side has taken some. */
export const flowWindowBytes = 512 * 1024;
export const chunkBytes = 64 * 1024;

/** Headers as names and values in turn. */
export interface InvokeFrame {
  readonly serial: number;
  readonly functionNumber: number;
  readonly method: string;
  readonly url: string;
  readonly remoteAddress: string;
  readonly headers: readonly string[];
  /** `flow`: it is flow 1. */
  readonly body: Uint8Array | { readonly flow: 1; readonly length: number | undefined } | null;
  readonly isUpgrade: boolean;
}

/**
 * How a body is written in a frame: not at all, with its bytes, or by the number of a flow: the sender's, or the receiver's own; or as such a
 * flow of the messages of a WebSocket.
 */
export const bodyForm = { none: 0, inline: 1, flow: 2, passed: 3, socket: 4 } as const;

/** What of a request's body is not sent along with it. */
export function flowOf({ body }: WireRequest): WireRequest['body'] {
  return body instanceof Uint8Array && body.length <= maxInlineBody ? null : body;
}

export function writeInvoke(frame: FrameWriter, serial: number, functionNumber: number, request: WireRequest): void {
  const { method, url, remoteAddress, headers, body, isUpgrade } = request;
  frame.count(serial).count(functionNumber).text(method).text(url).text(remoteAddress).text(encodeFrame(headers));
  if (body === null) frame.count(bodyForm.none);
  else if (body instanceof Uint8Array && body.length <= maxInlineBody) frame.count(bodyForm.inline).bytes(body);
  else writeLength(frame.count(isUpgrade === true ? bodyForm.socket : bodyForm.flow), body.length);
  frame.end();
}

export function readInvoke(frame: FrameReader): InvokeFrame {
  const serial = frame.count();
  const functionNumber = frame.count();
  const method = frame.text();
  const url = frame.text();
  const remoteAddress = frame.text();
  const headers = decodeFrame(frame.text(), maxHeaderLines * 2) ?? [];
  const form = frame.count();
  const body =
    form === bodyForm.none
      ? null
      : form === bodyForm.inline
        ? Uint8Array.from(frame.bytes())
        : ({ flow: 1, length: readLength(frame) } as const);
  return { serial, functionNumber, method, url, remoteAddress, headers, body, isUpgrade: form === bodyForm.socket };
}

/** The length of a body, which may not be known, as a field of a frame. */
export function writeLength(frame: FrameWriter, length: number | undefined): FrameWriter {
  return frame.double(length ?? -1);
}

export function readLength(frame: FrameReader): number | undefined {
  const length = frame.double();
  return length >= 0 ? length : undefined;
}

const noCache = new Uint8Array();

/** A function as a cell knows it. Source maps stay with the front. */
export type CellFunction = Pick<
  SandboxFunction,
  'tenant' | 'key' | 'name' | 'limits' | 'env' | 'kv' | 'trust' | 'freshness'
> & {
  readonly dialect: Dialect;
  readonly fileName: string;
};

export function writeFunction(frame: FrameWriter, image: number, fn: SandboxFunction, cache: Buffer | undefined): void {
  const { tenant, key, name, limits, env, kv, trust, freshness, dialect, bundle } = fn;
  const described: CellFunction = {
    tenant,
    key,
    name,
    limits,
    env,
    kv,
    trust,
    freshness,
    dialect,
    fileName: bundle.fileName,
  };
  frame
    .count(image)
    .text(JSON.stringify(described))
    .text(bundle.source)
    .bytes(cache ?? noCache)
    .end();
}

export interface FunctionFrame {
  readonly image: number;
  readonly fn: CellFunction;
  readonly source: string;
  /** The code cache of the source; empty when there is none. */
  readonly cache: Uint8Array;
}

export function readFunction(frame: FrameReader): FunctionFrame {
  const image = frame.count();
  const fn = JSON.parse(frame.text()) as CellFunction;
  return { image, fn, source: frame.text(), cache: frame.bytes() };
}

export function writeLog(frame: FrameWriter, level: LogLevel, time: Date, text: string): void {
  frame.count(logLevels.indexOf(level)).double(time.getTime()).text(text).end();
}

export function readLog(frame: FrameReader): { level: LogLevel; time: Date; text: string } {
  const level = logLevels[frame.count()];
  const time = new Date(frame.double());
  if (level === undefined || Number.isNaN(time.getTime())) throw new MalformedFrame('a log line without level or time');
  return { level, time, text: frame.text() };
}

export function writeEnding(frame: FrameWriter, { outcome, usage, logsTruncated }: Ending): void {
  const { cpuTimeMs, startUpCpuMs, wallTimeMs, heapBytes } = usage;
  frame.double(cpuTimeMs).double(startUpCpuMs).double(wallTimeMs).double(heapBytes);
  frame.count(logsTruncated ? 1 : 0).text(outcome.kind === 'ok' ? '' : JSON.stringify(outcome));
  frame.end();
}

export function readEnding(frame: FrameReader): Ending {
  const usage: Usage = {
    cpuTimeMs: amount(frame),
    startUpCpuMs: amount(frame),
    wallTimeMs: amount(frame),
    heapBytes: amount(frame),
  };
  const logsTruncated = frame.count() === 1;
  const text = frame.text();
  return { outcome: text === '' ? { kind: 'ok' } : readOutcome(text), usage, logsTruncated };
}

function amount(frame: FrameReader): number {
  const value = frame.double();
  if (!Number.isFinite(value) || value < 0) throw new MalformedFrame(`${value} is no amount`);
  return value;
}

/**
 * Whether an isolate may still be running when its invocation has ended so: until it is gone, nobody knows whether it can be stopped.
 */
export function mayRunOn(kind: OutcomeKind): boolean {
  return kind !== 'ok' && kind !== 'exception' && kind !== 'neverSettles';
}

/** Outcomes as cells may have them. */
export function readOutcome(text: string): Outcome {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !(outcomeKinds as readonly unknown[]).includes(value['kind'])) {
    throw new MalformedFrame('an outcome of no kind');
  }
  const { kind, breach, error } = value;
  if (breach !== undefined && !isBreach(breach)) throw new MalformedFrame('a breach of no limit');
  if (kind === 'exception' && !isGuestError(error)) throw new MalformedFrame('an exception without its error');
  return value as Outcome;
}

function isBreach(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['limit'] === 'string' &&
    typeof value['allowed'] === 'number' &&
    (value['used'] === undefined || typeof value['used'] === 'number')
  );
}

function isGuestError(value: unknown): value is GuestError {
  return isRecord(value) && ['name', 'message', 'stack'].every((key) => typeof value[key] === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
