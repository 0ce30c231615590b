/** How much memory WebAssembly may take: as much as the isolate, beside it. */
import { settings } from '../../core/facade.ts';

export interface MemoryLimits {
  /** The maximum, in pages, of a memory that begins with some. Throws when it may not even begin. */
  maximumFor(minimum: number, declared: number | undefined): number;
}

export const pageBytes = 65_536;
const mebibyte = 2 ** 20;
/** The most pages that a memory can have, in the engine. */
export const maxPages = 65_536;
/** Each may grow into what all have left at its making, so there may not be many that have no small maximum. */
const maxReservations = 16;
/** Machine code of a module takes about this much for each of its bytes. */
const codeFactor = 8;

export class MemoryBudget implements MemoryLimits {
  readonly #bytes = settings().limits.memoryMiB * mebibyte;
  readonly #memories: WeakRef<WebAssembly.Memory>[] = [];
  #codeBytes = 0;
  /** Memories that modules have for themselves: what they begin with. */
  #innerBytes = 0;
  /** What those that were made may grow to, all together. */
  #reservedPages = 0;

  maximumFor(minimum: number, declared: number | undefined): number {
    const left = this.assertLeft(minimum);
    const maximum = Math.min(declared ?? Infinity, left, maxPages);
    this.#reservedPages += maximum;
    if (this.#reservedPages * pageBytes > maxReservations * this.#bytes) {
      throw new RangeError('WebAssembly.Memory(): too many memories that can grow; give them a maximum');
    }
    return maximum;
  }

  /** How many pages are left, of which `minimum` are needed. */
  assertLeft(minimum: number): number {
    const left = Math.floor((this.#bytes - this.#usedBytes()) / pageBytes);
    if (minimum > left) {
      throw new RangeError(
        `WebAssembly.Memory(): could not allocate memory: ${minimum} pages, ${Math.max(0, left)} are left within memoryMiB`,
      );
    }
    return left;
  }

  /** Takes note of a memory that has been made. */
  add(memory: WebAssembly.Memory): void {
    if (this.#memories.some((known) => known.deref() === memory)) return;
    this.#memories.push(new WeakRef(memory));
  }

  /** Takes note of the memory that a module defines, which nobody may ever get to see. */
  addInner(minimum: number): void {
    this.#innerBytes += minimum * pageBytes;
  }

  /** Charges the code of a module that is to be compiled. */
  chargeCode(moduleBytes: number): void {
    const bytes = moduleBytes * codeFactor;
    if (this.#usedBytes() + bytes > this.#bytes) {
      throw new RangeError(`a module of ${moduleBytes} bytes does not fit into memoryMiB`);
    }
    this.#codeBytes += bytes;
  }

  #usedBytes(): number {
    let bytes = this.#codeBytes + this.#innerBytes;
    for (let index = this.#memories.length - 1; index >= 0; index -= 1) {
      const memory = this.#memories[index]!.deref();
      if (memory === undefined) this.#memories.splice(index, 1);
      else bytes += memory.buffer.byteLength;
    }
    return bytes;
  }
}

/** Pages of which the engine itself would say that they are too many. */
export function assertPages(pages: number): number {
  if (pages > maxPages) throw new WebAssembly.CompileError(`a memory of ${pages} pages is larger than there can be`);
  return pages;
}
