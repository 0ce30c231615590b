/** The cell's side: runs the invocations that the front sends in a sandbox of this process, and sends back what comes of them. */
import { type ByteSource, sourceOfStream } from '../byte-source.ts';
import { openPolicy } from '../egress/policy.ts';
import { createSandboxHere, type SandboxHere } from '../inline.ts';
import type { Invocation, InvocationObserver } from '../invocation.ts';
import type { Limits } from '../limits.ts';
import type { Rehearser } from '../rehearsal.ts';
import { type RuntimeImage, type RuntimeImageSource, unpackPart } from '../runtime-image.ts';
import type { Answer, GuestResponse, InvocationRequest, SandboxFunction } from '../sandbox.ts';
import { chunkCost, encodeFrame, streamWindowBytes } from '../wire.ts';
import type { BodyWriter } from './body-file.ts';
import type { Channel } from './channel.ts';
import type { FlightRecorder } from './flight-record.ts';
import { CellStorage } from './cell-storage.ts';
import { CellEgress } from './cell-egress.ts';
import { ResponseFilling } from './filled-response.ts';
import { type FlowFiles, Flows } from './flows.ts';
import { IncomingFlow } from './incoming-flow.ts';
import type { FrameReader, FrameWriter } from './frame.ts';
import {
  chunkBytes,
  type InvokeFrame,
  maxInlineBody,
  mayRunOn,
  readFunction,
  readInvoke,
  toCell,
  toFront,
  writeEnding,
  writeLog,
} from './protocol.ts';

const mebibyte = 2 ** 20;
/** Of a response, what crosses at once in the file. */
const maxFilledBytes = 256 * 1024;
/** What a tenant may have, the front knows. */
const noQuota = { keys: 0, bytes: 0 };

/** One invocation of this cell. */
interface Run {
  readonly slot: number;
  readonly serial: number;
  readonly flows: Flows;
  readonly egress: CellEgress;
  readonly storage: CellStorage;
  readonly filling: ResponseFilling;
  readonly handle: Invocation;
  /** What the front still takes of the response; see `chunkCost`. */
  credit: number;
  onCredit: (() => void) | undefined;
  /** Nobody takes the response any more. */
  isCanceled: boolean;
}

export class CellServer implements RuntimeImageSource, InvocationObserver {
  readonly #recorder: FlightRecorder;
  readonly #files: FlowFiles;
  readonly #writer: BodyWriter;
  readonly #sandbox: SandboxHere;
  readonly #images = new Map<number, RuntimeImage>();
  readonly #functions = new Map<number, SandboxFunction>();
  readonly #imageOf = new WeakMap<SandboxFunction, Promise<RuntimeImage>>();
  readonly #bundleCaches = new WeakMap<SandboxFunction, Buffer>();
  readonly #runs = new Map<number, Run>();
  readonly #runOf = new WeakMap<InvocationRequest, Run>();
  /** Sources, deflated as they came, until somebody needs them: most of them nobody ever does. */
  readonly #parts = new Map<string, string | Uint8Array>();
  #channel!: Channel;

