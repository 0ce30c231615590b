/**
 * Compression for guests. Guards against small input that becomes large: input crosses in pieces, what one piece may become is bounded, and the
 * time that it takes is charged to the invocation that waits for it.
 */
import * as zlib from 'node:zlib';
import { type HostHandles, OperationError, type OperationResult } from './operation.ts';

/** Pieces of this size at most; what is to be decompressed may grow a thousandfold, so its pieces are smaller. */
const maxPlainPiece = 64 * 1024;
const maxCompressedPiece = 4 * 1024;
/** A piece that becomes more is an error. */
const maxOutput = 8 * 2 ** 20;
/** Each compressor has up to 400 KB outside of the guest's heap; those of Brotli have a window of up to this many bits. */
const maxCompressors = 32;
const maxBrotliWindowBits = 20;
/** Those of Zstandard have several times as much: each counts as so many. */
const zstdWeight = 4;
const maxZstdLevel = 9;
const maxZstdWindowBits = 20;
/** What others compressed may ask for a larger window. */
const maxZstdReadWindowBits = 23;

type Engine = zlib.Gzip | zlib.BrotliCompress | zlib.ZstdCompress;

class Compressor {
  readonly #engine: Engine;
  readonly isPlainInput: boolean;
  #pieces: Buffer[] = [];
  #bytes = 0;
  readonly #rejectsGarbage: boolean;
  #isEnded = false;
  #failure: Error | undefined;
  #reject: ((error: Error) => void) | undefined;

