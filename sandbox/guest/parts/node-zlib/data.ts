/** What the functions and the streams of `node:zlib` have in common. */
import { part } from '../../core/facade.ts';
import { viewBufferSource } from '../shared/buffer-source.ts';
import { invalidArgument, withCode } from '../shared/node-error.ts';
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
  chunkSize: [Z_MIN_CHUNK, Infinity],
  level: [-1, 9],
  memLevel: [1, 9],
  strategy: [0, 4],
  windowBits: [0, 15],
};

/** What the host takes of them. @throws RangeError as Node does. */
export function checkedOptions(options: Options | undefined): Options {
  const given = options ?? {};
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number') {
      throw invalid(
        'ERR_INVALID_ARG_TYPE',
        `The "options.${name}" property must be of type number. Received type ${typeof value}`,
      );
    }
    if (!(value >= least && value <= most)) {
      const range = most === Infinity ? `>= ${least}` : `>= ${least} and <= ${most}`;
      throw invalid(
        'ERR_OUT_OF_RANGE',
        `The value of "options.${name}" is out of range. It must be ${range}. Received ${value}`,
        RangeError,
      );
    }
  }
  const { finishFlush, level, maxOutputLength, memLevel, params, strategy, windowBits } = given;
  return { finishFlush, level, maxOutputLength, memLevel, params, strategy, windowBits };
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
