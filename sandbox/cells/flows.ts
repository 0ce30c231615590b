/**
 * Bodies between the front and a cell, in both directions: each has a number, and pieces of it cross only when the other side has asked for
 * so many bytes. One that nobody asks for does not cross at all.
 */
import { type ByteSource } from '../byte-source.ts';
import { EgressError } from '../egress/egress.ts';
import { freeBytes } from '../pieces.ts';
import { type FrameReader, type FrameWriter, MalformedFrame } from './frame.ts';
import { chunkBytes, flowWindowBytes } from './protocol.ts';

/** The kinds of frames by which one side says the four things that are to be said of a flow. */
export interface FlowKinds {
  readonly flowChunk: number;
  readonly flowEnd: number;
  readonly flowCredit: number;
  readonly flowCancel: number;
}

/** All flows of one invocation, as one side sees them. */
export class Flows {
  readonly #kinds: FlowKinds;
  readonly #begin: (kind: number) => FrameWriter;
  readonly #outgoing = new Map<number, OutgoingFlow>();
  readonly #incoming = new Map<number, IncomingFlow>();
  #lastId = 0;
  #isClosed = false;

  /**
   * @param kinds Those that this side sends.
   * @param begin Begins a frame of the invocation.
   */
  constructor(kinds: FlowKinds, begin: (kind: number) => FrameWriter) {
    this.#kinds = kinds;
    this.#begin = begin;
  }

  /** Offers a body to the other side; answers its number. */
  offer(source: ByteSource): number {
    this.#lastId += 1;
    this.#outgoing.set(this.#lastId, { source, credit: 0, isPumping: false, hasBegun: false });
    return this.#lastId;
  }

  /** A body that the other side has offered. */
  accept(id: number, length: number | undefined): IncomingFlow {
    const flow = new IncomingFlow(id, length, {
      ask: (bytes) => this.#begin(this.#kinds.flowCredit).count(id).count(bytes).end(),
      cancel: () => {
        if (!this.#isClosed) this.#begin(this.#kinds.flowCancel).count(id).end();
      },
      over: () => this.#incoming.delete(id),
    });
    this.#incoming.set(id, flow);
    return flow;
  }

  /** Takes back a body that was offered and not asked for: the other side has passed it on. */
  takeBack(id: number): ByteSource | undefined {
    const flow = this.#outgoing.get(id);
    if (flow === undefined || flow.hasBegun) return undefined;
    this.#outgoing.delete(id);
    return flow.source;
  }

  /** Says how a body ended that was taken back. */
  tellEnd(id: number, error: Error | undefined): void {
    if (!this.#isClosed) this.#sendEnd(id, error);
  }

  /** Takes a frame of the other side. @throws MalformedFrame */
  receive(kinds: FlowKinds, frame: FrameReader): boolean {
    switch (frame.kind) {
      case kinds.flowChunk:
        this.#incoming.get(frame.count())?.take(frame.keptBytes());
        return true;
      case kinds.flowEnd: {
        const flow = this.#incoming.get(frame.count());
        flow?.end(frame.text(), frame.text());
        return true;
      }
      case kinds.flowCredit: {
        const id = frame.count();
        const flow = this.#outgoing.get(id);
        if (flow === undefined) return true;
        flow.credit += frame.count();
        flow.hasBegun = true;
        if (!flow.isPumping) void this.#pump(id, flow);
        return true;
      }
      case kinds.flowCancel: {
        const id = frame.count();
        const flow = this.#outgoing.get(id);
        this.#outgoing.delete(id);
        flow?.source.cancel();
        return true;
      }
      default:
        return false;
    }
  }

  /** The invocation is over, or its other side is gone. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { source } of this.#outgoing.values()) source.cancel();
    this.#outgoing.clear();
    for (const flow of this.#incoming.values()) flow.end('ERR_EGRESS_ABORTED', 'the invocation is over');
  }

  async #pump(id: number, flow: OutgoingFlow): Promise<void> {
    flow.isPumping = true;
    try {
      while (flow.credit > 0) {
        const piece = await flow.source.read();
        if (this.#outgoing.get(id) !== flow) return;
        if (piece === undefined) {
          this.#outgoing.delete(id);
          this.#sendEnd(id, undefined);
          return;
        }
        // A piece may go over the credit: the next then waits for longer.
        flow.credit -= piece.length;
        for (let at = 0; at < piece.length; at += chunkBytes) {
          const isLast = at + chunkBytes >= piece.length;
          this.#begin(this.#kinds.flowChunk)
            .count(id)
            .bytes(piece.subarray(at, at + chunkBytes), isLast ? () => flow.source.release?.(piece) : undefined)
            .end();
        }
      }
    } catch (error) {
      if (this.#outgoing.delete(id)) this.#sendEnd(id, error as Error);
    } finally {
      flow.isPumping = false;
    }
  }

  #sendEnd(id: number, error: Error | undefined): void {
    const code = error instanceof EgressError ? error.code : '';
    const message = error === undefined ? '' : error.message || 'the body broke off';
    this.#begin(this.#kinds.flowEnd).count(id).text(code).text(message).end();
  }
}

interface OutgoingFlow {
  readonly source: ByteSource;
  credit: number;
  isPumping: boolean;
  hasBegun: boolean;
}

/** A body of the other side; it asks for more as it is read. */
export class IncomingFlow implements ByteSource {
  readonly id: number;
  readonly length: number | undefined;
  readonly #line: { ask(bytes: number): void; cancel(): void; over(): void };
  #pieces: Uint8Array[] = [];
  #queuedBytes = 0;
  /** Bytes that were asked for and have not come. */
  #asked = 0;
  #hasBegun = false;
  #ended: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;
  #onPassed: ((error: Error | undefined) => void) | undefined;

  constructor(
    id: number,
    length: number | undefined,
    line: { ask(bytes: number): void; cancel(): void; over(): void },
  ) {
    this.id = id;
    this.length = length;
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

  async read(): Promise<Uint8Array | undefined> {
    this.#hasBegun = true;
    while (this.#pieces.length === 0 && this.#ended === undefined) {
      this.#askForMore();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#queuedBytes -= piece.length;
      this.#askForMore();
      return piece;
    }
    if (this.#ended!.error !== undefined) throw this.#ended!.error;
    return undefined;
  }

  release(piece: Uint8Array): void {
    freeBytes(piece);
  }

  take(bytes: Uint8Array): void {
    // The last piece within the credit may be larger than what is left of it.
    if (this.#asked <= -flowWindowBytes || bytes.length > chunkBytes)
      throw new MalformedFrame('more of a body than was asked for');
    this.#asked -= bytes.length;
    if (this.#ended !== undefined) return;
    this.#pieces.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#wake?.();
  }

  end(code: string, message: string): void {
    if (this.#ended !== undefined) return;
    const error = message === '' ? undefined : code === '' ? new Error(message) : new EgressError(code, message);
    this.#ended = { error };
    this.#line.over();
    this.#onPassed?.(error);
    this.#wake?.();
  }

  cancel(): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error: undefined };
    this.#pieces = [];
    this.#queuedBytes = 0;
    this.#line.over();
    this.#line.cancel();
    this.#wake?.();
  }

  #askForMore(): void {
    const wanted = flowWindowBytes - this.#queuedBytes - this.#asked;
    if (wanted < flowWindowBytes / 4 || this.#ended !== undefined) return;
    this.#asked += wanted;
    this.#line.ask(wanted);
  }
}
