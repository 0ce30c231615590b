import type { ByteSource } from '../byte-source.ts';
import { EgressError } from '../egress/egress.ts';
import { freeBytes } from '../pieces.ts';
import type { BodyReader } from './body-file.ts';
import { MalformedFrame } from './frame.ts';
import { flowWindowBytes } from './protocol.ts';

/** What is said of a body to the side that it comes from. */
export interface IncomingLine {
  ask(bytes: number): void;
  /** No more of it is wanted, or all of what is in its region was read. */
  cancel(): void;
  /** Nothing will be heard of it any more. */
  over(): void;
}

/** Where so much has come at once, more is on its way. */
const bulkBytes = 64 * 1024;
const bulkWaitMs = 1;

const cutOff = ['ERR_EGRESS_ABORTED', 'the invocation is over'] as const;

/** A body of the other side; it asks for more as it is read. */
export class IncomingFlow implements ByteSource {
  readonly id: number;
  readonly length: number | undefined;
  readonly ownsPieces = true;
  readonly #line: IncomingLine;
  readonly #reader: BodyReader | undefined;
  /** Pieces that have come, and numbers of bytes that can be read from the region. */
  #queue: (Uint8Array | number)[] = [];
  #queuedBytes = 0;
  #region: number | undefined;
  /** Bytes that were read from it. */
  #read = 0;
  /** Bytes that were asked for and have not come. */
  #asked = 0;
  #hasBegun = false;
  #ended: { readonly error: Error | undefined } | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;
  #onPassed: ((error: Error | undefined) => void) | undefined;

  constructor(id: number, length: number | undefined, reader: BodyReader | undefined, line: IncomingLine) {
    this.id = id;
    this.length = length;
    this.#reader = reader;
    this.#line = line;
  }

  /** Whether any of it was asked for; as long as none was, it can be passed on by its number. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** It goes on without this side, which is told when it ends. */
  pass(onEnd: (error: Error | undefined) => void): void {
    this.#hasBegun = true;
    this.#onPassed = onEnd;
  }

  async read(atMost = flowWindowBytes): Promise<Uint8Array | undefined> {
    this.#hasBegun = true;
    while (this.#queue.length === 0 && this.#ended === undefined) {
      this.#askForMore();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isGrowing(atMost)) await this.#whenGrown(atMost);
    if (this.#queue.length > 0) {
      const piece = this.#take(atMost);
      this.#askForMore();
      return piece;
    }
    if (this.#ended?.error !== undefined) throw this.#ended.error;
    return undefined;
  }

  release(piece: Uint8Array): void {
    freeBytes(piece);
  }

  /** A piece has come. @throws MalformedFrame */
  take(bytes: Uint8Array): void {
    if (bytes.length > this.#asked) throw tooMuch();
    this.#asked -= bytes.length;
    if (this.#ended !== undefined) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#wake?.();
  }

  /** So many bytes more can be read from the region. @throws MalformedFrame */
  fill(region: number, bytes: number): void {
    if (this.#reader === undefined || bytes > this.#asked || (this.#region ?? region) !== region) throw tooMuch();
    this.#asked -= bytes;
    this.#region = region;
    if (this.#ended !== undefined) return;
    const last = this.#queue.at(-1);
    if (typeof last === 'number') this.#queue[this.#queue.length - 1] = last + bytes;
    else this.#queue.push(bytes);
    this.#queuedBytes += bytes;
    this.#wake?.();
  }

  end(code: string, message: string): void {
    if (this.#ended !== undefined) return;
    const error = message === '' ? undefined : code === '' ? new Error(message) : new EgressError(code, message);
    this.#ended = { error };
    if (this.#region === undefined) this.#over();
    else this.#overWhenRead();
    this.#onPassed?.(error);
    this.#wake?.();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#ended ??= { error: undefined };
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#over();
    this.#line.cancel();
    this.#wake?.();
  }

  /** The invocation is over: its region is another's from now on. */
  close(): void {
    const pieces = this.#queue.filter((piece) => typeof piece !== 'number');
    const isCut = pieces.length < this.#queue.length;
    this.#queue = pieces;
    if (isCut) this.#ended = { error: new EgressError(...cutOff) };
    else this.end(...cutOff);
  }

  #take(atMost: number): Uint8Array {
    const first = this.#queue[0]!;
    const bytes = typeof first === 'number' ? Math.min(first, atMost) : first.length;
    if (typeof first === 'number' && bytes < first) this.#queue[0] = first - bytes;
    else this.#queue.shift();
    this.#queuedBytes -= bytes;
    if (typeof first !== 'number') return first;
    const piece = this.#reader!.read(this.#region!, this.#read, bytes);
    this.#read += bytes;
    this.#overWhenRead();
    return piece;
  }

  /** Much has come, and will not have been all. */
  #isGrowing(atMost: number): boolean {
    return (
      this.#ended === undefined &&
      this.#queue.length === 1 &&
      typeof this.#queue[0] === 'number' &&
      this.#queuedBytes >= bulkBytes &&
      this.#queuedBytes < Math.min(atMost, flowWindowBytes)
    );
  }

  #whenGrown(atMost: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, bulkWaitMs);
      this.#wake = () => {
        if (this.#isGrowing(atMost)) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #overWhenRead(): void {
    if (this.#ended === undefined || this.#queue.some((piece) => typeof piece === 'number') || this.#isOver) return;
    this.#over();
    this.#line.cancel();
  }

  #over(): void {
    this.#isOver = true;
    this.#line.over();
  }

  #askForMore(): void {
    const wanted = flowWindowBytes - this.#queuedBytes - this.#asked;
    if (wanted < flowWindowBytes / 4 || this.#ended !== undefined) return;
    this.#asked += wanted;
    this.#line.ask(wanted);
  }
}

function tooMuch(): MalformedFrame {
  return new MalformedFrame('more of a body than was asked for');
}
