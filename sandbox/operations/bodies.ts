/**
 * Bodies that the host holds for a guest, by number: that of the request, those of responses to subrequests, and those that the guest
 * sends. A body that the guest does not look at never enters it.
 */
import { isUtf8 } from 'node:buffer';
import { type ByteSource, gather, sourceOfBytes } from '../byte-source.ts';
import { Pieces } from '../pieces.ts';
import { ReadAhead } from '../read-ahead.ts';
import { Stopwatch } from '../stopwatch.ts';

/** A stream reads one piece ahead; whoever asks for more at once is not our runtime. */
const maxReadsAtOnce = 4;
/** Of a stream, what crosses at once; nearly: the last piece may go over it. */
const maxPieceBytes = 512 * 1024;
/** What a guest may be ahead of the network. */
const uploadWindowBytes = 256 * 1024;
const maxWriteBytes = 1024 * 1024;
const maxUploads = 1_000;
/** Of one invocation, over all of its time: more than its operations can make. */
const maxBodies = 2 ** 20;

const gatheredForms = ['text', 'bytes', 'best', 'moved'] as const;
/** How all of a body crosses; see `Bodies.gather`. */
type GatheredForm = (typeof gatheredForms)[number];

export function isGatheredForm(form: unknown): form is GatheredForm {
  return gatheredForms.includes(form as GatheredForm);
}

interface HeldBody {
  readonly source: ByteSource;
  /** All of it, when it is asked for twice. */
  gathered: Promise<Uint8Array> | undefined;
  gatherings: number;
  /** Once it is read piece by piece. Reads are done one after the other. */
  ahead: ReadAhead | undefined;
  lastRead: Promise<unknown>;
  reads: number;
}

export class Bodies {
  readonly #held = new Map<number, HeldBody>();
  readonly #uploads = new Map<number, Upload>();
  readonly #maxGatheredBytes: number;
  /** The number of the request's own body; those of others follow. */
  readonly requestBodyId: number;
  #lastId: number;
  readonly #gathering = new Stopwatch();
  readonly #pieceBytes: number;

  /**
   * @param guestBytes The memory of the guest: a body that crosses in one piece has to fit into it.
   * @param invocation The number of the invocation in its isolate: no other's bodies have the same numbers.
   */
  constructor(requestBody: Uint8Array | ByteSource | null, guestBytes: number, invocation: number) {
    this.requestBodyId = invocation * maxBodies;
    this.#lastId = this.requestBodyId;
    this.#maxGatheredBytes = guestBytes;
    this.#pieceBytes = Math.min(maxPieceBytes, guestBytes / 32);
    if (requestBody === null) return;
    const source = requestBody instanceof Uint8Array ? sourceOfBytes(requestBody) : requestBody;
    this.#held.set(this.requestBodyId, hold(source));
  }

  add(source: ByteSource): number {
    this.#lastId += 1;
    this.#held.set(this.#lastId, hold(source));
    return this.#lastId;
  }

  /** Hands a body on: it is not the guest's any more. `undefined` when there is none, or the guest has begun to read it. */
  take(id: number): ByteSource | undefined {
    const body = this.#held.get(id);
    if (body === undefined || body.reads > 0 || body.gatherings > 0) return undefined;
    this.#held.delete(id);
    return body.source;
  }