  /** @param rejectsGarbage Whether data after the end of what was compressed is an error; otherwise it is ignored. */
  constructor(engine: Engine, isPlainInput: boolean, rejectsGarbage: boolean) {
    this.#engine = engine;
    this.isPlainInput = isPlainInput;
    this.#rejectsGarbage = rejectsGarbage;
    engine.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      if (this.#bytes > maxOutput) {
        engine.destroy(new OperationError('RangeError', `a piece of the input became over ${maxOutput} bytes`));
      }
    });
    engine.once('end', () => {
      this.#isEnded = true;
    });
    engine.on('error', (error) => this.#reject?.(error));
  }

  /**
   * Takes in a piece; the result is what there is of the output, and a byte more: 1 where an error comes after it, which the next call
   * throws, and 2 where the compressed data has ended before the input, after the number of bytes that were of it. One at a time.
   */
  async process(
    piece: Uint8Array | undefined,
    isLast: boolean,
    flush: number | undefined,
    params?: Params,
  ): Promise<Buffer> {
    const engine = this.#engine;
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve, reject) => {
      if (engine.destroyed || this.#reject !== undefined) {
        reject(new OperationError('TypeError', 'the stream was closed, or is busy'));
        return;
      }
      // The end of what was compressed comes by itself.
      if (this.#isEnded) {
        if (piece === undefined || piece.length === 0 || !this.#rejectsGarbage) resolve();
        else reject(new OperationError('TypeError', 'there is data after the end of the compressed data'));
        return;
      }
      this.#reject = (error) => {
        this.#failure = error;
        if (this.#bytes > 0 && this.#bytes <= maxOutput) resolve();
        else reject(error);
      };
      if (piece !== undefined && piece.length > 0) engine.write(piece);
      if (isLast) {
        engine.once('end', resolve);
        engine.end();
      } else if (params !== undefined) {
        if (hasParams(engine)) engine.params(...params, resolve);
        else resolve();
      } else if (flush === undefined) {
        // Written when what is before it has been taken in; a failure is told by the event.
        engine.write(nothing, (error) => error ?? resolve());
      } else {
        engine.flush(flush, () => resolve());
      }
    }).finally(() => {
      this.#reject = undefined;
    });
    const output = Buffer.concat([...this.#pieces, this.#status(isLast)]);
    this.#pieces = [];
    this.#bytes = 0;
    return output;
  }

  #status(isLast: boolean): Buffer {
    if (this.#failure !== undefined) return Buffer.of(1);
    if (isLast || this.#rejectsGarbage || !this.#isEnded) return Buffer.of(0);
    const status = Buffer.alloc(consumedBytes + 1, 2);
    status.writeDoubleLE(this.#engine.bytesWritten);
    return status;
  }

  close(): void {
    this.#engine.destroy();
  }
}

/** Level and strategy. */
type Params = readonly [level: number, strategy: number];

/** Those of Brotli and Zstandard have none. */
function hasParams(engine: Engine): engine is zlib.Deflate {
  return typeof (engine as Partial<zlib.Deflate>).params === 'function';
}

/** A number of them, as a double. */
const consumedBytes = 8;
const nothing = Buffer.alloc(0);
const { constants } = zlib;
const kinds: Readonly<Record<string, readonly [create: (options: object) => unknown, isPlainInput: boolean]>> = {
  gzip: [zlib.createGzip, true],
  gunzip: [zlib.createGunzip, false],
  deflate: [zlib.createDeflate, true],
  inflate: [zlib.createInflate, false],
  'deflate-raw': [zlib.createDeflateRaw, true],
  'inflate-raw': [zlib.createInflateRaw, false],
  unzip: [zlib.createUnzip, false],
  'brotli-compress': [zlib.createBrotliCompress, true],
  'brotli-decompress': [zlib.createBrotliDecompress, false],
  'zstd-compress': [zlib.createZstdCompress, true],
  'zstd-decompress': [zlib.createZstdDecompress, false],
};
const counts = new WeakMap<HostHandles, number>();

/** @param text JSON of the kind and the options of Node's zlib; a dictionary is the data. The result is the number. */
export function openZlib(handles: HostHandles, text: string, dictionary: Uint8Array | undefined): OperationResult {
  if (text.length > 1_000) return undefined;
  const [kind, given] = JSON.parse(text) as [string, Record<string, unknown>];
  const [create, isPlainInput] = Object.hasOwn(kinds, kind) ? kinds[kind]! : [];
  if (create === undefined) return undefined;
  const count = counts.get(handles) ?? 0;
  const weight = kind.startsWith('zstd') ? zstdWeight : 1;
  if (count + weight > maxCompressors) {
    throw new OperationError('RangeError', `over ${maxCompressors} compressors at once in one invocation`);
  }
  const rejectGarbageAfterEnd = given['rejectGarbageAfterEnd'] === true;
  const options: Record<string, unknown> = { rejectGarbageAfterEnd };
  Object.assign(options, optionsOf(kind, given));
  if (dictionary !== undefined && dictionary.length <= maxPlainPiece) options['dictionary'] = dictionary.slice();
  const compressor = new Compressor(create(options) as Engine, isPlainInput!, rejectGarbageAfterEnd);
  counts.set(handles, count + weight);
  const id = handles.add(compressor, () => {
    compressor.close();
    counts.set(handles, counts.get(handles)! - weight);
  });
  return String(id);
}

function optionsOf(kind: string, given: Record<string, unknown>): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const name of ['level', 'memLevel', 'strategy', 'windowBits'] as const) {
    if (typeof given[name] === 'number') options[name] = given[name];
  }
  const params = typeof given['params'] === 'object' && given['params'] !== null ? given['params'] : {};
  if (kind.startsWith('brotli')) options['params'] = brotliParams(params);
  if (kind === 'zstd-compress') options['params'] = zstdParams(params);
  if (kind === 'zstd-decompress') options['params'] = { [constants.ZSTD_d_windowLogMax]: maxZstdReadWindowBits };
  if (typeof given['finishFlush'] === 'number') options['finishFlush'] = given['finishFlush'];
  return options;
}

function brotliParams(given: object): Record<number, number> {
  const params: Record<number, number> = {};
  for (const [key, value] of Object.entries(given)) {
    if (/^\d{1,2}$/.test(key) && typeof value === 'number') params[Number(key)] = value;
  }
  const window = params[constants.BROTLI_PARAM_LGWIN];
  if (window !== undefined && window > maxBrotliWindowBits) params[constants.BROTLI_PARAM_LGWIN] = maxBrotliWindowBits;
  return params;
}

