import { mapStack, mapSyntaxError } from '../guest-error.ts';
import { type GuestResponseHead, readResponseHead } from '../guest-response.ts';
import type { Failed, Outcome, OutcomeKind } from '../outcome.ts';
import { freeBytes } from '../pieces.ts';
import { ResponseStream } from '../response-stream.ts';
import type { Answer, Ending, InvocationHandle, InvocationRequest } from '../sandbox.ts';
import { chunkCost } from '../wire.ts';
import type { BodyReader } from './body-file.ts';
import { FilledResponse } from './filled-response.ts';
import type { FlowFiles } from './flows.ts';
import { type FrameReader, type FrameWriter, MalformedFrame } from './frame.ts';
import { PassedBody } from '../passed-body.ts';
import { type Outside, Traffic } from './traffic.ts';
import { flowOf, readEnding, readLog, readOutcome, toFront } from './protocol.ts';

/** What an invocation needs of the cell that it is in. */
export interface InvocationLine {
  /** The client took some of the response; see `chunkCost`. */
  credit(credit: number): void;
  cancel(): void;
  /** Begins a frame about it. */
  begin(kind: number): FrameWriter;
  readonly files: FlowFiles;
  /** What the cell writes its responses to. */
  readonly responses: BodyReader | undefined;
}

interface Collected {
  readonly bytes: Uint8Array;
  filled: number;
  readonly head: GuestResponseHead;
}

const noUsage = { cpuTimeMs: 0, startUpCpuMs: 0, wallTimeMs: 0, heapBytes: 0 } as const;

/** The front's side of one invocation: it outlives the cell that runs it, and may be run in another. */
export class CellInvocation implements InvocationHandle {
  readonly request: InvocationRequest;
  readonly answer: Promise<Answer>;
  readonly ended: Promise<Ending>;
  /** When it was given to a cell, last. */
  startedAt = 0;
  /** Cells that were lost under it before its code had begun. */
  reruns = 0;
  readonly #outside: Outside;
  readonly #onAbandon: () => void;
  #resolveAnswer!: (answer: Answer) => void;
  #resolveEnded!: (ending: Ending) => void;
  #line: InvocationLine | undefined;
  #stream: ResponseStream | undefined;
  #passed: PassedBody | undefined;
  #traffic: Traffic | undefined;
  #filled: FilledResponse | undefined;
  #collected: Collected | undefined;
  #isAnswered = false;
  #isOver = false;
  #endedAs: OutcomeKind | undefined;
  #canceledAs: Failed | undefined;

