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

/** The other side sent what is no frame, or one that it may not send. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

/** Writes frames end to end into one buffer, so that all frames of a tick leave with one system call. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafe(initialCapacity);
  #length = 0;
  #start = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  begin(kind: number, number: number): this {
    this.#reserve(headerBytes);
    this.#start = this.#length;
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

  bytes(value: Uint8Array): this {
    this.#reserve(4 + value.length);
    this.#buffer.writeUInt32LE(value.length, this.#length);
    this.#buffer.set(value, this.#length + 4);
    this.#length += 4 + value.length;
    return this;
  }

  end(): void {
    this.#buffer.writeUInt32LE(this.#length - this.#start - 4, this.#start);
  }

  /** Everything written so far; the writer is empty afterwards. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    // What was handed out belongs to the socket until it is sent, so the rest of the buffer is used up next.
    this.#buffer =
      this.#buffer.length - this.#length >= initialCapacity / 4
        ? this.#buffer.subarray(this.#length)
        : Buffer.allocUnsafe(initialCapacity);
    this.#length = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Reads the fields of one frame, in the order in which they were written. */
export class FrameReader {
  readonly kind: number;
  /** Whom the frame concerns. */
  readonly number: number;
  readonly #buffer: Buffer;
  #at = headerBytes - 4;

  /** @param buffer The frame without its length. */
  constructor(buffer: Buffer) {
    this.#buffer = buffer;
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

  #advance(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#buffer.length) throw new MalformedFrame('a field is longer than its frame');
    this.#at += bytes;
    return start;
  }
}

/** Cuts what arrives into frames. */
export class FrameSplitter {
  readonly #onFrame: (frame: FrameReader) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that the frame at the front needs in all, with its length; 4 as long as that is unknown. */
  #needed = 4;

  constructor(onFrame: (frame: FrameReader) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws MalformedFrame */
  push(data: Buffer): void {
    this.#bytes += data.length;
    if (this.#parts.length > 0) {
      this.#parts.push(data);
      if (this.#bytes < this.#needed) return;
      data = Buffer.concat(this.#parts, this.#bytes);
      this.#parts = [];
    }
    let at = 0;
    this.#needed = 4;
    while (data.length - at >= 4) {
      const length = data.readUInt32LE(at);
      if (length > maxFrameBytes) throw new MalformedFrame(`a frame of ${length} bytes; ${maxFrameBytes} are allowed`);
      this.#needed = 4 + length;
      if (data.length - at < this.#needed) break;
      this.#onFrame(new FrameReader(data.subarray(at + 4, at + this.#needed)));
      at += this.#needed;
      this.#needed = 4;
    }
    this.#bytes = data.length - at;
    if (this.#bytes > 0) this.#parts.push(data.subarray(at));
  }
}
