import type { ByteSource } from '../byte-source.ts';
import { type BodyWriter, Filling } from './body-file.ts';
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

/** Where so much comes at once, more is on its way: the other side is not woken for it alone. */
const bulkBytes = 48 * 1024;
const bulkWaitMs = 1;
const maxUnsaidBytes = flowWindowBytes / 2;

/** A body that goes to the other side as it asks for it. */
export class OutgoingFlow {
  readonly source: ByteSource;
  readonly #line: OutgoingLine;
  readonly #filling: Filling;
  #credit = 0;
  #hasBegun = false;
  #isPumping = false;
  /** All of it was sent. */
  #hasEnded = false;
  #isOver = false;
  /** Bytes in the file that the other side does not know of. */
  #unsaid = 0;
  #sayingLater: NodeJS.Timeout | undefined;
  #cut: CutPiece | undefined;

  constructor(source: ByteSource, writer: BodyWriter | undefined, line: OutgoingLine) {
    this.source = source;
    this.#filling = new Filling(writer);
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
    const isFilled = this.#cut?.isFramed !== true && this.#filling.add(part);
    this.#cut = isLast ? undefined : { piece: whole, rest: piece.subarray(part.length), isFramed: !isFilled };
    const onTaken = isLast ? () => this.source.release?.(whole) : undefined;
    if (isFilled) {
      this.#unsaid += part.length;
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

  #saySoon({ length }: Uint8Array): void {
    if (length < bulkBytes || this.#unsaid >= maxUnsaidBytes || this.#credit === 0) this.#say();
    else this.#sayingLater ??= setTimeout(() => this.#say(), bulkWaitMs);
  }

  #say(): void {
    clearTimeout(this.#sayingLater);
    this.#sayingLater = undefined;
    if (this.#unsaid === 0) return;
    this.#line.filled(this.#filling.region!, this.#unsaid);
    this.#unsaid = 0;
  }

  #end(error: Error | undefined): void {
    this.#say();
    this.#hasEnded = true;
    this.#line.end(error);
    // Who reads the region says when he has read all of it.
    if (this.#filling.region === undefined) this.#over();
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#sayingLater);
    this.#filling.giveUp();
    this.#line.over();
  }
}
