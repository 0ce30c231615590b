/**
 * What a cell was doing when it died. The cell writes down whose code it is about to run, before it runs it; the front reads that when the
 * cell is gone. The record is a small file without a name that both have open: writing to it takes microseconds, needs nobody at the
 * other end, and outlives any crash.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { openNameless } from './nameless-file.ts';

/** Invocations that one cell can have under way. */
export const maxSlots = 1_024;
const wordBytes = 4;

/** The cell's side. */
export class FlightRecorder {
  readonly #file: number;
  readonly #word = Buffer.alloc(wordBytes);

  constructor(file: number) {
    this.#file = file;
  }

  /** Code of an invocation is about to run for the first time. */
  begins(slot: number, serial: number): void {
    this.#write(1 + slot, serial);
  }

  /** Code of an invocation is about to run; 0 when none does. */
  runs(serial: number): void {
    this.#write(0, serial);
  }

  #write(index: number, serial: number): void {
    this.#word.writeUInt32LE(serial);
    writeSync(this.#file, this.#word, 0, wordBytes, index * wordBytes);
  }
}

/** The front's side. */
export class FlightRecord {
  /** The file, for the cell to inherit. */
  readonly file: number;

  /** @throws Error when there is no folder to put it into. */
  constructor() {
    this.file = openNameless();
  }

  /** Serial of the invocation whose code was running, or 0. */
  get running(): number {
    return this.#read(0);
  }

  /** Whether code of this invocation has run at all. */
  hasBegun(slot: number, serial: number): boolean {
    return this.#read(1 + slot) === serial;
  }

  close(): void {
    closeSync(this.file);
  }

  #read(index: number): number {
    const word = Buffer.alloc(wordBytes);
    readSync(this.file, word, 0, wordBytes, index * wordBytes);
    return word.readUInt32LE();
  }
}
