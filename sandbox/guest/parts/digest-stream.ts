/** `crypto.DigestStream` as on Workers: a stream that is written to, and the digest of what was. */
import { part } from '../core/facade.ts';
import { crcOf } from './digest-stream/crc.ts';
import { copyBufferSource } from './shared/buffer-source.ts';
import { operateSync } from './shared/operation.ts';

const { WritableStream } = part('streams');

/** Names of the host, by those of Workers in lower case. */
const hashes: Readonly<Record<string, string>> = {
  md5: 'md5',
  'sha-1': 'sha1',
  'sha-256': 'sha256',
  'sha-384': 'sha384',
  'sha-512': 'sha512',
};
/** The host takes pieces of this size. */
const pieceBytes = 2 ** 20;

interface Sum {
  update(bytes: Uint8Array): void;
  digest(): ArrayBuffer;
}
interface Controller {
  error(reason: unknown): void;
}
interface State {
  written: bigint;
  isDone: boolean;
  controller: Controller | undefined;
  readonly digest: Promise<ArrayBuffer>;
  readonly resolve: (digest: ArrayBuffer) => void;
  readonly reject: (reason: unknown) => void;
}

export class DigestStream extends WritableStream<unknown> {
  readonly #state: State;

  constructor(algorithm: string | { readonly name: string }) {
    const sum = sumOf(`${typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm}`);
    const { promise: digest, resolve, reject } = Promise.withResolvers<ArrayBuffer>();
    digest.catch(() => {
      // Whoever asks for it gets to know.
    });
    const state: State = { written: 0n, isDone: false, controller: undefined, digest, resolve, reject };
    super({
      start: (controller) => void (state.controller = controller as Controller),
      write(chunk) {
        const bytes = bytesOf(chunk);
        state.written += BigInt(bytes.length);
        sum.update(bytes);
      },
      close() {
        state.isDone = true;
        resolve(sum.digest());
      },
      abort(reason) {
        state.isDone = true;
        reject(reason);
      },
    });
    this.#state = state;
  }

  get digest(): Promise<ArrayBuffer> {
    return this.#state.digest;
  }
  get bytesWritten(): bigint {
    return this.#state.written;
  }

  [Symbol.dispose](): void {
    const { controller, isDone, reject } = this.#state;
    if (isDone) return;
    this.#state.isDone = true;
    const error = new Error('The DigestStream was disposed.');
    controller?.error(error);
    reject(error);
  }
}

Object.defineProperty(DigestStream.prototype, Symbol.toStringTag, { configurable: true, value: 'DigestStream' });

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return part('encoding').encodeUtf8(chunk);
  const bytes = copyBufferSource(chunk);
  if (bytes !== undefined) return bytes;
  throw new TypeError(
    'DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.',
  );
}

function sumOf(name: string): Sum {
  const key = name.toLowerCase();
  const crc = crcOf(key);
  if (crc !== undefined) return crc;
  if (Object.hasOwn(hashes, key)) return hashOf(hashes[key]!);
  const { DOMException } = part('events');
  throw new DOMException(
    `no digest ${JSON.stringify(name.slice(0, 100))}; there are MD5, SHA-1, SHA-256, SHA-384, SHA-512, crc32, crc32c, crc64nvme`,
    'NotSupportedError',
  );
}

/** A hash on the host, which is opened by the first bytes: one that is never used holds nothing there. */
function hashOf(algorithm: string): Sum {
  let id: number | undefined;
  const open = (): number => (id ??= Number(operateSync('hash.open', JSON.stringify([algorithm, null, false]))));
  return {
    update(bytes) {
      for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
        operateSync('hash.update', JSON.stringify([open()]), bytes.subarray(offset, offset + pieceBytes));
      }
    },
    digest: () => (operateSync('hash.digest', JSON.stringify([open()])) as Uint8Array<ArrayBuffer>).slice().buffer,
  };
}
