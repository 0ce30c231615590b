/** Egress in a cell, which has no network: asks the front to send what the function sends. */
import { type ByteSource } from '../byte-source.ts';
import { type Egress, type EgressRequest, type EgressResponse, EgressError } from '../egress/egress.ts';
import { decodeFrame, encodeFrame, maxHeaderLines } from '../wire.ts';
import type { Flows } from './flows.ts';
import type { FrameReader, FrameWriter } from './frame.ts';
import { IncomingFlow } from './incoming-flow.ts';
import { bodyForm, readLength, toFront, writeLength } from './protocol.ts';

interface Pending {
  readonly resolve: (response: EgressResponse) => void;
  readonly reject: (error: EgressError) => void;
}

export class CellEgress implements Egress {
  readonly #flows: Flows;
  readonly #begin: (kind: number) => FrameWriter;
  readonly #pending = new Map<number, Pending>();
  #lastNumber = 0;
  #isClosed = false;

  constructor(flows: Flows, begin: (kind: number) => FrameWriter) {
    this.#flows = flows;
    this.#begin = begin;
  }

  fetch({ method, url, headers, redirect, body }: EgressRequest, signal: AbortSignal): Promise<EgressResponse> {
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const frame = this.#begin(toFront.fetch)
      .count(number)
      .text(method)
      .text(url)
      .text(encodeFrame(headers))
      .text(redirect);
    writeBody(frame, body, this.#flows);
    frame.end();
    signal.addEventListener('abort', () => {
      if (!this.#isClosed) this.#begin(toFront.fetchAbort).count(number).end();
    });
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
    });
  }

  /** Takes the head of a response. */
  answered(frame: FrameReader): void {
    const pending = this.#take(frame.count());
    const status = frame.count();
    const head = {
      status,
      statusText: frame.text(),
      url: frame.text(),
      redirected: frame.count() === 1,
      headers: decodeFrame(frame.text(), maxHeaderLines * 2) ?? [],
    };
    const flow = frame.count();
    const length = readLength(frame);
    pending?.resolve({ ...head, body: flow === 0 ? null : this.#flows.accept(flow, length) });
  }

  failed(frame: FrameReader): void {
    const pending = this.#take(frame.count());
    pending?.reject(new EgressError(frame.text(), frame.text()));
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#pending.values())
      reject(new EgressError('ERR_EGRESS_ABORTED', 'the invocation is over'));
    this.#pending.clear();
  }

  #take(number: number): Pending | undefined {
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    return pending;
  }
}

function writeBody(frame: FrameWriter, body: Uint8Array | ByteSource | null, flows: Flows): void {
  if (body === null) frame.count(bodyForm.none);
  else if (body instanceof Uint8Array) frame.count(bodyForm.inline).bytes(body);
  else if (body instanceof IncomingFlow && !body.hasBegun) {
    // It is the front's own: it goes back by its number.
    body.pass(() => {});
    frame.count(bodyForm.passed).count(body.id);
  } else writeLength(frame.count(bodyForm.flow).count(flows.offer(body)), body.length);
}
