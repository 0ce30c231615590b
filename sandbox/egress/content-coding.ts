/** `Content-Encoding` of responses: undone on the host, piece by piece, so that a small answer cannot become a large one at once. */
import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { PassThrough } from 'node:stream';
import { egressCodes, EgressError } from './egress.ts';

/** More than one is rare, more than these are an attack: each multiplies the size. */
const maxCodings = 3;
const chunkSize = 64 * 1024;
/** Servers leave out the end of what they compressed. */
const lenient = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH, chunkSize };
const lenientBrotli = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  chunkSize,
};

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(lenient),
  'x-gzip': () => createGunzip(lenient),
  deflate: () => new InflateEither(),
  br: () => createBrotliDecompress(lenientBrotli),
  zstd: () => createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
};

/**
 * What undoes the codings of a response, in the order in which it has to be done. `undefined` when there is one that nobody knows: the body
 * then stays as it is.
 */
export function decodersFor(contentEncoding: string | undefined): Transform[] | undefined {
  const names = (contentEncoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > maxCodings) {
    throw new EgressError(
      egressCodes.limit,
      `the response has ${names.length} content codings; ${maxCodings} are allowed`,
    );
  }
  if (!names.every((name) => Object.hasOwn(decoders, name))) return undefined;
  return names.toReversed().map((name) => decoders[name]!());
}

/** `deflate` is zlib's format by the standard, and the bare one of some servers. The first byte tells. */
class InflateEither extends PassThrough {
  #inflate: Transform | undefined;

  override _transform(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#inflate ??= this.#start((chunk[0]! & 0x0f) === 8 ? createInflate(lenient) : createInflateRaw(lenient));
    this.#inflate.write(chunk, callback);
  }

  override _flush(callback: (error?: Error | null) => void): void {
    if (this.#inflate === undefined) {
      callback();
      return;
    }
    this.#inflate.once('end', () => callback());
    this.#inflate.end();
  }

  override _read(size: number): void {
    this.#inflate?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#inflate?.destroy();
    callback(error);
  }

  #start(inflate: Transform): Transform {
    inflate.on('data', (data: Buffer) => {
      if (!this.push(data)) inflate.pause();
    });
    inflate.on('error', (error) => this.destroy(error));
    return inflate;
  }
}
