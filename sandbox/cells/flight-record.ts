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

/** For so long the record may say that code runs which has ended: by then, other code often runs, and is written down anyway. */
const lateMs = 5;

/** The cell's side. What is noted leaves with the next `write`, which has to come before the code runs. */
export class FlightRecorder {
  readonly #file: number;
  readonly #record = Buffer.alloc((1 + maxSlots) * wordBytes);
  /** What is to be written of it. */
  #from = Infinity;
  #to = 0;
  #isWritePlanned = false;

  constructor(file: number) {
    this.#file = file;
  }

  /** Code of an invocation is about to run for the first time. */
  begins(slot: number, serial: number): void {
    this.#note(1 + slot, serial);
  }

  /** Code of an invocation is about to run. */
  runs(serial: number): void {
    this.#note(0, serial);
  }

  /** No code runs any more. That is written a little later, unless something else is before. */
  rests(): void {
    this.#note(0, 0);
    if (this.#isWritePlanned) return;
    this.#isWritePlanned = true;
    setTimeout(() => {
      this.#isWritePlanned = false;
      this.write();
    }, lateMs);
  }

  write(): void {
    if (this.#from >= this.#to) return;
    writeSync(this.#file, this.#record, this.#from, this.#to - this.#from, this.#from);
    this.#from = Infinity;
    this.#to = 0;
  }

  #note(index: number, serial: number): void {
    const at = index * wordBytes;
    this.#record.writeUInt32LE(serial, at);
    this.#from = Math.min(this.#from, at);
    this.#to = Math.max(this.#to, at + wordBytes);
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
