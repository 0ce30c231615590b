/**
 * Gives the memories that a module of WebAssembly defines a maximum. A module can let its memory grow without asking anybody, and what it
 * takes is not counted by the isolate's limit; the maximum in its binary is the only thing that stops it.
 * https://webassembly.github.io/spec/core/binary/modules.html
 */
import { assertPages, type MemoryLimits } from './memory-budget.ts';

const headerBytes = 8;
const memorySection = 5;
const flags = { hasMaximum: 1, isShared: 2 } as const;

/**
 * @param limits Told of each memory; answers how large it may become.
 * @returns The module, or the same bytes when it defines no memory or is no module: the engine says best what is wrong with it.
 */
export function limitModule(bytes: Uint8Array, limits: MemoryLimits): Uint8Array {
  const section = findSection(bytes, memorySection);
  if (section === undefined) return bytes;
  const reader = new Reader(bytes, section.start);
  const count = reader.unsigned();
  const content: number[] = [];
  writeUnsigned(content, count);
  for (let index = 0; index < count; index += 1) {
    const kind = bytes[reader.at]!;
    reader.at += 1;
    if ((kind & flags.isShared) !== 0) throw new WebAssembly.CompileError('shared memory is not available');
    const minimum = reader.unsigned();
    const declared = (kind & flags.hasMaximum) === 0 ? undefined : reader.unsigned();
    const maximum = limits.maximumFor(assertPages(minimum), declared);
    content.push(kind | flags.hasMaximum);
    writeUnsigned(content, minimum);
    writeUnsigned(content, maximum);
  }
  if (reader.at !== section.end) return bytes;
  const size: number[] = [];
  writeUnsigned(size, content.length);
  const limited = new Uint8Array(section.sizeAt + size.length + content.length + (bytes.length - section.end));
  limited.set(bytes.subarray(0, section.sizeAt));
  limited.set(size, section.sizeAt);
  limited.set(content, section.sizeAt + size.length);
  limited.set(bytes.subarray(section.end), section.sizeAt + size.length + content.length);
  return limited;
}

interface Section {
  /** Where its size stands, where its content begins, and where that ends. */
  readonly sizeAt: number;
  readonly start: number;
  readonly end: number;
}

function findSection(bytes: Uint8Array, wanted: number): Section | undefined {
  const reader = new Reader(bytes, headerBytes);
  while (reader.at < bytes.length) {
    const id = bytes[reader.at]!;
    const sizeAt = reader.at + 1;
    reader.at = sizeAt;
    const size = reader.unsigned();
    const start = reader.at;
    const end = start + size;
    if (end > bytes.length) return undefined;
    if (id === wanted) return { sizeAt, start, end };
    reader.at = end;
  }
  return undefined;
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** LEB128. What is too long for a number that is exact is no size of anything. */
  unsigned(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 7; count += 1) {
      const byte = this.#bytes[this.at] ?? 0;
      this.at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new WebAssembly.CompileError('a number in the module is too long');
  }
}

function writeUnsigned(target: number[], value: number): void {
  let rest = value;
  do {
    const byte = rest % 128;
    rest = (rest - byte) / 128;
    target.push(rest === 0 ? byte : byte | 0x80);
  } while (rest > 0);
}
