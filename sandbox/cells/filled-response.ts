/** The body of a response, as far as it crosses in the cell's file; see body-file.ts. */
import type { BodyReader, BodyWriter } from './body-file.ts';
import { type FrameWriter, MalformedFrame } from './frame.ts';
import { toCell, toFront } from './protocol.ts';

/** Smaller pieces cross within frames. */
const minFilledBytes = 16 * 1024;

/** The cell's side. */
export class ResponseFilling {
  readonly #writer: BodyWriter;
  readonly #begin: (kind: number) => FrameWriter;
  #region: number | undefined;
  #written = 0;
  /** There is no memory for more. */
  #isFull = false;

  constructor(writer: BodyWriter, begin: (kind: number) => FrameWriter) {
    this.#writer = writer;
    this.#begin = begin;
  }

  /** Answers whether the bytes are on their way, and need not be kept; others have to go in frames. */
  send(bytes: Uint8Array): boolean {
    if (bytes.length < minFilledBytes || this.#isFull) return false;
    this.#region ??= this.#writer.take();
    if (this.#region === undefined) return false;
    this.#isFull = !this.#writer.write(this.#region, this.#written, bytes);
    if (this.#isFull) return false;
    this.#written += bytes.length;
    this.#begin(toFront.responseFilled).count(this.#region).count(bytes.length).end();
    return true;
  }
}

/** The front's side. */
export class FilledResponse {
  readonly #reader: BodyReader | undefined;
  readonly #begin: (kind: number) => FrameWriter;
  #region: number | undefined;
  #read = 0;

  constructor(reader: BodyReader | undefined, begin: (kind: number) => FrameWriter) {
    this.#reader = reader;
    this.#begin = begin;
  }

  /**
   * What the cell says to be there.
   *
   * @param isWanted Whether it is to be read at all.
   * @throws MalformedFrame
   */
  take(region: number, length: number, isWanted: boolean): Uint8Array | undefined {
    if (this.#reader === undefined || (this.#region ?? region) !== region) {
      throw new MalformedFrame(`a body in region ${region}, which is not its own`);
    }
    const bytes = isWanted ? this.#reader.read(region, this.#read, length) : undefined;
    this.#region = region;
    this.#read += length;
    return bytes;
  }

  /** Nothing more will come: the cell can use its region for another. */
  close(): void {
    if (this.#region !== undefined) this.#begin(toCell.regionRead).count(this.#region).end();
  }
}
