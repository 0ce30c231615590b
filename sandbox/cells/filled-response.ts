/** The body of a response, as far as it crosses in the cell's file; see body-file.ts. */
import { type BodyReader, type BodyWriter, Filling } from './body-file.ts';
import { type FrameWriter, MalformedFrame } from './frame.ts';
import { toCell, toFront } from './protocol.ts';

/** The cell's side. */
export class ResponseFilling {
  readonly #filling: Filling;
  readonly #begin: (kind: number) => FrameWriter;

  constructor(writer: BodyWriter, begin: (kind: number) => FrameWriter) {
    this.#filling = new Filling(writer);
    this.#begin = begin;
  }

  /** Answers whether the bytes are on their way, and need not be kept; others have to go in frames. */
  send(bytes: Uint8Array): boolean {
    if (!this.#filling.add(bytes)) return false;
    this.#begin(toFront.responseFilled).count(this.#filling.region!).count(bytes.length).end();
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
