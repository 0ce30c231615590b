import { bytesOf, call, callForText, inPieces, nodeError, type NodeBuffer, toOutput } from './data.ts';
import { secretBytes } from './keys.ts';
import { LazyTransform } from './lazy-transform.ts';
import { names } from './names.ts';

interface HashOptions {
  outputLength?: number | null;
}

class Digest extends LazyTransform {
  #id: string | undefined;
  /** What was given out as a stream; `digest` gives it, too. */
  #piped: Uint8Array<ArrayBuffer> | undefined;
  readonly #algorithm: string;

  constructor(algorithm: string, options: unknown, key?: Uint8Array, copied?: string) {
    super();
    this.#algorithm = algorithm;
    const { outputLength = null } = (options ?? {}) as HashOptions;
    this.#id = copied ?? callForText('hash.open', [algorithm, outputLength, key !== undefined], key);
  }

  update(data: unknown, encoding?: string): this {
    const id = this.#open();
    inPieces(bytesOf(data, encoding, 'data'), (piece) => callForText('hash.update', [Number(id)], piece));
    return this;
  }

  digest(encoding?: string): NodeBuffer | string {
    if (this.#piped !== undefined) return toOutput(this.#piped.slice(), encoding);
    const id = this.#open();
    this.#id = undefined;
    return toOutput(call('hash.digest', [Number(id)]), encoding);
  }

  override _transform(chunk: Uint8Array, encoding: string, done: (error?: unknown) => void): void {
    this.update(chunk, encoding);
    done();
  }

  override _flush(done: (error?: unknown) => void): void {
    const bytes = new Uint8Array(this.digest() as NodeBuffer);
    this.#piped = bytes;
    (this as unknown as { push(chunk: unknown): void }).push(toOutput(bytes.slice(), undefined));
    done();
  }

  /** @returns The number of a copy on the host, and the algorithm. */
  protected copied(options: HashOptions = {}): [algorithm: string, id: string] {
    return [this.#algorithm, callForText('hash.copy', [Number(this.#open()), options.outputLength ?? null])];
  }

  #open(): string {
    if (this.#id !== undefined) return this.#id;
    throw nodeError('ERR_CRYPTO_HASH_FINALIZED', `the ${this.#algorithm} digest was already called`, Error);
  }
}

export class Hash extends Digest {
  copy(options?: HashOptions): Hash {
    const [algorithm, id] = this.copied(options);
    return new Hash(algorithm, options, undefined, id);
  }
}
export class Hmac extends Digest {}

export function createHash(algorithm: string, options?: object): Hash {
  return new Hash(`${algorithm}`, options);
}

export function createHmac(algorithm: string, key: unknown, options?: object): Hmac {
  return new Hmac(`${algorithm}`, options, secretBytes(key));
}

export function hash(algorithm: string, data: unknown, options: string | HashEncoding = 'hex'): NodeBuffer | string {
  const { outputEncoding = 'hex', ...rest } = typeof options === 'string' ? { outputEncoding: options } : options;
  return createHash(algorithm, rest).update(data).digest(outputEncoding);
}
interface HashEncoding extends HashOptions {
  outputEncoding?: string;
}

export function getHashes(): string[] {
  return names('hashes');
}
