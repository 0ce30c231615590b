/** What an invocation in a cell has the front do for it: its bodies, and its subrequests. */
import { type ByteSource, sourceOfBytes, watchSource } from '../byte-source.ts';
import {
  type Egress,
  EgressError,
  type EgressResponse,
  type EgressService,
  type RedirectMode,
} from '../egress/egress.ts';
import type { SandboxFunction } from '../sandbox.ts';
import { decodeFrame, encodeFrame, maxHeaderLines } from '../wire.ts';
import type { InvocationStorage, StorageAnswer, StorageError, StorageService } from '../storage/service.ts';
import { type FlowFiles, Flows } from './flows.ts';
import { type FrameReader, type FrameWriter, MalformedFrame } from './frame.ts';
import { bodyForm, readLength, toCell, toFront, writeLength } from './protocol.ts';

/** What a cell has no access to by itself. */
export interface Outside {
  readonly egress: EgressService;
  readonly storage: StorageService;
}

/** Requests that wait or run at once: far more than any limit lets through. */
const maxAtOnce = 1_000;

export class Traffic {
  readonly #begin: (kind: number) => FrameWriter;
  readonly #open: () => Egress;
  readonly #flows: Flows;
  readonly #running = new Map<number, AbortController>();
  readonly #openStorage: () => InvocationStorage;
  #egress: Egress | undefined;
  #storage: InvocationStorage | undefined;
  #isClosed = false;

  /**
   * @param body What was not sent with the request.
   * @param begin Begins a frame of the invocation.
   * @param files Those that bodies cross in.
   */
  constructor(
    fn: SandboxFunction,
    body: Uint8Array | ByteSource | null,
    { egress, storage }: Outside,
    begin: (kind: number) => FrameWriter,
    files?: FlowFiles,
  ) {
    this.#begin = begin;
    this.#open = () => egress.open(fn);
    this.#openStorage = () => storage.open(fn);
    this.#flows = new Flows(toCell, begin, files);
    // The first to be offered: the cell knows it by the number 1.
    if (body !== null) this.#flows.offer(body instanceof Uint8Array ? sourceOfBytes(body) : body);
  }

  /** Takes a frame of the cell; answers whether it was for this. @throws MalformedFrame */
  receive(frame: FrameReader): boolean {
    if (this.#flows.receive(toFront, frame)) return true;
    if (frame.kind === toFront.fetch) {
      void this.#fetch(frame);
      return true;
    }
    if (frame.kind === toFront.storage) {
      void this.#store(frame.count(), frame.text(), frame.count() === 0 ? undefined : new Uint8Array(frame.bytes()));
      return true;
    }
    if (frame.kind !== toFront.fetchAbort) return false;
    const number = frame.count();
    this.#running.get(number)?.abort(new EgressError('ABORT_ERR', 'it was aborted'));
    this.#running.delete(number);
    return true;
  }

  /** A body that the cell has not looked at, and answers with. @throws MalformedFrame */
  takeBack(id: number): ByteSource {
    const source = this.#flows.takeBack(id);
    if (source === undefined) throw new MalformedFrame(`body ${id} passed on, which is not there`);
    return source;
  }

  tellEnd(id: number, error: Error | undefined): void {
    this.#flows.tellEnd(id, error);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#egress?.close();
    this.#flows.close();
  }

  #fetch(frame: FrameReader): Promise<void> {
    const number = frame.count();
    const method = frame.text();
    const url = frame.text();
    const headers = decodeFrame(frame.text(), maxHeaderLines * 2);
    const redirect = frame.text() as RedirectMode;
    const body = this.#readBody(frame);
    if (headers === undefined || this.#running.has(number) || this.#running.size >= maxAtOnce) {
      throw new MalformedFrame('a request that cannot be one');
    }
    const controller = new AbortController();
    this.#running.set(number, controller);
    this.#egress ??= this.#open();
    return this.#egress.fetch({ method, url, headers, redirect, body }, controller.signal).then(
      (response) => this.#answer(number, response),
      (error: unknown) => this.#fail(number, error),
    );
  }

  async #store(number: number, request: string, given: Uint8Array | undefined): Promise<void> {
    let error = '';
    let answer: StorageAnswer = { fields: [], bytes: undefined };
    try {
      this.#storage ??= this.#openStorage();
      answer = await this.#storage.call(request, given);
    } catch (thrown) {
      error = (thrown as StorageError).message;
    }
    if (this.#isClosed) return;
    const { fields, bytes } = answer;
    const frame = this.#begin(toCell.stored).count(number).text(error);
    if (error === '') frame.text(encodeFrame(fields)).count(bytes === undefined ? 0 : 1);
    if (bytes !== undefined) frame.bytes(bytes);
    frame.end();
  }

  #readBody(frame: FrameReader): Uint8Array | ByteSource | null {
    switch (frame.count()) {
      case bodyForm.none:
        return null;
      case bodyForm.inline:
        return Uint8Array.from(frame.bytes());
      case bodyForm.passed:
        return this.takeBack(frame.count());
      case bodyForm.flow: {
        const id = frame.count();
        return this.#flows.accept(id, readLength(frame));
      }
      default:
        throw new MalformedFrame('a body of no form');
    }
  }

  #answer(number: number, { status, statusText, url, redirected, headers, body }: EgressResponse): void {
    if (this.#isClosed) {
      body?.cancel();
      return;
    }
    // A request can be aborted until its body has come to its end.
    const over = (): void => void this.#running.delete(number);
    if (body === null) over();
    const flow = body === null ? 0 : this.#flows.offer(watchSource(body, over));
    const frame = this.#begin(toCell.fetchHead)
      .count(number)
      .count(status)
      .text(statusText)
      .text(url)
      .count(redirected ? 1 : 0)
      .text(encodeFrame(headers))
      .count(flow);
    writeLength(frame, body?.length).end();
  }

  #fail(number: number, error: unknown): void {
    this.#running.delete(number);
    if (this.#isClosed) return;
    const { code, message } = error as EgressError;
    this.#begin(toCell.fetchFailed).count(number).text(code).text(message).end();
  }
}