  /** The next piece; an empty one at the end. `undefined`: refused. */
  async read(id: number): Promise<Pieces | undefined> {
    const body = this.#held.get(id);
    if (body === undefined || body.reads >= maxReadsAtOnce || body.gatherings > 0) return undefined;
    body.reads += 1;
    body.ahead ??= new ReadAhead(body.source, this.#pieceBytes);
    const { ahead } = body;
    const piece = body.lastRead.then(() => ahead.read());
    body.lastRead = piece.catch(() => {});
    const pieces = await piece;
    body.reads -= 1;
    if (pieces === undefined) body.source.cancel();
    return pieces ?? new Pieces([], 0);
  }

  /**
   * All of a body, as text where the form is `text`, or `best` and it is UTF-8. Clones ask once as text and once as bytes. What is to be
   * `moved` is asked for once: nothing of it is kept.
   *
   * @throws TooManyBytes when there are more than fit into the guest.
   */
  async gather(id: number, form: GatheredForm): Promise<string | Uint8Array | Pieces | undefined> {
    const body = this.#held.get(id);
    if (body === undefined || body.reads > 0 || body.gatherings >= 2) return undefined;
    body.gatherings += 1;
    if (form === 'moved') {
      if (body.gathered !== undefined) return undefined;
      body.gatherings = 2;
      return this.#gather(id, body.source);
    }
    body.gathered ??= this.#gather(id, body.source).then((pieces) => pieces.toBytes());
    const bytes = await body.gathered;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return form === 'text' || (form === 'best' && isUtf8(buffer)) ? buffer.toString('utf8') : bytes;
  }

  /** Time that the guest has spent waiting for the client to send its body, up to this moment. */
  get clientWaitMs(): number {
    return (this.#held.get(this.requestBodyId)?.ahead?.waitedMs ?? 0) + this.#gathering.elapsedMs;
  }

  async #gather(id: number, source: ByteSource): Promise<Pieces> {
    if (id !== this.requestBodyId) return gather(source, this.#maxGatheredBytes);
    this.#gathering.start();
    try {
      return await gather(source, this.#maxGatheredBytes);
    } finally {
      this.#gathering.stop();
    }
  }

  cancel(id: number): void {
    const body = this.#held.get(id);
    this.#held.delete(id);
    body?.source.cancel();
  }

  /** A body that the guest is going to write. `undefined` when that number is taken. */
  openUpload(id: number): ByteSource | undefined {
    if (this.#uploads.has(id) || this.#uploads.size >= maxUploads) return undefined;
    const upload = new Upload(() => this.#uploads.delete(id));
    this.#uploads.set(id, upload);
    return upload;
  }

  /** Resolves with `more` when more can be written, with `over` when nobody wants any. `undefined`: refused. */
  async write(id: number, bytes: unknown): Promise<string | undefined> {
    if (!(bytes instanceof Uint8Array) || bytes.length === 0 || bytes.length > maxWriteBytes) return undefined;
    const upload = this.#uploads.get(id);
    if (upload === undefined) return 'over';
    return upload.write(bytes);
  }

  /** @param error Why the rest does not come; empty when all of it was written. */
  endUpload(id: number, error: string): void {
    this.#uploads.get(id)?.end(error);
  }

  /** The invocation is over. */
  close(): void {
    for (const id of this.#held.keys()) this.cancel(id);
    for (const upload of this.#uploads.values()) upload.cancel();
  }
}

function hold(source: ByteSource): HeldBody {
  return { source, gathered: undefined, gatherings: 0, ahead: undefined, lastRead: Promise.resolve(), reads: 0 };
}

/** Written by the guest, read by what sends it. */
class Upload implements ByteSource {
  readonly length = undefined;
  readonly #pieces: Uint8Array[] = [];
  readonly #onOver: () => void;
  #queuedBytes = 0;
  #ended: { readonly error: string } | undefined;
  #isCanceled = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  async write(bytes: Uint8Array): Promise<string | undefined> {
    // One at a time, which the window is for.
    if (this.#wakeWriter !== undefined || this.#ended !== undefined) return undefined;
    this.#pieces.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#wakeReader?.();
    while (this.#queuedBytes >= uploadWindowBytes && !this.#isCanceled) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
      this.#wakeWriter = undefined;
    }
    return this.#isCanceled ? 'over' : 'more';
  }

  end(error: string): void {
    this.#ended ??= { error };
    this.#onOver();
    this.#wakeReader?.();
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#pieces.length === 0 && this.#ended === undefined && !this.#isCanceled) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = undefined;
    }
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#queuedBytes -= piece.length;
      this.#wakeWriter?.();
      return piece;
    }
    if (this.#isCanceled || this.#ended?.error === '') return undefined;
    throw new Error(this.#ended!.error);
  }

  cancel(): void {
    if (this.#isCanceled) return;
    this.#isCanceled = true;
    this.#pieces.length = 0;
    this.#queuedBytes = 0;
    this.#onOver();
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}
