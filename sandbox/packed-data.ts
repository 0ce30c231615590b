import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';

const compress = promisify(zstdCompress);

/** Data that is seldom wanted, compressed meanwhile. */
export class PackedData {
  readonly packed: Buffer;
  /** The data as it was last wanted, until memory is cleared up. */
  #unpacked: WeakRef<Buffer> | undefined;

  /** @param packed Copied, with nothing around it that it would keep in memory: not the rest of a buffer, nor what shares Node's pool with it. */
  constructor(packed: Buffer) {
    this.packed = Buffer.allocUnsafeSlow(packed.length);
    this.packed.set(packed);
  }

  static async of(data: Buffer): Promise<PackedData> {
    // With its size told ahead, a compression takes kilobytes of memory instead of megabytes.
    return new PackedData(await compress(data, { pledgedSrcSize: data.length }));
  }

  get data(): Buffer {
    const present = this.#unpacked?.deref();
    if (present !== undefined) return present;
    const data = zstdDecompressSync(this.packed);
    this.#unpacked = new WeakRef(data);
    return data;
  }
}
