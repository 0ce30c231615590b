/**
 * Frames: what crosses between the front and a cell, in binary. A frame is its length (32 bits), a kind (8 bits), a number that says
 * whom it concerns (32 bits), and fields one after another; which fields a kind has stands in protocol.ts. All numbers are little-endian.
 *
 * A cell runs hostile code. Should that ever take over the whole process, it could write anything here: the reader checks every length
 * before it believes it.
 */

/** Bytes before the fields. */
const headerBytes = 9;
/** Larger bodies go in chunks, so that no frame holds up the others for long. */
export const maxFrameBytes = 64 * 1024 * 1024;
const initialCapacity = 16 * 1024;
/** From this length on, to copy bytes costs more than a part of their own. */
const minPartBytes = 8 * 1024;
/** Frames that come in several pieces are put together in memory of their own; longer ones only when all of it is there. */
const maxAssembledBytes = 1024 * 1024;

/** The other side sent what is no frame, or one that it may not send. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

/**
 * Writes frames end to end, so that all frames of a tick leave with one system call. Long bytes are sent from where they are: whoever gives
 * them leaves them as they are.
 */
export class FrameWriter {
  /** What leaves before the rest of the buffer. */
  #parts: Uint8Array[] = [];
  #buffer = Buffer.allocUnsafe(initialCapacity);
  /** The first byte of the buffer that is in no part. */
  #from = 0;
  #length = 0;
  /** Where the frame that is being written has its length. */
  #head = this.#buffer;
  #start = 0;
  /** Bytes of that frame in parts, and the first byte of it that is in none. */
  #partBytes = 0;
  #mark = 0;
  #onSent: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#length === this.#from && this.#parts.length === 0;
  }

  begin(kind: number, number: number): this {
    this.#reserve(headerBytes);
    this.#head = this.#buffer;
    this.#start = this.#length;
    this.#mark = this.#length;
    this.#partBytes = 0;
    this.#buffer[this.#start + 4] = kind;
    this.#buffer.writeUInt32LE(number, this.#start + 5);
    this.#length += headerBytes;
    return this;
  }

  /** 32 bits without a sign. */
  count(value: number): this {
    this.#reserve(4);
    this.#buffer.writeUInt32LE(value, this.#length);
    this.#length += 4;
    return this;
  }

  double(value: number): this {
    this.#reserve(8);
    this.#buffer.writeDoubleLE(value, this.#length);
    this.#length += 8;
    return this;
  }

  text(value: string): this {
    // A UTF-16 code unit takes three bytes at most.
    this.#reserve(4 + value.length * 3);
    const bytes = this.#buffer.write(value, this.#length + 4, 'utf8');
    this.#buffer.writeUInt32LE(bytes, this.#length);
    this.#length += 4 + bytes;
    return this;
  }

  /** @param onSent Called when they are sent: whoever gives them can do with them what he likes again. */
  bytes(value: Uint8Array, onSent?: () => void): this {
    this.count(value.length);
    if (onSent !== undefined) this.#onSent.push(onSent);
    if (value.length >= minPartBytes) {
      this.#parts.push(this.#buffer.subarray(this.#from, this.#length), value);
      this.#partBytes += this.#length - this.#mark + value.length;
      this.#from = this.#length;
      this.#mark = this.#length;
      return this;
    }
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  end(): void {
    this.#head.writeUInt32LE(this.#partBytes + this.#length - this.#mark - 4, this.#start);
  }

  /** Everything written so far, in order; the writer is empty afterwards. */
  take(): Uint8Array[] {
    const taken = this.#parts;
    if (this.#length > this.#from) taken.push(this.#buffer.subarray(this.#from, this.#length));
    this.#parts = [];
    // What was handed out belongs to the socket until it is sent, so the rest of the buffer is used up next.
    this.#buffer =
      this.#buffer.length - this.#length >= initialCapacity / 4
        ? this.#buffer.subarray(this.#length)
        : Buffer.allocUnsafe(initialCapacity);
    this.#from = 0;
    this.#length = 0;
    return taken;
  }

  /** Those who want to know when what was taken last is sent. */
  takeListeners(): (() => void)[] {
    const taken = this.#onSent;
    this.#onSent = [];
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const kept = this.#length - this.#from;
    const larger = Buffer.allocUnsafe(Math.max(kept + bytes, this.#buffer.length * 2, initialCapacity));
    this.#buffer.copy(larger, 0, this.#from, this.#length);
    // What is in a part stays where it is, the length of its frame too.
    if (this.#head === this.#buffer && this.#start >= this.#from) {
      this.#head = larger;
      this.#start -= this.#from;
    }
    this.#mark -= this.#from;
    this.#buffer = larger;
    this.#from = 0;
    this.#length = kept;
  }
}

/** Reads the fields of one frame, in the order in which they were written. */
export class FrameReader {
  readonly kind: number;
  /** Whom the frame concerns. */
  readonly number: number;
  readonly #buffer: Buffer;
  readonly #isOwn: boolean;
  #at = headerBytes - 4;

  /**
   * @param buffer The frame without its length.
   * @param isOwn It is in memory of its own, which nobody else will use.
   */
  constructor(buffer: Buffer, isOwn = false) {
    this.#buffer = buffer;
    this.#isOwn = isOwn;
    if (buffer.length < this.#at) throw new MalformedFrame('a frame is shorter than its header');
    this.kind = buffer[0]!;
    this.number = buffer.readUInt32LE(1);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#buffer.length;
  }

  count(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  double(): number {
    return this.#buffer.readDoubleLE(this.#advance(8));
  }

  text(): string {
    const length = this.count();
    const start = this.#advance(length);
    return this.#buffer.toString('utf8', start, start + length);
  }

  /** A view of the frame: copy it to keep it. */
  bytes(): Buffer {
    const length = this.count();
    const start = this.#advance(length);
    return this.#buffer.subarray(start, start + length);
  }

  /** Bytes to keep, in memory that nobody else has: the frame's own where little beside them is held by it, or a copy. */
  keptBytes(): Uint8Array {
    const view = this.bytes();
    return this.#isOwn && view.length * 2 >= view.buffer.byteLength ? view : new Uint8Array(view);
  }

  #advance(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#buffer.length) throw new MalformedFrame('a field is longer than its frame');
    this.#at += bytes;
    return start;
  }
}

/** Cuts what arrives into frames. What has arrived is of no use any more when `push` has returned. */
export class FrameSplitter {
  readonly #onFrame: (frame: FrameReader) => void;
  /** The frame at the front, with its length, as far as it has come. */
  #assembled: Buffer | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that it needs in all; 4 as long as that is unknown. */
  #needed = 4;

  constructor(onFrame: (frame: FrameReader) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws MalformedFrame */
  push(data: Buffer): void {
    let at = 0;
    // First what has begun: its length, then the rest of it.
    while (this.#bytes > 0) {
      const taken = Math.min(this.#needed - this.#bytes, data.length - at);
      this.#keep(data.subarray(at, at + taken));
      at += taken;
      if (this.#bytes < this.#needed) return;
      const frame = this.#assembled ?? Buffer.concat(this.#parts, this.#bytes);
      if (this.#needed === 4) {
        this.#needed = 4 + lengthAt(frame, 0);
        this.#restart(frame);
        if (this.#needed > 4) continue;
      }
      this.#assembled = undefined;
      this.#parts = [];
      this.#bytes = 0;
      this.#needed = 4;
      this.#onFrame(new FrameReader(frame.subarray(4), true));
    }
    while (data.length - at >= 4) {
      const end = at + 4 + lengthAt(data, at);
      if (end > data.length) break;
      this.#onFrame(new FrameReader(data.subarray(at + 4, end)));
      at = end;
    }
    if (at === data.length) return;
    const rest = data.subarray(at);
    this.#needed = rest.length >= 4 ? 4 + lengthAt(rest, 0) : 4;
    this.#restart(rest);
  }

  #restart(begun: Buffer): void {
    this.#bytes = 0;
    this.#parts = [];
    this.#assembled = this.#needed <= maxAssembledBytes ? Buffer.allocUnsafeSlow(this.#needed) : undefined;
    this.#keep(begun);
  }

  #keep(data: Buffer): void {
    if (this.#assembled === undefined) this.#parts.push(Buffer.from(data));
    else this.#assembled.set(data, this.#bytes);
    this.#bytes += data.length;
  }
}

/** @throws MalformedFrame */
function lengthAt(data: Buffer, at: number): number {
  const length = data.readUInt32LE(at);
  if (length > maxFrameBytes) throw new MalformedFrame(`a frame of ${length} bytes; ${maxFrameBytes} are allowed`);
  return length;
}
