/** Subrequests of a guest: reads what it asks for, and writes down what comes of it. */
import type { ByteSource } from '../byte-source.ts';
import { type Egress, EgressError, type EgressResponse, type RedirectMode } from '../egress/egress.ts';
import { bodyKind, decodeFrame, encodeFrame, maxHeaderLines } from '../wire.ts';
import type { Bodies } from './bodies.ts';

const fixedFields = 7;
const redirectModes: readonly string[] = ['follow', 'manual', 'error'] satisfies RedirectMode[];

export class Fetches {
  readonly #open: () => Egress;
  #egress: Egress | undefined;
  #started = 0;
  readonly #bodies: Bodies;
  /** Under way, by the numbers that the guest gave them. */
  readonly #running = new Map<number, AbortController>();

  /** @param open Called when the first request is sent. */
  constructor(open: () => Egress, bodies: Bodies) {
    this.#open = open;
    this.#bodies = bodies;
  }

  /**
   * Sends the request of a frame: number, method, URL, headers, redirect mode, and a body by its kind: text, the bytes beside the frame,
   * the number of a body that the host holds, or (`upload`) pieces that will follow. Answers a frame of the response's head with the number
   * of its body.
   *
   * @throws EgressError
   */
  async start(frame: string, payload: unknown): Promise<string | undefined> {
    const fields = decodeFrame(frame, fixedFields);
    if (fields?.length !== fixedFields) return undefined;
    const [number, method, url, headers, redirect, kind, text] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const id = Number(number);
    const lines = decodeFrame(headers, maxHeaderLines * 2);
    if (
      !Number.isSafeInteger(id) ||
      this.#running.has(id) ||
      lines === undefined ||
      !redirectModes.includes(redirect)
    ) {
      return undefined;
    }
    const body = this.#readBody(id, kind, text, payload);
    if (body === undefined) return undefined;
    this.#started += 1;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const request = { method, url, headers: lines, redirect: redirect as RedirectMode, body };
    this.#egress ??= this.#open();
    const response = await this.#egress.fetch(request, controller.signal).catch((error: unknown) => {
      this.#running.delete(id);
      throw error;
    });
    return this.#describe(response);
  }

  /** Requests so far. */
  get started(): number {
    return this.#started;
  }

  /** Ends a request, or the body of its response. */
  abort(id: number): void {
    this.#running.get(id)?.abort(new EgressError('ABORT_ERR', 'it was aborted'));
    this.#running.delete(id);
  }

  close(): void {
    this.#running.clear();
    this.#egress?.close();
  }

  #readBody(id: number, kind: string, text: string, payload: unknown): Uint8Array | ByteSource | null | undefined {
    switch (kind) {
      case bodyKind.none:
        return null;
      case bodyKind.text:
        return Buffer.from(text, 'utf8');
      case bodyKind.bytes:
        return payload instanceof Uint8Array ? payload : undefined;
      case bodyKind.held:
        return this.#bodies.take(Number(text));
      case bodyKind.upload:
        return this.#bodies.openUpload(id);
      default:
        return undefined;
    }
  }

  #describe({ status, statusText, url, redirected, headers, body }: EgressResponse): string {
    return encodeFrame([
      String(status),
      statusText,
      url,
      redirected ? '1' : '0',
      encodeFrame(headers),
      body === null ? '' : String(this.#bodies.add(body)),
    ]);
  }
}
