/**
 * The way of large bodies between the front and a cell: for each direction a file in memory that both have open. Bytes that go through it
 * are copied twice, by the one who writes and the one who reads, each at a moment of its own. With the small buffer of a socket, the two
 * have to take turns, and wake each other for each of its fillings.
 *
 * A file has regions, each of them a ring that one body goes round in. Who reads it says how much he will take (see flows.ts), which is
 * never more than a ring has room for: so what he has not read is not written over.
 */
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { MalformedFrame } from './frame.ts';
import { openInMemory } from './nameless-file.ts';
import { flowWindowBytes } from './protocol.ts';

/** Bodies that go through one file at once; others go through the socket. */
const maxRegions = 8;
/** Smaller pieces do, too. */
const minFilledBytes = 16 * 1024;
const regionBytes = flowWindowBytes;

/** Whoever writes the file, and says who has which region of it. */
export class BodyWriter {
  readonly #file: number;
  /** Those that somebody has had. */
  readonly #free: number[] = [];
  #regions = 0;
  #isClosed = false;

  constructor(file: number) {
    this.#file = file;
  }

  /** A region for one body. `undefined` when others have them all. */
  take(): number | undefined {
    if (this.#isClosed) return undefined;
    // The fewer there are in use, the less memory there is in use, and the more of it in the caches of the CPU.
    const region = this.#free.pop();
    if (region !== undefined || this.#regions === maxRegions) return region;
    this.#regions += 1;
    return this.#regions - 1;
  }

  /** Nobody will read of it what was written until now. */
  give(region: number): void {
    this.#free.push(region);
  }

  /** @param position Bytes of the body that were written to its region before. Answers whether there was memory for it. */
  write(region: number, position: number, bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length && !this.#isClosed;) {
        const [offset, room] = placeOf(region, position + at);
        at += writeSync(this.#file, bytes, at, Math.min(room, bytes.length - at), offset);
      }
      return !this.#isClosed;
    } catch {
      // The file system is full.
      return false;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
  }
}

/** The way of one body into the file, as far as there is room for it. */
export class Filling {
  readonly #writer: BodyWriter | undefined;
  #region: number | undefined;
  #written = 0;
  /** There is no memory for more. What is there already will still be read. */
  #isFull = false;

  constructor(writer: BodyWriter | undefined) {
    this.#writer = writer;
  }

  /** Where it is; `undefined` as long as nothing of it is there. */
  get region(): number | undefined {
    return this.#region;
  }

  /** Writes a piece; answers whether it could, and need not be kept. Others have to go in frames. */
  add(piece: Uint8Array): boolean {
    if (piece.length < minFilledBytes || this.#writer === undefined || this.#isFull) return false;
    this.#region ??= this.#writer.take();
    if (this.#region === undefined) return false;
    this.#isFull = !this.#writer.write(this.#region, this.#written, piece);
    if (this.#isFull) return false;
    this.#written += piece.length;
    return true;
  }

  /** Nobody will read of it what was written until now. */
  giveUp(): void {
    if (this.#region !== undefined) this.#writer!.give(this.#region);
  }
}

/** Whoever reads it. */
export class BodyReader {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  /**
   * Bytes of a body, in memory that nobody else has.
   *
   * @param position Bytes of the body that were read of its region before.
   * @throws MalformedFrame when there cannot be so many, or they are not there.
   */
  read(region: number, position: number, length: number): Uint8Array {
    if (region >= maxRegions || length > regionBytes) throw new MalformedFrame('bytes that no region has room for');
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length;) {
      const [offset, room] = placeOf(region, position + at);
      const read = readSync(this.#file, bytes, at, Math.min(room, length - at), offset);
      if (read === 0) throw new MalformedFrame('a region without the bytes that it was said to have');
      at += read;
    }
    return bytes;
  }

  /** Memory that the file takes. */
  get heldBytes(): number {
    return heldBytes(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

const blockBytes = 512;

/** Memory that a file in memory takes. */
export function heldBytes(file: number): number {
  return fstatSync(file).blocks * blockBytes;
}

/** Where a byte of a body is, and how many follow it before the end of the ring. */
function placeOf(region: number, position: number): [offset: number, room: number] {
  const inRegion = position % regionBytes;
  return [region * regionBytes + inRegion, regionBytes - inRegion];
}

/** What the front has of the files, and what of them the cell inherits. */
export interface BodyFiles {
  readonly writer: BodyWriter;
  readonly reader: BodyReader;
  /** For the cell's reader; it cannot be written. */
  readonly toRead: number;
  /** For the cell's writer. */
  readonly toWrite: number;
}

/** `undefined` without files in memory. */
export function openBodyFiles(): BodyFiles | undefined {
  const down = openInMemory('r');
  const up = openInMemory('r+');
  if (down === undefined || up === undefined) {
    for (const file of [...(down ?? []), ...(up ?? [])]) closeSync(file);
    return undefined;
  }
  const [writes, toRead] = down as [number, number];
  const [reads, toWrite] = up as [number, number];
  return { writer: new BodyWriter(writes), reader: new BodyReader(reads), toRead, toWrite };
}
