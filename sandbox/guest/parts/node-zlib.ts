/** `node:zlib`: the functions, synchronous and with a callback, and streams that take all in before they give it out. */
import { part, queueMicrotask } from '../core/facade.ts';
import { viewBufferSource } from './shared/buffer-source.ts';
import { operateSync } from './shared/operation.ts';

type Options = Record<string, unknown>;
type Callback = (error: Error | null, result?: Uint8Array) => void;

const kinds = {
  gzip: 'gzip',
  gunzip: 'gunzip',
  deflate: 'deflate',
  inflate: 'inflate',
  deflateRaw: 'deflate-raw',
  inflateRaw: 'inflate-raw',
  unzip: 'unzip',
  brotliCompress: 'brotli-compress',
  brotliDecompress: 'brotli-decompress',
} as const;

export const constants = Object.freeze({
  Z_NO_FLUSH: 0,
  Z_PARTIAL_FLUSH: 1,
  Z_SYNC_FLUSH: 2,
  Z_FULL_FLUSH: 3,
  Z_FINISH: 4,
  Z_BLOCK: 5,
  Z_OK: 0,
  Z_STREAM_END: 1,
  Z_NEED_DICT: 2,
  Z_ERRNO: -1,
  Z_STREAM_ERROR: -2,
  Z_DATA_ERROR: -3,
  Z_MEM_ERROR: -4,
  Z_BUF_ERROR: -5,
  Z_VERSION_ERROR: -6,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
  Z_FILTERED: 1,
  Z_HUFFMAN_ONLY: 2,
  Z_RLE: 3,
  Z_FIXED: 4,
  Z_DEFAULT_STRATEGY: 0,
  BROTLI_OPERATION_PROCESS: 0,
  BROTLI_OPERATION_FLUSH: 1,
  BROTLI_OPERATION_FINISH: 2,
  BROTLI_PARAM_MODE: 0,
  BROTLI_PARAM_QUALITY: 1,
  BROTLI_PARAM_LGWIN: 2,
  BROTLI_PARAM_SIZE_HINT: 5,
  BROTLI_MIN_QUALITY: 0,
  BROTLI_MAX_QUALITY: 11,
  BROTLI_DEFAULT_QUALITY: 11,
  BROTLI_MODE_GENERIC: 0,
  BROTLI_MODE_TEXT: 1,
  BROTLI_MODE_FONT: 2,
});

function process(kind: string, data: unknown, options: Options = {}): Uint8Array {
  const bytes = typeof data === 'string' ? part('encoding').encodeUtf8(data) : viewBufferSource(data);
  if (bytes === undefined) {
    throw Object.assign(new TypeError('The "buffer" argument must be a string, an ArrayBuffer or a view of one'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  const { level, maxOutputLength, memLevel, params, strategy, windowBits } = options;
  const given = { level, maxOutputLength, memLevel, params, strategy, windowBits };
  const result = operateSync('zlib.once', JSON.stringify([kind, given]), bytes) as Uint8Array<ArrayBuffer>;
  return part('node-buffer').Buffer.from(result.buffer as never, result.byteOffset, result.length) as never;
}

function synchronous(kind: string) {
  return (data: unknown, options?: Options): Uint8Array => process(kind, data, options);
}

function withCallback(kind: string) {
  return (data: unknown, ...rest: [Callback] | [Options, Callback]): void => {
    const callback = rest.at(-1) as Callback;
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be a function');
    const options = rest.length > 1 ? (rest[0] as Options) : {};
    let error: Error | null = null;
    let result: Uint8Array | undefined;
    try {
      result = process(kind, data, options);
    } catch (thrown) {
      error = thrown as Error;
    }
    queueMicrotask(() => callback(error, result));
  };
}

interface StreamModule {
  readonly Transform: new (options: object) => object;
}

function streaming(kind: string) {
  return (options?: Options): object => {
    const { Transform } = part('package-stream') as unknown as StreamModule;
    const chunks: Uint8Array[] = [];
    return new Transform({
      transform(chunk: Uint8Array, _encoding: string, done: () => void) {
        chunks.push(chunk);
        done();
      },
      flush(done: (error: unknown, result?: Uint8Array) => void) {
        try {
          done(null, process(kind, part('node-buffer').Buffer.concat(chunks as never), options));
        } catch (thrown) {
          done(thrown);
        }
      },
    });
  };
}

const members: Record<string, unknown> = { constants };
for (const [name, kind] of Object.entries(kinds)) {
  members[name] = withCallback(kind);
  members[`${name}Sync`] = synchronous(kind);
  members[`create${name[0]!.toUpperCase()}${name.slice(1)}`] = streaming(kind);
}

export default members;
