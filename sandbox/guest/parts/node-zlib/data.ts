/** What the functions and the streams of `node:zlib` have in common. */
import { part } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { kMaxLength } from '../node-buffer/limits.ts';
import { invalidArgument, outOfRange, withCode } from '../shared/node-error.ts';
import { constants } from './constants.ts';

export type Options = Record<string, unknown>;

/** Names of `node:zlib`, and of the host. */
export const kinds = {
  gzip: 'gzip',
  gunzip: 'gunzip',
  deflate: 'deflate',
  inflate: 'inflate',
  deflateRaw: 'deflate-raw',
  inflateRaw: 'inflate-raw',
  unzip: 'unzip',
  brotliCompress: 'brotli-compress',
  brotliDecompress: 'brotli-decompress',
  zstdCompress: 'zstd-compress',
  zstdDecompress: 'zstd-decompress',
} as const;

export function bytesOf(data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? part('encoding').encodeUtf8(data) : viewBufferSource(data);
  if (bytes !== undefined) return bytes;
  throw invalidArgument(
    'buffer',
    'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer',
    data,
  );
}

export function toBuffer(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return part('node-buffer').Buffer.from(bytes.buffer as never, bytes.byteOffset, bytes.length) as never;
}

export function invalid(code: string, message: string, Kind: typeof Error = TypeError): Error {
  return withCode(new Kind(message), code);
}

const { Z_DEFAULT_CHUNK, Z_MIN_CHUNK } = constants;
const ranges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  flush: [0, 5],
  finishFlush: [0, 5],
  chunkSize: [Z_MIN_CHUNK, Infinity],
  level: [-1, 9],
  maxOutputLength: [1, kMaxLength],
  memLevel: [1, 9],
  strategy: [0, 4],
  windowBits: [0, 15],
};
/** Those of Brotli and of Zstandard have other names of parameters, and flush by other numbers. */
const rangesOfParams: Readonly<Record<string, readonly [least: number, most: number]>> = {
  flush: [0, 3],
  finishFlush: [0, 3],
  chunkSize: ranges['chunkSize']!,
  maxOutputLength: ranges['maxOutputLength']!,
};
const params: Readonly<Record<string, { readonly most: number; readonly name: string; readonly code: string }>> = {
  brotli: { most: 9, name: 'Brotli', code: 'ERR_BROTLI_INVALID_PARAM' },
  'zstd-c': { most: 402, name: 'zstd', code: 'ERR_ZSTD_INVALID_PARAM' },
  'zstd-d': { most: 100, name: 'zstd', code: 'ERR_ZSTD_INVALID_PARAM' },
};

/** What the host takes of them. @param kind Of the host. @throws As Node does. */
export function checkedOptions(given: Options | undefined, kind: string): Options {
  const options = given ?? {};
  const of = Object.keys(params).find((start) => kind.startsWith(start));
  const checked = of === undefined ? ranges : rangesOfParams;
  for (const [name, range] of Object.entries(checked)) assertRange(options, name, range, kind);
  if (of !== undefined) assertParams(options['params'], params[of]!);
  if (kind === 'brotli-compress') assertLiteralContexts(options['params']);
  const { dictionary, finishFlush, level, maxOutputLength, memLevel, strategy, windowBits } = options;
  if (dictionary !== undefined && viewBufferSource(dictionary) === undefined) {
    throw invalidArgument(
      'options.dictionary',
      'an instance of Buffer, TypedArray, DataView, or ArrayBuffer',
      dictionary,
    );
  }
  return { finishFlush, level, maxOutputLength, memLevel, params: options['params'], strategy, windowBits };
}

/** Of `params`, which takes two of them by themselves. */
export function assertParameters(level: unknown, strategy: unknown, kind: string): void {
  assertRange({ level }, 'level', ranges['level']!, kind, '');
  assertRange({ strategy }, 'strategy', ranges['strategy']!, kind, '');
}

function assertRange(
  options: Options,
  name: string,
  given: readonly [number, number],
  kind: string,
  prefix = 'options.',
): void {
  const value = options[name];
  if (value === undefined || Number.isNaN(value)) return;
  if (value === null && name !== 'windowBits') return;
  if (typeof value !== 'number') throw invalidArgument(prefix + name, 'of type number', value);
  const [, most] = given;
  let [least] = given;
  if (name === 'windowBits') {
    // Those that read take what the data says for zero.
    if ((value === 0 || value === null) && /gunzip|inflate$|unzip/.test(kind)) return;
    least = kind === 'gzip' ? 9 : 8;
  }
  if (!Number.isFinite(value)) throw outOfRange(prefix + name, 'a finite number', value);
  if (value >= least && value <= most) return;
  throw outOfRange(prefix + name, most === Infinity ? `>= ${least}` : `>= ${least} and <= ${most}`, value);
}

function assertParams(given: unknown, { code, most, name }: (typeof params)[string]): void {
  if (typeof given !== 'object' || given === null) return;
  const seen = new Set<number>();
  for (const [key, value] of Object.entries(given)) {
    const number = Number(key);
    if (!(Number.isInteger(number) && number >= 0 && number <= most) || seen.has(number)) {
      throw withCode(new RangeError(`${key} is not a valid ${name} parameter`), code);
    }
    seen.add(number);
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw invalidArgument('options.params[key]', 'of type number', value);
    }
  }
}

/** The one of its parameters whose values Brotli itself refuses. */
function assertLiteralContexts(given: unknown): void {
  const value = (given as Record<number, unknown> | null | undefined)?.[
    constants.BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING
  ];
  if (value === undefined || Number(value) === 0 || Number(value) === 1) return;
  throw invalid('ERR_ZLIB_INITIALIZATION_FAILED', 'Initialization failed', Error);
}

export const defaultChunk = Z_DEFAULT_CHUNK;

const numbers = Object.entries(constants).filter(([name]) =>
  /^Z_(OK|STREAM_END|NEED_DICT|ERRNO|\w+_ERROR)$/.test(name),
);
export const codes: Readonly<Record<string, string | number>> = Object.freeze(
  Object.fromEntries(numbers.flatMap(([name, number]) => [[name, number] as const, [`${number}`, name] as const])),
);

/** As Node has it: the number of an error beside its code. */
export function withNumber(error: unknown): unknown {
  const { code } = error as { code?: string };
  const errno = code === undefined ? undefined : (constants as Record<string, number>)[code];
  return errno === undefined ? error : Object.assign(error as Error, { errno });
}
