/** The streams of `node:zlib`: pieces go to the host one after the other, and what becomes of them comes back at the pace of the reader. */
import { part, queueMicrotask } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { callable } from '../shared/callable.ts';
import { operate, operateSync } from '../shared/operation.ts';
import { constants } from './constants.ts';
import { checkedOptions, defaultChunk, kinds, type Options, toBuffer, withNumber } from './data.ts';

type Done = (error?: unknown) => void;
type StreamClass = new (options?: Options) => object;

interface Base {
  push(chunk: unknown): boolean;
  write(chunk: unknown, done?: Done): boolean;
  destroy(error?: unknown): unknown;
  once(event: string, listener: Done): unknown;
  readonly closed?: boolean;
  readonly destroyed: boolean;
}

/** The host takes pieces of these sizes: small where they may grow. */
const plainPiece = 64 * 1024;
const compressedPiece = 4 * 1024;

/** Not before the first is made: they bring streams with them. */
export function streamClass(name: keyof typeof kinds): StreamClass {
  const kind = kinds[name];
  const className = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const isPlainInput = /gzip|deflate|-compress/.test(kind);
  const Transform = part('package-stream').Transform as new (options?: object) => Base;
  const pieceBytes = isPlainInput ? plainPiece : compressedPiece;
  const { BROTLI_OPERATION_FLUSH, Z_FULL_FLUSH, ZSTD_e_flush } = constants;
  const fullFlush = kind.startsWith('brotli')
    ? BROTLI_OPERATION_FLUSH
    : kind.startsWith('zstd')
      ? ZSTD_e_flush
      : Z_FULL_FLUSH;

  class Zlib extends Transform {
    bytesWritten = 0;
    readonly #options: Options;
    readonly #dictionary: Uint8Array | undefined;
    /** Memory of pieces without content, each with how to flush at it: the stream makes other views of it. */
    readonly #flushes = new WeakMap<object, number>();
    #id: number | undefined;

    constructor(options: Options = {}) {
      checkedOptions(options, kind);
      super({ ...options, objectMode: false, decodeStrings: true });
      this.#options = options;
      this.#dictionary = viewBufferSource(options?.['dictionary'])?.slice();
    }

    get _chunkSize(): number {
      return (this.#options['chunkSize'] as number | undefined) ?? defaultChunk;
    }
    get _level(): number {
      return numberOr(this.#options['level'], constants.Z_DEFAULT_COMPRESSION);
    }
    get _strategy(): number {
      return numberOr(this.#options['strategy'], constants.Z_DEFAULT_STRATEGY);
    }
    get _closed(): boolean {
      return this.destroyed;
    }
    get bytesRead(): number {
      return this.bytesWritten;
    }

    _transform(chunk: Uint8Array, _encoding: string, done: Done): void {
      this.#pass(this.#send(chunk, this.#flushes.get(chunk.buffer)), done);
    }

    _flush(done: Done): void {
      this.#pass(this.#write(undefined, true, undefined), done);
    }

    _destroy(error: unknown, done: Done): void {
      this.#release();
      done(error);
    }

    flush(kindOfFlush?: number | Done, callback?: Done): void {
      const done = typeof kindOfFlush === 'function' ? kindOfFlush : callback;
      const mark = new Uint8Array(0);
      this.#flushes.set(mark.buffer, typeof kindOfFlush === 'number' ? kindOfFlush : fullFlush);
      this.write(mark, done);
    }

    close(callback?: Done): void {
      if (callback !== undefined) {
        if (this.closed === true) queueMicrotask(() => callback());
        else this.once('close', () => callback());
      }
      this.destroy();
    }

    /** Begins anew. */
    reset(): void {
      this.#release();
    }

    async #send(chunk: Uint8Array, flush: number | undefined): Promise<void> {
      if (chunk.length === 0) {
        await this.#write(undefined, false, flush);
        return;
      }
      for (let offset = 0; offset < chunk.length; offset += pieceBytes) {
        const piece = chunk.subarray(offset, offset + pieceBytes);
        this.bytesWritten += piece.length;
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await this.#write(piece, false, this.#options['flush'] as number | undefined);
      }
    }

    async #write(piece: Uint8Array | undefined, isLast: boolean, flush: number | undefined): Promise<void> {
      this.#id ??= Number(
        operateSync('zlib.open', JSON.stringify([kind, checkedOptions(this.#options, kind)]), this.#dictionary),
      );
      const args = JSON.stringify([this.#id, isLast, flush ?? null]);
      const output = (await operate('zlib.write', args, piece)) as Uint8Array<ArrayBuffer>;
      const { length } = output;
      if (length > 1) this.push(toBuffer(output.slice(0, -1)));
      // An error that comes after this output.
      if (output[length - 1] === 1) await operate('zlib.write', JSON.stringify([this.#id, true, null]));
    }

    #pass(work: Promise<void>, done: Done): void {
      work.then(
        () => done(),
        (reason: unknown) => done(withNumber(reason)),
      );
    }

    #release(): void {
      if (this.#id !== undefined) operateSync('zlib.close', `${this.#id}`);
      this.#id = undefined;
    }
  }
  return callable(Zlib, className);
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && !Number.isNaN(value) ? value : fallback;
}
