import type { ByteSource } from '../byte-source.ts';
import type { BodyWriter } from './body-file.ts';
import { MalformedFrame } from './frame.ts';
import { chunkBytes, flowWindowBytes } from './protocol.ts';

/** What is said of a body to the other side. */
export interface OutgoingLine {
  chunk(bytes: Uint8Array, onSent: (() => void) | undefined): void;
  /** So many bytes more are in its region. */
  filled(region: number, bytes: number): void;
  end(error: Error | undefined): void;
  /** Nothing is left to be said or heard of it. */
  over(): void;
}

/** A piece of which a part was sent. */
interface CutPiece {
  readonly piece: Uint8Array;
  readonly rest: Uint8Array;
  /** By frames, which may not have left: so all of the rest goes by frames, too, and the piece is needed until the last of them has left. */
  readonly isFramed: boolean;
}

/** Smaller pieces cross within frames. */
const minFilledBytes = 16 * 1024;
/** Where so much comes at once, more is on its way: the other side is not woken for it alone. */
const bulkBytes = 48 * 1024;
const bulkWaitMs = 1;
const maxUnsaidBytes = flowWindowBytes / 2;

/** A body that goes to the other side as it asks for it. */
export class OutgoingFlow {
  readonly source: ByteSource;
  readonly #line: OutgoingLine;
  readonly #writer: BodyWriter | undefined;
  #credit = 0;
  #hasBegun = false;
  #isPumping = false;
  /** All of it was sent. */
  #hasEnded = false;
  #isOver = false;
  #region: number | undefined;
  /** Bytes that were written to the region so far, and of them those that the other side does not know of. */
  #written = 0;
  #unsaid = 0;
  /** There is no memory for more in the file. */
  #isFull = false;
  #sayingLater: NodeJS.Timeout | undefined;
  #cut: CutPiece | undefined;

  constructor(source: ByteSource, writer: BodyWriter | undefined, line: OutgoingLine) {
    this.source = source;
    this.#writer = writer;
    this.#line = line;
  }

  /** Whether any of it was asked for. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The other side asks for so much more. @throws MalformedFrame */
  allow(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > flowWindowBytes) throw new MalformedFrame('more of a body asked for than may be under way');
    this.#hasBegun = true;
    if (!this.#isPumping && !this.#hasEnded) void this.#pump();
  }

  /** The other side wants no more of it, or has taken all of it. */
  cancel(): void {
    if (this.#isOver) return;
    this.#over();
    this.source.cancel();
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#credit > 0) {
        const piece = this.#cut?.rest ?? (await this.source.read());
        if (this.#isOver) return;
        if (piece === undefined) return this.#end(undefined);
        this.#send(piece);
      }
    } catch (error) {
      if (!this.#isOver) this.#end(error as Error);
    } finally {
      this.#isPumping = false;
    }
    return undefined;
  }

  /** Sends as much as was asked for, and keeps the rest. */
  #send(piece: Uint8Array): void {
    const whole = this.#cut?.piece ?? piece;
    const part = piece.length > this.#credit ? piece.subarray(0, this.#credit) : piece;
    const isLast = part === piece;
    this.#credit -= part.length;
    const isFilled = this.#cut?.isFramed !== true && part.length >= minFilledBytes && this.#fill(part);
    this.#cut = isLast ? undefined : { piece: whole, rest: piece.subarray(part.length), isFramed: !isFilled };
    const onTaken = isLast ? () => this.source.release?.(whole) : undefined;
    if (isFilled) {
      onTaken?.();
      this.#saySoon(part);
      return;
    }
    this.#say();
    for (let at = 0; at < part.length; at += chunkBytes) {
      const end = at + chunkBytes;
      this.#line.chunk(part.subarray(at, end), end >= part.length ? onTaken : undefined);
    }
  }

  /** Writes to the region; answers whether it could. */
  #fill(part: Uint8Array): boolean {
    if (this.#writer === undefined || this.#isFull) return false;
    this.#region ??= this.#writer.take();
    if (this.#region === undefined) return false;
    if (!this.#writer.write(this.#region, this.#written, part)) {
      // What is there already will still be read.
      this.#isFull = true;
      return false;
    }
    this.#written += part.length;
    this.#unsaid += part.length;
    return true;
  }

  #saySoon({ length }: Uint8Array): void {
    if (length < bulkBytes || this.#unsaid >= maxUnsaidBytes || this.#credit === 0) this.#say();
    else this.#sayingLater ??= setTimeout(() => this.#say(), bulkWaitMs);
  }

  #say(): void {
    clearTimeout(this.#sayingLater);
    this.#sayingLater = undefined;
    if (this.#unsaid === 0) return;
    this.#line.filled(this.#region!, this.#unsaid);
    this.#unsaid = 0;
  }

  #end(error: Error | undefined): void {
    this.#say();
    this.#hasEnded = true;
    this.#line.end(error);
    // Who reads the region says when he has read all of it.
    if (this.#region === undefined) this.#over();
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#sayingLater);
    if (this.#region !== undefined) this.#writer!.give(this.#region);
    this.#line.over();
  }
}
