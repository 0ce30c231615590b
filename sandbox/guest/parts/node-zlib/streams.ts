/** The streams of `node:zlib`: pieces go to the host one after the other, and what becomes of them comes back at the pace of the reader. */
import { part, queueMicrotask } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { callable } from '../shared/callable.ts';
import { operate, operateSync } from '../shared/operation.ts';
import { constants } from './constants.ts';
import { assertParameters, checkedOptions, defaultChunk, kinds, type Options, toBuffer, withNumber } from './data.ts';

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
/** A double, which the host writes before its last byte when compressed data ends before the input. */
const consumedBytes = 8;

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
    /** The same, with the level and the strategy from there on. */
    readonly #params = new WeakMap<object, readonly [level: number, strategy: number]>();
    #id: number | undefined;
    /** What was compressed has ended before the input: the rest of that is none of its. */
    #isEnded = false;

    constructor(options: Options = {}) {
      checkedOptions(options, kind);
      super({ ...options, objectMode: false, decodeStrings: true });
      // A copy: `params` changes it.
      this.#options = { ...options };
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
      const params = chunk.length === 0 ? this.#params.get(chunk.buffer) : undefined;
      this.#pass(
        params === undefined ? this.#send(chunk, this.#flushes.get(chunk.buffer)) : this.#change(params),
        done,
      );
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
      this.#isEnded = false;
    }

    /** The level and the strategy of what is written from here on; those of Zlib's own format have it. */
    params(level: unknown, strategy: unknown, callback?: Done): void {
      assertParameters(level, strategy, kind);
      const wanted = [
        numberOr(level, constants.Z_DEFAULT_COMPRESSION),
        numberOr(strategy, constants.Z_DEFAULT_STRATEGY),
      ] as const;
      if (this._level === wanted[0] && this._strategy === wanted[1]) {
        if (callback !== undefined) queueMicrotask(() => callback());
        return;
      }
      const mark = new Uint8Array(0);
      this.#params.set(mark.buffer, wanted);
      this.write(mark, callback);
    }

    async #send(chunk: Uint8Array, flush: number | undefined): Promise<void> {
      if (chunk.length === 0) {
        await this.#write(undefined, false, flush);
        return;
      }
      for (let offset = 0; offset < chunk.length; offset += pieceBytes) {
        if (this.#isEnded) return;
        const piece = chunk.subarray(offset, offset + pieceBytes);
        this.bytesWritten += piece.length;
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await this.#write(piece, false, this.#options['flush'] as number | undefined);
      }
    }

    async #change([level, strategy]: readonly [level: number, strategy: number]): Promise<void> {
      // What was written before is as it was asked for then.
      if (this.#id !== undefined) await this.#write(undefined, false, null, level, strategy);
      Object.assign(this.#options, { level, strategy });
    }

    async #write(
      piece: Uint8Array | undefined,
      isLast: boolean,
      flush: number | undefined | null,
      ...params: readonly number[]
    ): Promise<void> {
      if (this.#isEnded) return;
      this.#id ??= Number(
        operateSync('zlib.open', JSON.stringify([kind, checkedOptions(this.#options, kind)]), this.#dictionary),
      );
      const args = JSON.stringify([this.#id, isLast, flush ?? null, ...params]);
      const output = (await operate('zlib.write', args, piece)) as Uint8Array<ArrayBuffer>;
      const status = output.at(-1);
      const { length } = output;
      const end = status === 2 ? length - 1 - consumedBytes : length - 1;
      if (end > 0) this.push(toBuffer(output.slice(0, end)));
      // An error that comes after this output.
      if (status === 1) await operate('zlib.write', JSON.stringify([this.#id, true, null]));
      if (status === 2) {
        this.#isEnded = true;
        this.bytesWritten = new DataView(output.buffer, output.byteOffset + end).getFloat64(0, true);
        this.push(null);
      }
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
