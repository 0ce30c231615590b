/** https://compression.spec.whatwg.org, on the host's zlib. */
import { part } from '../core/facade.ts';
import { copyBufferSource } from './shared/buffer-source.ts';
import { joinBytes } from './shared/join-bytes.ts';
import { assertArguments, defineInterface } from './shared/interface.ts';
import { operate, operateSync } from './shared/operation.ts';

type Transform = InstanceType<ReturnType<typeof part<'streams'>>['TransformStream']>;

const formats: Readonly<Record<string, readonly [compress: string, decompress: string]>> = {
  gzip: ['gzip', 'gunzip'],
  deflate: ['deflate', 'inflate'],
  'deflate-raw': ['deflate-raw', 'inflate-raw'],
  brotli: ['brotli-compress', 'brotli-decompress'],
};
/** The host takes pieces of these sizes: small where they may grow. */
const plainPiece = 64 * 1024;
const compressedPiece = 4 * 1024;

/** The longest is that of gzip, which the host gives before there is any data. */
const maxHeadBytes = 10;
const nothing = new Uint8Array();
const waiting = { highWaterMark: 64 * 1024, size: ({ length }: Uint8Array) => length };

export class CompressionStream {
  readonly #transform: Transform;

  constructor(format: string) {
    assertArguments(arguments.length, 1, "Failed to construct 'CompressionStream'");
    this.#transform = createTransform(kindOf('CompressionStream', format, 0), plainPiece);
  }

  get readable(): Transform['readable'] {
    return this.#transform.readable;
  }
  get writable(): Transform['writable'] {
    return this.#transform.writable;
  }
}

defineInterface(CompressionStream, 'CompressionStream');

export class DecompressionStream {
  readonly #transform: Transform;

  constructor(format: string) {
    assertArguments(arguments.length, 1, "Failed to construct 'DecompressionStream'");
    this.#transform = createTransform(kindOf('DecompressionStream', format, 1), compressedPiece);
  }

  get readable(): Transform['readable'] {
    return this.#transform.readable;
  }
  get writable(): Transform['writable'] {
    return this.#transform.writable;
  }
}

defineInterface(DecompressionStream, 'DecompressionStream');

function kindOf(name: string, format: unknown, direction: 0 | 1): string {
  const text = `${format as string}`;
  if (!Object.hasOwn(formats, text)) {
    throw new TypeError(
      `Failed to construct '${name}': the format ${JSON.stringify(text)} is unknown; there are ${Object.keys(formats).join(', ')}`,
    );
  }
  return formats[text]![direction];
}

function createTransform(kind: string, pieceBytes: number): Transform {
  /** Opened by the first chunk: a stream that is never used holds nothing on the host. */
  let id: number | undefined;
  const number = (): number => {
    id ??= Number(operateSync('zlib.open', JSON.stringify([kind, { rejectGarbageAfterEnd: true }])));
    return id;
  };
  const close = (): void => {
    if (id !== undefined) operateSync('zlib.close', `${id}`);
    id = undefined;
  };
  const isCompressing = pieceBytes === plainPiece;
  /** How compressed data begins: it goes with the first of what follows. */
  let head = nothing;
  const process = async (
    piece: Uint8Array | undefined,
    isLast: boolean,
    controller: { enqueue(chunk: Uint8Array): void },
  ): Promise<void> => {
    try {
      const output = (await operate('zlib.write', JSON.stringify([number(), isLast, null]), piece)) as Uint8Array;
      const { length } = output;
      head = joinBytes([head, output.subarray(0, -1)]);
      // An error may come after this output.
      const isFailing = output[length - 1] === 1;
      if (head.length > maxHeadBytes || ((isLast || isFailing || !isCompressing) && head.length > 0)) {
        controller.enqueue(head);
        head = nothing;
      }
      if (isFailing) await operate('zlib.write', JSON.stringify([number(), true, null]));
    } catch (thrown) {
      close();
      const { message } = thrown as Error;
      if (message.startsWith('Trailing junk')) {
        throw new TypeError('Trailing bytes after end of compressed data', { cause: thrown });
      }
      throw new TypeError(`the data cannot be processed: ${message}`, { cause: thrown });
    }
  };
  const { TransformStream } = part('streams');
  const transformer: Transformer = {
    async transform(chunk, controller) {
      const bytes = copyBufferSource(chunk);
      if (bytes === undefined) {
        close();
        throw new TypeError('the chunk is neither an ArrayBuffer nor a view of one');
      }
      for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
        await process(bytes.subarray(offset, offset + pieceBytes), false, controller);
      }
    },
    async flush(controller) {
      await process(undefined, true, controller);
      close();
    },
    cancel: close,
  };
  // So much may wait for a reader that a write is done though nobody reads yet, as on Workers.
  return new TransformStream<unknown, Uint8Array>(transformer, undefined, waiting);
}

interface Transformer {
  transform(chunk: unknown, controller: { enqueue(chunk: Uint8Array): void }): Promise<void>;
  flush(controller: { enqueue(chunk: Uint8Array): void }): Promise<void>;
  cancel(): void;
}