  /** @param onAbandon Called when it is canceled while no cell has it. */
  constructor(request: InvocationRequest, outside: Outside, onAbandon: () => void) {
    this.request = request;
    this.#outside = outside;
    this.#onAbandon = onAbandon;
    this.answer = new Promise((resolve) => {
      this.#resolveAnswer = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What its cell says of its end. */
  get endedAs(): OutcomeKind | undefined {
    return this.#endedAs;
  }

  /** Whether anything of an answer has left: it cannot be run again then. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  begin(line: InvocationLine): void {
    this.#line = line;
    this.startedAt = performance.now();
    const { function: fn, request } = this.request;
    this.#traffic = new Traffic(fn, flowOf(request), this.#outside, (kind) => line.begin(kind), line.files);
    this.#filled = new FilledResponse(line.responses, (kind) => line.begin(kind));
  }

  cancel(outcome: Failed = { kind: 'canceled' }): void {
    if (this.#isOver || this.#canceledAs !== undefined) return;
    this.#canceledAs = outcome;
    this.#fail(outcome);
    if (this.#line !== undefined) {
      this.#line.cancel();
    } else {
      this.#onAbandon();
      this.#over({ outcome, usage: noUsage, logsTruncated: false });
    }
  }

  /** Takes a frame of the cell. @throws MalformedFrame */
  receive(frame: FrameReader): void {
    switch (frame.kind) {
      case toFront.answer: {
        const head = readHead(frame.text());
        return this.#answered(head, Uint8Array.from(frame.bytes()));
      }
      case toFront.head:
        return this.#beginBody(readHead(frame.text(), this.request.request.isUpgrade), frame.double());
      case toFront.passed:
        return this.#passBody(readHead(frame.text()), frame.count());
      case toFront.responseChunk:
        return this.#takeChunk(frame.keptBytes());
      case toFront.responseFilled:
        return this.#takeFilled(frame.count(), frame.count());
      case toFront.responseEnd:
        return this.#endBody();
      case toFront.failure: {
        const outcome = this.#mapped(readOutcome(frame.text()));
        if (outcome.kind === 'ok') throw new MalformedFrame('a failure that is none');
        return this.#fail(outcome, readHead(frame.text()).headers);
      }
      case toFront.log:
        return this.request.onLog(readLog(frame));
      case toFront.ended: {
        const ending = readEnding(frame);
        this.#filled?.close();
        return this.#ended({ ...ending, outcome: this.#mapped(ending.outcome) });
      }
      default:
        if (this.#traffic?.receive(frame) === true) return;
        throw new MalformedFrame(`a frame of the kind ${frame.kind}`);
    }
  }

  /** Ends it without its cell: that is gone, or never was. */
  settle(outcome: Failed): void {
    this.#line = undefined;
    const wallTimeMs = this.startedAt === 0 ? 0 : performance.now() - this.startedAt;
    this.#ended({ outcome, usage: { ...noUsage, wallTimeMs }, logsTruncated: false });
  }

  /** The cell was lost before any code of the function had run. */
  takeBack(): void {
    this.#line = undefined;
    this.#traffic = undefined;
    this.reruns += 1;
  }

  #answered(head: GuestResponseHead, body: Uint8Array): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#resolveAnswer({ kind: 'response', response: { ...head, body } });
  }

  /** A whole body that comes in pieces is answered when all of it is there; a streamed one at once. */
  #beginBody(head: GuestResponseHead, length: number): void {
    if (this.#isAnswered || this.#collected !== undefined) return;
    if (length >= 0) {
      if (!(length <= this.request.function.limits.responseBodyBytes))
        throw new MalformedFrame('a body over its limit');
      this.#collected = { head, bytes: new Uint8Array(length), filled: 0 };
      return;
    }
    this.#isAnswered = true;
    this.#stream = new ResponseStream(
      (credit) => this.#line?.credit(credit),
      () => this.cancel(),
    );
    this.#resolveAnswer({ kind: 'response', response: { ...head, body: this.#stream.readable } });
  }

  /** The body is one of the front's own, which the cell has not looked at. */
  #passBody(head: GuestResponseHead, id: number): void {
    if (this.#isAnswered || this.#collected !== undefined) return;
    const traffic = this.#traffic!;
    this.#isAnswered = true;
    const passed = new PassedBody(
      traffic.takeBack(id),
      (error) => {
        this.#passed = undefined;
        traffic.tellEnd(id, error);
      },
      () => this.cancel(),
    );
    this.#passed = passed;
    this.#resolveAnswer({ kind: 'response', response: { ...head, body: passed.readable } });
  }

  #takeChunk(bytes: Uint8Array): void {
    if (this.#collected !== undefined) {
      const { filled, bytes: body } = this.#collected;
      if (filled + bytes.length > body.length) throw new MalformedFrame('a body longer than it said');
      body.set(bytes, filled);
      this.#collected.filled += bytes.length;
      const cost = chunkCost(bytes.length);
      freeBytes(bytes);
      this.#line?.credit(cost);
    } else if (this.#stream !== undefined && !this.#stream.write(bytes)) {
      throw new MalformedFrame('more of a stream than its credit allows');
    }
  }

  #takeFilled(region: number, length: number): void {
    const isWanted = this.#stream !== undefined || this.#collected !== undefined;
    const bytes = this.#filled!.take(region, length, isWanted);
    if (bytes !== undefined) this.#takeChunk(bytes);
  }

  #endBody(): void {
    if (this.#collected !== undefined) {
      const { head, bytes, filled } = this.#collected;
      if (filled !== bytes.length) throw new MalformedFrame('a body shorter than it said');
      this.#answered(head, bytes);
    }
    this.#stream?.end();
    this.#stream = undefined;
  }

  #fail(outcome: Failed, headers: Extract<Answer, { kind: 'failure' }>['headers'] = []): void {
    const cut = new Error(`the response was cut short: ${outcome.kind}`);
    this.#stream?.end(cut);
    this.#stream = undefined;
    this.#passed?.fail(cut);
    this.#passed = undefined;
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#resolveAnswer({ kind: 'failure', outcome, headers });
  }

  #ended(ending: Ending): void {
    const { outcome } = ending;
    this.#endedAs = outcome.kind;
    if (outcome.kind !== 'ok') this.#fail(outcome);
    // A cell that ends an invocation as well without having answered it.
    else if (!this.#isAnswered) this.#fail({ kind: 'crashed' });
    else this.#stream?.end();
    this.#over(this.#canceledAs === undefined ? ending : { ...ending, outcome: this.#canceledAs });
  }

  #over(ending: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#line = undefined;
    this.#traffic?.close();
    this.#resolveEnded(ending);
  }

  #mapped<O extends Outcome>(outcome: O): O {
    if (outcome.kind !== 'exception') return outcome;
    const { bundle } = this.request.function;
    const { name, message, stack } = outcome.error;
    return {
      ...outcome,
      error: {
        name,
        message: name === 'SyntaxError' ? mapSyntaxError(message, bundle) : message,
        stack: mapStack(stack, bundle),
      },
    };
  }
}

/** Cells check the heads of guests; what a cell sends is checked again. */
function readHead(text: string, isUpgrade?: boolean): GuestResponseHead {
  const head = readResponseHead(text, isUpgrade);
  if (typeof head === 'string') throw new MalformedFrame(head);
  return head;
}
