import { readGuestError } from './guest-error.ts';
import { isCount } from './guest-operations.ts';
import { type HeaderLines, readResponseHead, switchingProtocols } from './guest-response.ts';
import type { Bodies } from './operations/bodies.ts';
import type { Failed, Outcome } from './outcome.ts';
import { PassedBody } from './passed-body.ts';
import { ResponseStream } from './response-stream.ts';
import type { Answer, InvocationRequest } from './sandbox.ts';
import { answer as answerKinds, decodeFrame, encodeFrame, failure, maxHeaderLines } from './wire.ts';

/** What the answer needs of its invocation. */
export interface AnswerOwner {
  /** It has ended. */
  readonly hasEnded: () => boolean;
  /** The client can have it. */
  readonly answered: (answer: Answer) => void;
  /** The client has its answer, and work goes on. */
  readonly onBackground: () => void;
  /** The client's WebSocket was taken. */
  readonly onSocket: () => void;
  /** The client has taken bytes of what was streamed. */
  readonly onCredit: (units: number) => void;
  readonly end: (outcome: Outcome) => void;
  /** The client went away. */
  readonly cancel: () => void;
  /** The guest runtime said something that it never says. */
  readonly subverted: () => void;
}

/** What comes of one invocation for its client, as the guest tells it. Nothing about what it tells is certain. */
export class GuestAnswer {
  readonly #owner: AnswerOwner;
  readonly #request: InvocationRequest;
  readonly #bodies: Bodies;
  #isGiven = false;
  #isOver = false;
  #failureHeaders: HeaderLines = [];
  #stream: ResponseStream | undefined;
  #passed: PassedBody | undefined;

  constructor(owner: AnswerOwner, request: InvocationRequest, bodies: Bodies) {
    this.#owner = owner;
    this.#request = request;
    this.#bodies = bodies;
  }

  /** The guest has nothing more to say, and listens no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** All of it was given, but for a body that is passed on. */
  get isWhole(): boolean {
    return this.#isGiven && this.#stream === undefined;
  }

  /** A body goes to the client without the guest. */
  get isPassing(): boolean {
    return this.#passed !== undefined;
  }

  /** Takes `post.over`. */
  over(): void {
    this.#isOver = true;
  }

  /** Takes the fields of `post.answer`, which those of a turn end with, too. */
  give([kind, head, body]: readonly unknown[]): void {
    if (kind === answerKinds.none || this.#owner.hasEnded()) return;
    if (this.#isGiven || typeof head !== 'string') return this.#owner.subverted();
    if (kind === answerKinds.error) return this.#failed(head);
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) return this.#owner.subverted();
    const { responseBodyBytes } = this.#request.function.limits;
    const bytes = typeof body === 'string' ? Buffer.byteLength(body, 'utf8') : body.byteLength;
    if (bytes > responseBodyBytes) return this.#tooLarge(bytes);
    const read = readResponseHead(head);
    if (typeof read === 'string') return this.#invalid(read);
    this.#isGiven = true;
    this.#isOver = kind === answerKinds.response;
    if (!this.#isOver) this.#owner.onBackground();
    this.#owner.answered({ kind: 'response', response: { ...read, body } });
    return undefined;
  }

  /** Takes the head of `post.head`: a body follows piece by piece. */
  beginStream(head: unknown): void {
    if (this.#isGiven || typeof head !== 'string') return this.#owner.subverted();
    const read = readResponseHead(head, this.#request.request.isUpgrade);
    if (typeof read === 'string') return this.#invalid(read);
    this.#isGiven = true;
    if (read.status === switchingProtocols) this.#owner.onSocket();
    const stream = new ResponseStream(
      (units) => this.#owner.onCredit(units),
      () => this.#owner.cancel(),
    );
    this.#stream = stream;
    this.#owner.answered({ kind: 'response', response: { ...read, body: stream.readable } });
    return undefined;
  }

  /** Takes what `post.chunk` brings. */
  write(chunk: unknown, pieces: unknown): void {
    const isChunk = typeof chunk === 'string' || chunk instanceof Uint8Array;
    if (!isChunk || !isCount(pieces) || pieces === 0 || this.#stream?.write(chunk, pieces) !== true) {
      this.#owner.subverted();
    }
  }

  /** Takes the error of `post.end`, an empty text when there is none. */
  endStream(described: unknown): void {
    if (this.#stream === undefined || typeof described !== 'string') return this.#owner.subverted();
    if (described !== '') return this.#threw(described);
    this.#stream.end();
    this.#stream = undefined;
    return this.#owner.onBackground();
  }

  /** Takes `post.pass`: the body goes from where it comes from to the client, without the guest. */
  pass(head: unknown, id: unknown): void {
    if (this.#isGiven || typeof head !== 'string' || typeof id !== 'number') return this.#owner.subverted();
    const read = readResponseHead(head);
    if (typeof read === 'string') return this.#invalid(read);
    const source = this.#bodies.take(id);
    if (source === undefined) return this.#owner.subverted();
    this.#isGiven = true;
    const passed = new PassedBody(
      source,
      (error) => this.#passedOver(error),
      () => this.#owner.cancel(),
    );
    this.#passed = passed;
    this.#owner.answered({ kind: 'response', response: { ...read, body: passed.readable, passed } });
    return undefined;
  }

  /** The invocation has ended otherwise than well: who has no answer gets none, and what is on its way breaks off. */
  fail(outcome: Failed): void {
    this.#owner.answered({ kind: 'failure', outcome, headers: this.#failureHeaders });
    const cut = new Error(`the response was cut short: ${outcome.kind}`);
    this.#stream?.end(cut);
    this.#passed?.fail(cut);
  }

  #passedOver(error: Error | undefined): void {
    this.#passed = undefined;
    if (error !== undefined) return this.#invalid(`the body that was passed on broke off: ${error.message}`);
    return this.#isOver ? this.#owner.end({ kind: 'ok' }) : this.#owner.onBackground();
  }

  #failed(head: string): void {
    const [reason, described, size, ...lines] = decodeFrame(head, maxHeaderLines * 2 + 3) ?? [];
    if (reason === String(failure.responseTooLarge)) return this.#tooLarge(Number(size));
    const read = readResponseHead(encodeFrame(['500', ...lines]));
    if (typeof read !== 'string') this.#failureHeaders = read.headers;
    return this.#threw(described ?? '');
  }

  #threw(described: string): void {
    this.#owner.end({ kind: 'exception', error: readGuestError(described, this.#request.function.bundle) });
  }

  #tooLarge(used: number): void {
    const allowed = this.#request.function.limits.responseBodyBytes;
    this.#owner.end({ kind: 'exceededResponse', breach: { limit: 'responseBodyBytes', allowed, used } });
  }

  #invalid(problem: string): void {
    this.#owner.end({ kind: 'exception', error: { name: 'TypeError', message: problem, stack: '' } });
  }
}
