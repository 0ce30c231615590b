/**
 * One WebSocket between the network and a guest. What either end sends is bounded: in the size of a message, and in how much of it may wait for
 * the other end. A network that sends faster than the guest reads is not read from; a guest that sends faster than the network takes waits.
 */
import { isUtf8 } from 'node:buffer';
import type { ByteSource } from './byte-source.ts';
import type { Limits } from './limits.ts';
import {
  decodeClose,
  encodeClose,
  encodeSocketFrame,
  isSendableCode,
  noStatus,
  type SocketFrame,
  socketFrame,
  SocketFrameReader,
} from './socket-frames.ts';

/** Settings of the package ws that bound what one socket can make the host hold. */
export function socketOptions({ socketMessageBytes }: SocketLimits) {
  return {
    maxPayload: socketMessageBytes,
    // What is decompressed has a size that its sender does not have to pay for.
    perMessageDeflate: false,
    // Each fragment, however small, is an object that waits for the rest of its message.
    maxFragments: 1_024,
    maxBufferedChunks: 4_096,
    // For an end that does not answer the closing handshake.
    closeTimeout: 2_000,
  } as const;
}

export type SocketLimits = Pick<Limits, 'socketMessageBytes' | 'socketIdleMs'>;

/** What a WebSocket of the package ws is, as far as it is used here: who has isohost's types need not have those of that package. */
export interface OpenSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly isPaused: boolean;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
  once(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
  send(data: Uint8Array, options: { readonly binary: boolean }, callback: () => void): void;
  close(code?: number, reason?: string | Buffer): void;
  pause(): void;
  resume(): void;
}

/** What may wait for the guest to read it, and for the network to take it. */
const windowBytes = 256 * 1024;
/** What a message costs of that besides its bytes: many small ones are more than they look. */
const messageCost = 128;
const open = 1;

export class SocketLine implements ByteSource {
  readonly length = undefined;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #socket: OpenSocket;
  readonly #limits: SocketLimits;
  readonly #idle: NodeJS.Timeout;
  #frames: Uint8Array[] = [];
  #waitingBytes = 0;
  #isClosed = false;
  #isUnwanted = false;
  #wake: (() => void) | undefined;

  constructor(socket: OpenSocket, limits: SocketLimits) {
    this.#socket = socket;
    this.#limits = limits;
    const { socketIdleMs } = limits;
    this.#idle = setTimeout(
      () => this.end(1008, `no message for ${socketIdleMs} ms; the limit is socketIdleMs`),
      socketIdleMs,
    );
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      // What comes while it is being closed is nobody's any more.
      if (socket.readyState !== open) return;
      this.#idle.refresh();
      this.#take(encodeSocketFrame(isBinary ? socketFrame.binary : socketFrame.text, data));
    });
    // What went wrong shows in the code that it is closed with.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number, reason: Buffer) => {
        clearTimeout(this.#idle);
        this.#isClosed = true;
        this.#take(encodeClose(code === noStatus ? 0 : code, reason));
        resolve();
      });
    });
  }

  /** All messages that have come, as frames; the last is the one that says how it was closed. */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#frames.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const frames = this.#frames;
    if (frames.length === 0) return undefined;
    this.#frames = [];
    this.#waitingBytes = 0;
    this.#resume();
    return frames.length === 1 ? frames[0] : Buffer.concat(frames);
  }

  /** Nobody is left to read or to send. */
  cancel(): void {
    this.#isUnwanted = true;
    this.#frames = [];
    this.end(1001, 'the function has ended');
  }

  /** Closes it from the side of the host. */
  end(code: number, reason: string): void {
    if (this.#socket.readyState === open) this.#socket.close(code, reason);
    this.#resume();
  }

  /**
   * Sends the messages that a guest writes, to the end. Those that come when the connection is closed are dropped.
   *
   * @throws RangeError when the guest writes what its runtime never writes; the connection is closed then.
   */
  async send(source: ByteSource): Promise<void> {
    const reader = new SocketFrameReader(this.#limits.socketMessageBytes);
    try {
      for (let piece = await source.read(); piece !== undefined; piece = await source.read()) {
        for (const frame of reader.read(piece)) await this.#sendFrame(frame);
      }
    } catch (error) {
      if (error instanceof RangeError) this.end(1011, 'the function sent what is no message');
      throw error;
    }
  }

  #take(frame: Uint8Array): void {
    if (!this.#isUnwanted) {
      this.#frames.push(frame);
      this.#waitingBytes += frame.length + messageCost;
    }
    if (this.#waitingBytes >= windowBytes && !this.#isClosed) this.#socket.pause();
    this.#wake?.();
  }

  async #sendFrame({ kind, payload }: SocketFrame): Promise<void> {
    if (kind === socketFrame.close) return this.#sendClose(payload);
    if (this.#socket.readyState !== open) return undefined;
    const binary = kind === socketFrame.binary;
    if (!binary && !isUtf8(payload)) throw new RangeError('a text that is not UTF-8');
    const sent = new Promise<void>((resolve) => {
      this.#socket.send(payload, { binary }, () => resolve());
    });
    void sent.then(() => {
      if (!this.#isClosed) this.#idle.refresh();
    });
    if (this.#socket.bufferedAmount < windowBytes) return undefined;
    return Promise.race([sent, this.closed]);
  }

  #sendClose(payload: Uint8Array): void {
    const { code, reason } = decodeClose(payload);
    if ((code !== 0 && !isSendableCode(code)) || (code === 0 && reason.length > 0) || !isUtf8(reason)) {
      throw new RangeError(`a close frame with the code ${code}`);
    }
    if (code === 0) this.#socket.close();
    else this.#socket.close(code, Buffer.from(reason));
    // The answer of the other end is behind what was not read.
    this.#resume();
  }

  #resume(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }
}
