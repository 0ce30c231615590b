import type { Socket } from 'node:net';
import { freeBytes } from '../pieces.ts';
import { type FrameReader, FrameSplitter, FrameWriter } from './frame.ts';

/** One end of the connection between the front and a cell. */
export class Channel {
  readonly #socket: Socket;
  readonly #writer = new FrameWriter();
  #isFlushPlanned = false;

  /**
   * @param onFrame Called for each frame that arrives. When it throws, or what arrives is no frame, the channel is closed.
   * @param onClose Called once, when nothing will arrive any more, with the error that was the cause, if one was.
   */
  constructor(socket: Socket, onFrame: (frame: FrameReader) => void, onClose: (error: Error | undefined) => void) {
    this.#socket = socket;
    const splitter = new FrameSplitter(onFrame);
    let cause: Error | undefined;
    socket.on('data', (data: Buffer) => {
      try {
        splitter.push(data);
        freeBytes(data);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', (error) => {
      cause = error;
    });
    socket.once('close', () => onClose(cause));
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Begins a frame; the caller writes its fields and calls `end`. It leaves with all others of this turn of the event loop. */
  begin(kind: number, number: number): FrameWriter {
    if (!this.#isFlushPlanned) {
      this.#isFlushPlanned = true;
      setImmediate(() => this.flush());
    }
    return this.#writer.begin(kind, number);
  }

  /** Sends what was written so far. */
  flush(): void {
    this.#isFlushPlanned = false;
    if (this.#writer.isEmpty) return;
    const parts = this.#writer.take();
    const listeners = this.#writer.takeListeners();
    if (this.#socket.destroyed) return;
    const last = parts.pop()!;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.write(last, (error) => {
      if (error === undefined || error === null) for (const onSent of listeners) onSent();
    });
    this.#socket.uncork();
  }

  close(): void {
    this.#socket.destroy();
  }
}
