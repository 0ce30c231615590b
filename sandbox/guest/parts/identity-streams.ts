/** Streams of bytes as on Workers: what is written is what is read, and a write is done when it was read. */
import { part } from '../core/facade.ts';
import { copyBufferSource } from './shared/buffer-source.ts';
import { defineInterface } from './shared/interface.ts';

const { ReadableStream, WritableStream } = part('streams');

type Bytes = Uint8Array<ArrayBuffer>;
interface Strategy {
  readonly highWaterMark?: number;
}
interface ByteController {
  readonly byobRequest: { readonly view: ArrayBufferView | null; respond(bytes: number): void } | null;
  enqueue(chunk: Bytes): void;
  close(): void;
  error(reason: unknown): void;
}
interface WriteController {
  readonly signal: { addEventListener(type: 'abort', listener: () => void): void };
  /** The library's name of what was given to `abort`; the signal has an error of its own where that is undefined. */
  readonly _abortReason: unknown;
  error(reason: unknown): void;
}
/** What was written and not yet read, and whom to tell when it is. */
interface Pending {
  bytes: Bytes;
  resolve(): void;
  reject(reason: unknown): void;
}

const maxLength = 2n ** 64n;

/** Hands on one chunk at a time from those who write to those who read. */
class Passage {
  readonly readable: object;
  readonly writable: object;
  #pending: Pending | undefined;
  /** Ends the pull that waits for a chunk. */
  #wanted: (() => void) | undefined;
  #reading!: ByteController;
  #writing!: WriteController;
  #remaining: bigint | undefined;

  constructor(length: bigint | undefined, strategy: Strategy | undefined) {
    this.#remaining = length;
    const expected = { expectedLength: length };
    this.readable = new ReadableStream({
      ...expected,
      type: 'bytes',
      start: (controller) => void (this.#reading = controller as ByteController),
      pull: () => this.#pull(),
      cancel: (reason) => this.#fail(reason, true),
    });
    this.writable = new WritableStream(
      {
        start: (controller) => {
          this.#writing = controller as unknown as WriteController;
          // A chunk that nobody reads must not keep an abort waiting.
          this.#writing.signal.addEventListener('abort', () => this.#reject(this.#writing._abortReason));
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason) => this.#fail(reason, false),
      },
      strategyOf(strategy, length),
    );
  }

  #write(chunk: unknown): Promise<void> | void {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) {
      throw this.#failed(
        new TypeError(
          'This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.',
        ),
      );
    }
    if (bytes.length === 0) return undefined;
    if (this.#remaining !== undefined) {
      this.#remaining -= BigInt(bytes.length);
      if (this.#remaining < 0n) {
        throw this.#failed(new RangeError('Attempt to write too many bytes through a FixedLengthStream.'));
      }
    }
    return new Promise((resolve, reject) => {
      this.#pending = { bytes, resolve, reject };
      this.#deliver();
    });
  }

  #close(): void {
    if (this.#remaining !== undefined && this.#remaining > 0n) {
      const message = `FixedLengthStream did not see all expected bytes before close(): ${this.#remaining} are missing.`;
      throw this.#failed(new RangeError(message));
    }
    this.#reading.close();
    this.#reading.byobRequest?.respond(0);
    this.#wanted?.();
  }

  #pull(): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = resolve;
      this.#deliver();
    });
  }

  #deliver(): void {
    const { resolve, bytes } = this.#pending ?? {};
    if (bytes === undefined || this.#wanted === undefined) return;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    const view = this.#reading.byobRequest?.view;
    const fitting = view === null || view === undefined ? bytes.length : Math.min(view.byteLength, bytes.length);
    if (fitting === bytes.length) this.#pending = undefined;
    else this.#pending!.bytes = bytes.subarray(fitting) as Bytes;
    if (view === null || view === undefined) {
      this.#reading.enqueue(bytes.slice() as Bytes);
    } else {
      new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, fitting).set(bytes.subarray(0, fitting));
      this.#reading.byobRequest!.respond(fitting);
    }
    if (this.#pending === undefined) resolve?.();
    wanted();
  }

  #fail(reason: unknown, isCancelled: boolean): void {
    if (isCancelled) this.#writing.error(reason);
    else this.#reading.error(reason);
    this.#reject(reason);
    this.#wanted?.();
  }

  #failed(error: Error): Error {
    this.#reading.error(error);
    this.#wanted?.();
    return error;
  }

  #reject(reason: unknown): void {
    this.#pending?.reject(reason);
    this.#pending = undefined;
  }
}

function bytesOf(chunk: unknown): Bytes | undefined {
  return typeof chunk === 'string' ? (part('encoding').encodeUtf8(chunk) as Bytes) : copyBufferSource(chunk);
}

/** Only who names a limit has bytes counted; a character is at most three of them. */
function strategyOf(strategy: Strategy | undefined, length: bigint | undefined): object {
  if (strategy?.highWaterMark === undefined) return {};
  const given = Number(strategy.highWaterMark);
  return {
    highWaterMark: length !== undefined && length < given ? Number(length) : given,
    size: (chunk: unknown) =>
      typeof chunk === 'string' ? chunk.length * 3 : ((chunk as { byteLength?: number } | null)?.byteLength ?? 0),
  };
}

let lengthOf: (stream: IdentityTransformStream, length: bigint, strategy: Strategy | undefined) => void;

export class IdentityTransformStream {
  #passage: Passage;

  static {
    lengthOf = (stream, length, strategy) => void (stream.#passage = new Passage(length, strategy));
  }

  constructor(strategy?: Strategy) {
    this.#passage = new Passage(undefined, strategy);
  }

  get readable(): object {
    return this.#passage.readable;
  }
  get writable(): object {
    return this.#passage.writable;
  }
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy?: Strategy) {
    super();
    lengthOf(this, validateLength(expectedLength), strategy);
  }
}

function validateLength(value: unknown): bigint {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new TypeError('FixedLengthStream needs a number of bytes: a number or a bigint');
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new RangeError(`FixedLengthStream needs a whole number of bytes, not ${value}`);
  }
  const length = BigInt(value);
  if (length >= 0n && length < maxLength) return length;
  throw new RangeError(`FixedLengthStream needs a number of bytes from 0 to ${maxLength - 1n}, not ${length}`);
}

defineInterface(IdentityTransformStream, 'IdentityTransformStream');
defineInterface(FixedLengthStream, 'FixedLengthStream');