/** Level, window and what a frame tells; nothing that takes more memory than these. */
function zstdParams(params: object): Record<number, number> {
  const { ZSTD_c_checksumFlag, ZSTD_c_compressionLevel, ZSTD_c_contentSizeFlag, ZSTD_c_windowLog } = constants;
  const bounded: Record<number, number> = { [ZSTD_c_windowLog]: maxZstdWindowBits };
  for (const [key, value] of Object.entries(params)) {
    if (typeof value !== 'number') continue;
    const parameter = Number(key);
    if (parameter === ZSTD_c_compressionLevel) bounded[parameter] = Math.min(value, maxZstdLevel);
    if (parameter === ZSTD_c_windowLog && value > 0) bounded[parameter] = Math.min(value, maxZstdWindowBits);
    if (parameter === ZSTD_c_checksumFlag || parameter === ZSTD_c_contentSizeFlag) bounded[parameter] = value;
  }
  return bounded;
}

/**
 * @param text JSON of the number, whether this is the last piece, and otherwise how to flush, as a constant of zlib or null, or the level and the
 *   strategy from here on.
 */
export async function writeZlib(
  handles: HostHandles,
  text: string,
  data: Uint8Array | undefined,
): Promise<OperationResult> {
  const [id, isLast, flush, ...params] = JSON.parse(text) as unknown[];
  const compressor = handles.get(id, Compressor);
  if (data !== undefined && data.length > (compressor.isPlainInput ? maxPlainPiece : maxCompressedPiece))
    return undefined;
  const isFlush = typeof flush === 'number' && Number.isInteger(flush) && flush >= 0 && flush <= 5;
  return compressor.process(data, isLast === true, isFlush ? flush : undefined, paramsOf(params));
}

function paramsOf([level, strategy]: readonly unknown[]): Params | undefined {
  const isLevel = typeof level === 'number' && Number.isInteger(level) && level >= -1 && level <= 9;
  const isStrategy = typeof strategy === 'number' && Number.isInteger(strategy) && strategy >= 0 && strategy <= 4;
  return isLevel && isStrategy ? [level, strategy] : undefined;
}

/** @param text The number. */
export function closeZlib(handles: HostHandles, text: string): OperationResult {
  const id = Number(text);
  handles.get(id, Compressor);
  handles.remove(id);
  return '';
}

/** Most that goes in and comes out at once. */
const maxOnceInput = 4 * 2 ** 20;
const maxOnceOutput = 16 * 2 ** 20;
/** A dictionary stands in it. */
const maxOnceText = 90_000;
const onceKinds: Readonly<Record<string, (data: Uint8Array, options: object) => Buffer>> = {
  gzip: zlib.gzipSync,
  gunzip: zlib.gunzipSync,
  deflate: zlib.deflateSync,
  inflate: zlib.inflateSync,
  'deflate-raw': zlib.deflateRawSync,
  'inflate-raw': zlib.inflateRawSync,
  unzip: zlib.unzipSync,
  'brotli-compress': zlib.brotliCompressSync,
  'brotli-decompress': zlib.brotliDecompressSync,
  'zstd-compress': zlib.zstdCompressSync,
  'zstd-decompress': zlib.zstdDecompressSync,
};

/** All of it at once, while the guest waits. @param text JSON of the kind and the options of Node's zlib; a dictionary in Base64. */
export function zlibOnce(_handles: HostHandles, text: string, data: Uint8Array | undefined): OperationResult {
  if (text.length > maxOnceText) return undefined;
  const [kind, given] = JSON.parse(text) as [string, Record<string, unknown>];
  const run = Object.hasOwn(onceKinds, kind) ? onceKinds[kind] : undefined;
  if (run === undefined) return undefined;
  const input = data ?? new Uint8Array();
  if (input.length > maxOnceInput) {
    throw new OperationError('RangeError', `over ${maxOnceInput} bytes at once; use CompressionStream for more`);
  }
  const most = typeof given['maxOutputLength'] === 'number' ? given['maxOutputLength'] : maxOnceOutput;
  const dictionary = given['dictionary'];
  return run(input, {
    ...optionsOf(kind, given),
    ...(typeof dictionary === 'string' && { dictionary: Buffer.from(dictionary, 'base64') }),
    maxOutputLength: Math.max(1, Math.min(most, maxOnceOutput)),
  });
}
