/** What a socket has yet to send: kept in the guest, within its memory, and written at the pace of whoever takes it. */
import { encodeClose, encodeSocketFrame } from '../../../socket-frames.ts';
import { joinBytes } from '../shared/join-bytes.ts';

interface Waiting {
  readonly frame: Uint8Array;
  readonly onSent: (() => void) | undefined;
}

/** Frames are written together up to this size. */
const maxPieceBytes = 64 * 1024;

export class Outbox {
  readonly #write: (bytes: Uint8Array<ArrayBuffer>) => Promise<unknown> | undefined;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #isClosed = false;

  /** @param write Answers `undefined` when more can be written at once. */
  constructor(write: (bytes: Uint8Array<ArrayBuffer>) => Promise<unknown> | undefined) {
    this.#write = write;
  }

  message(kind: number, payload: Uint8Array, onSent: () => void): void {
    this.#add({ frame: encodeSocketFrame(kind, payload), onSent });
  }

  close(code: number, reason: Uint8Array): void {
    this.#add({ frame: encodeClose(code, reason), onSent: undefined });
  }

  /** Nobody takes anything any more. */
  drop(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  #add(waiting: Waiting): void {
    if (this.#isClosed) return;
    this.#waiting.push(waiting);
    if (!this.#isWriting) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#isWriting = true;
    try {
      // Those that are sent in one go are written together.
      await undefined;
      while (this.#waiting.length > 0) {
        const taken = this.#take();
        const written = this.#write(joinBytes(taken.map(({ frame }) => frame)));
        if (written !== undefined) await written;
        for (const { onSent } of taken) onSent?.();
      }
    } catch {
      // The other end is gone, which whoever reads is told.
      this.drop();
    } finally {
      this.#isWriting = false;
    }
  }

  #take(): Waiting[] {
    let count = 0;
    let bytes = 0;
    while (
      count < this.#waiting.length &&
      (count === 0 || bytes + this.#waiting[count]!.frame.length <= maxPieceBytes)
    ) {
      bytes += this.#waiting[count]!.frame.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
