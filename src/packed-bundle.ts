import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { BundleOutput } from '../bundler/index.ts';

const compress = promisify(zstdCompress);

/** A bundle whose source map, which is most of it and wanted only when something is thrown, takes a fraction of the memory. */
export async function packBundle(output: BundleOutput): Promise<BundleOutput> {
  const { sourceMap, ...rest } = output;
  // A copy: what is compressed lies in a buffer that is larger than it.
  return new PackedBundle(rest, Buffer.from(await compress(sourceMap)));
}

class PackedBundle implements BundleOutput {
  readonly source: string;
  readonly fileName: string;
  readonly hash: string;
  readonly imports: BundleOutput['imports'];
  readonly sizes: BundleOutput['sizes'];
  readonly inputs: BundleOutput['inputs'];
  readonly warnings: BundleOutput['warnings'];
  readonly #sourceMap: Buffer;

  constructor(rest: Omit<BundleOutput, 'sourceMap'>, sourceMap: Buffer) {
    this.source = rest.source;
    this.fileName = rest.fileName;
    this.hash = rest.hash;
    this.imports = rest.imports;
    this.sizes = rest.sizes;
    this.inputs = rest.inputs;
    this.warnings = rest.warnings;
    this.#sourceMap = sourceMap;
  }

  get sourceMap(): string {
    return zstdDecompressSync(this.#sourceMap).toString();
  }
}
