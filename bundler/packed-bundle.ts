/**
 * Bundles as a host keeps them: of thousands of functions, few are called at a time, and text takes a tenth of its memory when it is
 * compressed.
 */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { BundleOutput } from './types.ts';

const compress = promisify(zstdCompress);

/** All of a bundle but its two texts. */
export type BundleFacts = Omit<BundleOutput, 'source' | 'sourceMap'> & {
  /** Length of the source in UTF-8. */
  readonly sourceBytes: number;
};

export class PackedBundle implements BundleOutput {
  readonly fileName: string;
  readonly hash: string;
  readonly imports: BundleOutput['imports'];
  readonly sizes: BundleOutput['sizes'];
  readonly inputs: BundleOutput['inputs'];
  readonly warnings: BundleOutput['warnings'];
  readonly sourceBytes: number;
  readonly #source: PackedText;
  readonly #sourceMap: PackedText;

  constructor(facts: BundleFacts, source: PackedText, sourceMap: PackedText) {
    this.fileName = facts.fileName;
    this.hash = facts.hash;
    this.imports = facts.imports;
    this.sizes = facts.sizes;
    this.inputs = facts.inputs;
    this.warnings = facts.warnings;
    this.sourceBytes = facts.sourceBytes;
    this.#source = source;
    this.#sourceMap = sourceMap;
  }

  /** What is packed already stays as it is. */
  static async of(output: BundleOutput): Promise<PackedBundle> {
    if (output instanceof PackedBundle) return output;
    const { source, sourceMap, ...rest } = output;
    const [packedSource, packedMap] = await Promise.all([PackedText.of(source), PackedText.of(sourceMap)]);
    return new PackedBundle({ ...rest, sourceBytes: Buffer.byteLength(source) }, packedSource, packedMap);
  }

  /** @throws Error when the data is not what `toData` has made. */
  static from(data: Buffer, facts: BundleFacts): PackedBundle {
    const [source, sourceMap] = splitTwo(data);
    return new PackedBundle(facts, new PackedText(copyOf(source)), new PackedText(copyOf(sourceMap)));
  }

  get source(): string {
    return this.#source.text;
  }

  /** Wanted only when something is thrown. */
  get sourceMap(): string {
    return this.#sourceMap.text;
  }

  get facts(): BundleFacts {
    const { fileName, hash, imports, sizes, inputs, warnings, sourceBytes } = this;
    return { fileName, hash, imports, sizes, inputs, warnings, sourceBytes };
  }

  /** Both texts as they are kept. */
  toData(): Buffer {
    return joinTwo(this.#source.packed, this.#sourceMap.packed);
  }
}

/** Writes two as one: the length of the first, then both. */
export function joinTwo(first: Buffer, second: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(first.length);
  return Buffer.concat([length, first, second]);
}

/** The other way round; both are parts of the data, and not copied. */
export function splitTwo(data: Buffer): [first: Buffer, second: Buffer] {
  const end = 4 + data.readUInt32LE();
  return [data.subarray(4, end), data.subarray(end)];
}

class PackedText {
  readonly packed: Buffer;
  /** The text as it was last wanted, until memory is cleared up: who wants it again soon does not wait for it. */
  #unpacked: WeakRef<{ readonly text: string }> | undefined;

  constructor(packed: Buffer, text?: string) {
    this.packed = packed;
    if (text !== undefined) this.#unpacked = new WeakRef({ text });
  }

  static async of(text: string): Promise<PackedText> {
    const data = Buffer.from(text);
    // With its size told ahead, a compression takes kilobytes of memory instead of megabytes.
    return new PackedText(copyOf(await compress(data, { pledgedSrcSize: data.length })), text);
  }

  get text(): string {
    const present = this.#unpacked?.deref();
    if (present !== undefined) return present.text;
    const text = zstdDecompressSync(this.packed).toString();
    this.#unpacked = new WeakRef({ text });
    return text;
  }
}

/** With nothing around it that it would keep in memory: not the rest of a buffer, nor what shares Node's pool with it. */
function copyOf(data: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(data.length);
  copy.set(data);
  return copy;
}
