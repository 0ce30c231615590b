/**
 * Bodies between the front and a cell, in both directions: each has a number, and pieces of it cross only when the other side has asked for
 * so many bytes. One that nobody asks for does not cross at all. Small pieces cross within frames, large ones to a cell in a file, where
 * there is one; see body-file.ts.
 */
import { type ByteSource } from '../byte-source.ts';
import { EgressError } from '../egress/egress.ts';
import type { BodyReader, BodyWriter } from './body-file.ts';
import { type FrameReader, type FrameWriter } from './frame.ts';
import { IncomingFlow } from './incoming-flow.ts';
import { OutgoingFlow } from './outgoing-flow.ts';

/** The kinds of frames by which one side says what is to be said of a flow. */
export interface FlowKinds {
  readonly flowChunk: number;
  readonly flowEnd: number;
  readonly flowCredit: number;
  readonly flowCancel: number;
  /** Of the side that has a file to write to. */
  readonly flowFilled?: number;
}

/** The files that bodies cross in, beside the frames. */
export interface FlowFiles {
  readonly writer?: BodyWriter | undefined;
  readonly reader?: BodyReader | undefined;
}

/** All flows of one invocation, as one side sees them. */
export class Flows {
  readonly #kinds: FlowKinds;
  readonly #begin: (kind: number) => FrameWriter;
  readonly #files: FlowFiles;
  readonly #outgoing = new Map<number, OutgoingFlow>();
  readonly #incoming = new Map<number, IncomingFlow>();
  #lastId = 0;
  #isClosed = false;

  /**
   * @param kinds Those that this side sends.
   * @param begin Begins a frame of the invocation.
   */
  constructor(kinds: FlowKinds, begin: (kind: number) => FrameWriter, files: FlowFiles = {}) {
    this.#kinds = kinds;
    this.#begin = begin;
    this.#files = files;
  }

  /** Offers a body to the other side; answers its number. */
  offer(source: ByteSource): number {
    this.#lastId += 1;
    const id = this.#lastId;
    const flow = new OutgoingFlow(source, this.#files.writer, {
      chunk: (bytes, onSent) => this.#begin(this.#kinds.flowChunk).count(id).bytes(bytes, onSent).end(),
      filled: (region, bytes) => this.#begin(this.#kinds.flowFilled!).count(id).count(region).count(bytes).end(),
      end: (error) => this.#sendEnd(id, error),
      over: () => this.#outgoing.delete(id),
    });
    this.#outgoing.set(id, flow);
    return id;
  }

  /** A body that the other side has offered. */
  accept(id: number, length: number | undefined): IncomingFlow {
    const flow = new IncomingFlow(id, length, this.#files.reader, {
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
      case kinds.flowFilled:
        this.#incoming.get(frame.count())?.fill(frame.count(), frame.count());
        return true;
      case kinds.flowEnd:
        this.#incoming.get(frame.count())?.end(frame.text(), frame.text());
        return true;
      case kinds.flowCredit:
        this.#outgoing.get(frame.count())?.allow(frame.count());
        return true;
      case kinds.flowCancel:
        this.#outgoing.get(frame.count())?.cancel();
        return true;
      default:
        return false;
    }
  }

  /** The invocation is over, or its other side is gone. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const flow of this.#outgoing.values()) flow.cancel();
    for (const flow of this.#incoming.values()) flow.close();
  }

  #sendEnd(id: number, error: Error | undefined): void {
    const code = error instanceof EgressError ? error.code : '';
    const message = error === undefined ? '' : error.message || 'the body broke off';
    this.#begin(this.#kinds.flowEnd).count(id).text(code).text(message).end();
  }
}