  constructor(recorder: FlightRecorder, files: FlowFiles, writer: BodyWriter) {
    this.#recorder = recorder;
    this.#files = files;
    this.#writer = writer;
    this.#sandbox = createSandboxHere({
      images: this,
      allowedGrowthBytes,
      openEgress: (request) => this.#runOf.get(request)!.egress,
      openStorage: (request) => this.#runOf.get(request)!.storage,
      observer: this,
      beforeCode: () => recorder.write(),
    });
  }

  connect(channel: Channel): void {
    this.#channel = channel;
  }

  receive(frame: FrameReader): void {
    const { kind, number } = frame;
    switch (kind) {
      case toCell.part:
        this.#parts.set(frame.text(), frame.keptBytes());
        break;
      case toCell.init:
        this.#send(toFront.ready, 0);
        break;
      case toCell.image: {
        const source = frame.text();
        const cache = frame.bytes();
        this.#images.set(number, { source, cache: cache.length === 0 ? undefined : Buffer.from(cache), parts: [] });
        break;
      }
      case toCell.function:
        this.#define(number, frame);
        break;
      case toCell.forget:
        this.#forget(number);
        break;
      case toCell.invoke:
        this.#invoke(number, readInvoke(frame));
        break;
      case toCell.credit:
        this.#addCredit(number, frame.count());
        break;
      case toCell.cancel:
        this.#cancel(number);
        break;
      case toCell.ping:
        this.#send(toFront.pong, number);
        this.#channel.flush();
        break;
      case toCell.fetchHead:
        this.#runs.get(number)?.egress.answered(frame);
        break;
      case toCell.regionRead:
        this.#writer.give(frame.count());
        break;
      case toCell.stored:
        this.#runs.get(number)?.storage.answered(frame);
        break;
      case toCell.fetchFailed:
        this.#runs.get(number)?.egress.failed(frame);
        break;
      default:
        this.#runs.get(number)?.flows.receive(toCell, frame);
        break;
    }
  }

  // RuntimeImageSource

  for(fn: SandboxFunction): Promise<RuntimeImage> {
    return this.#imageOf.get(fn)!;
  }

  bundleCache(fn: SandboxFunction): Buffer | undefined {
    return this.#bundleCaches.get(fn);
  }

  part(name: string): string | undefined {
    const source = this.#parts.get(name);
    if (source === undefined || typeof source === 'string') return source;
    const text = unpackPart(source);
    this.#parts.set(name, text);
    return text;
  }

  // InvocationObserver

  onBegin(request: InvocationRequest): void {
    const run = this.#runOf.get(request)!;
    this.#recorder.begins(run.slot, run.serial);
  }

  onRunning(request: InvocationRequest, isRunning: boolean): void {
    const run = this.#runOf.get(request)!;
    this.#note(isRunning, run.serial);
    // Where messages leave together, what has to be known before is written together.
    if (isRunning && request.function.freshness !== 'reuse') this.#recorder.write();
  }

  onWaiting(request: InvocationRequest): void {
    this.#send(toFront.waiting, this.#runOf.get(request)!.slot);
  }

  onRehearsing({ id }: Rehearser, isRunning: boolean): void {
    this.#note(isRunning, Number(id));
    if (isRunning) this.#recorder.write();
  }

  onUnstoppable({ id }: Rehearser): void {
    // The front takes back what has not begun: from now on, nothing does.
    this.#sandbox.refuseNewcomers();
    this.#send(toFront.unstoppable, Number(id));
    this.#channel.flush();
  }

  onCatastrophe({ id }: Rehearser): void {
    this.#sandbox.refuseNewcomers();
    this.#send(toFront.catastrophe, Number(id));
    this.#channel.flush();
  }

  #note(isRunning: boolean, serial: number): void {
    if (isRunning) this.#recorder.runs(serial);
    else this.#recorder.rests();
  }

  #send(kind: number, number: number): void {
    this.#channel.begin(kind, number).end();
  }

  #forget(number: number): void {
    const fn = this.#functions.get(number);
    if (fn === undefined) return;
    this.#functions.delete(number);
    this.#sandbox.forget(fn);
  }

  #define(number: number, frame: FrameReader): void {
    const { image, fn, source, cache } = readFunction(frame);
    const { fileName, ...rest } = fn;
    // The front maps stacks to sources: here they stay as they are.
    const bundle = { source, fileName, sourceMap: '', hash: '', imports: [] };
    // Where requests may go, the front decides.
    const defined: SandboxFunction = { ...rest, bundle, egress: openPolicy, storageQuota: noQuota };
    this.#functions.set(number, defined);
    if (cache.length > 0) this.#bundleCaches.set(defined, Buffer.from(cache));
    this.#imageOf.set(defined, Promise.resolve(this.#images.get(image)!));
  }

  #invoke(slot: number, frame: InvokeFrame): void {
    const begin = (kind: number): FrameWriter => this.#channel.begin(kind, slot);
    const flows = new Flows(toFront, begin, this.#files);
    const { serial, method, url, remoteAddress, headers, body, isUpgrade } = frame;
    const request: InvocationRequest = {
      // By this, the front knows who is meant, for some time after the end, too.
      id: String(serial),
      function: this.#functions.get(frame.functionNumber)!,
      request: {
        method,
        url,
        remoteAddress,
        headers,
        body: body === null || body instanceof Uint8Array ? body : flows.accept(body.flow, body.length),
        isUpgrade,
      },
      onLog: ({ level, time, text }) => writeLog(begin(toFront.log), level, time, text),
    };
    const run: Run = {
      slot,
      serial,
      flows,
      egress: new CellEgress(flows, begin),
      storage: new CellStorage(begin),
      filling: new ResponseFilling(this.#writer, begin),
      // It begins later, and asks for the rest of this only then.
      handle: this.#sandbox.invoke(request),
      credit: streamWindowBytes,
      onCredit: undefined,
      isCanceled: false,
    };
    this.#runOf.set(request, run);
    this.#runs.set(slot, run);
    void this.#finish(run);
  }

  async #finish(run: Run): Promise<void> {
    const { handle } = run;
    const answer = await handle.answer;
    const sent = this.#sendAnswer(run, answer);
    if (sent !== undefined) await sent;
    const ending = await handle.ended;
    run.flows.close();
    this.#runs.delete(run.slot);
    writeEnding(this.#channel.begin(toFront.ended, run.slot), ending);
    if (!mayRunOn(ending.outcome.kind)) return;
    await handle.gone;
    this.#send(toFront.gone, run.serial);
  }

  #sendAnswer(run: Run, answer: Answer): Promise<void> | undefined {
    const { slot } = run;
    if (answer.kind === 'failure') {
      const frame = this.#channel.begin(toFront.failure, slot);
      frame.text(JSON.stringify(answer.outcome)).text(headFrame(500, answer.headers)).end();
      return undefined;
    }
    const { status, headers, body, passed } = answer.response;
    const head = headFrame(status, headers);
    if (passed?.source instanceof IncomingFlow && !passed.source.hasBegun) {
      // The front has it: it goes from there to the client.
      passed.source.pass((error) => passed.end(error));
      this.#channel.begin(toFront.passed, slot).text(head).count(passed.source.id).end();
      return undefined;
    }
    if (body instanceof ReadableStream) {
      this.#channel.begin(toFront.head, slot).text(head).double(-1).end();
      return this.#sendStream(run, body);
    }
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    if (bytes.length <= maxInlineBody) {
      this.#channel.begin(toFront.answer, slot).text(head).bytes(bytes).end();
      return undefined;
    }
    this.#channel.begin(toFront.head, slot).text(head).double(bytes.length).end();
    return this.#sendPieces(run, bytes);
  }

  async #sendStream(run: Run, body: ReadableStream<Uint8Array>): Promise<void> {
    const source = sourceOfStream(body);
    try {
      for (let piece = await source.read(); piece !== undefined; piece = await source.read()) {
        await this.#sendPieces(run, piece, source);
      }
      this.#send(toFront.responseEnd, run.slot);
    } catch {
      // Cut off: the outcome, which follows, says why.
    }
  }

  async #sendPieces(run: Run, bytes: Uint8Array, source?: ByteSource): Promise<void> {
    let isFramed = false;
    for (let at = 0; at < bytes.length && !run.isCanceled;) {
      if (run.credit <= 0) {
        await new Promise<void>((resolve) => {
          run.onCredit = resolve;
        });
        run.onCredit = undefined;
        continue;
      }
      const filled = bytes.subarray(at, at + Math.min(run.credit, maxFilledBytes));
      const isFilled = run.filling.send(filled);
      const piece = isFilled ? filled : bytes.subarray(at, at + chunkBytes);
      at += piece.length;
      run.credit -= chunkCost(piece.length);
      const onSent = at < bytes.length ? undefined : () => source?.release?.(bytes);
      if (!isFilled) this.#channel.begin(toFront.responseChunk, run.slot).bytes(piece, onSent).end();
      // Where a part of it waits in a frame, the rest is left to V8.
      else if (!isFramed) onSent?.();
      isFramed ||= !isFilled;
    }
    if (source === undefined) this.#send(toFront.responseEnd, run.slot);
  }

  #addCredit(slot: number, credit: number): void {
    const run = this.#runs.get(slot);
    if (run === undefined) return;
    run.credit += credit;
    run.onCredit?.();
  }

  #cancel(slot: number): void {
    const run = this.#runs.get(slot);
    if (run === undefined) return;
    run.isCanceled = true;
    run.handle.cancel();
    run.onCredit?.();
  }
}

function headFrame(status: number, headers: GuestResponse['headers']): string {
  return encodeFrame([String(status), ...headers.flat()]);
}

/**
 * Where V8 ends an isolate, the process has grown by up to three times its limit at that moment; with a young generation and a margin for
 * what is shared. Beyond that lies memory that V8 does not count.
 */
function allowedGrowthBytes({ memoryMiB }: Limits): number {
  return (memoryMiB * 2 + 96) * mebibyte;
}
