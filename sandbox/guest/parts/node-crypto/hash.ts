import {
  assertInteger,
  assertObject,
  assertString,
  invalidArgument,
  invalidValue,
  withCode,
} from '../shared/node-error.ts';
import { callable } from '../shared/callable.ts';
import { bytesOf, call, callForText, inPieces, isEncoding, type NodeBuffer, toOutput } from './data.ts';
import { secretBytes } from './keys.ts';
import { LazyTransform } from './lazy-transform.ts';
import { names } from './names.ts';

interface HashOptions {
  outputLength?: number | undefined;
}

const dataTypes = 'of type string or an instance of Buffer, TypedArray, or DataView';
const maxOutputLength = 2 ** 32 - 1;

abstract class Digest extends LazyTransform {
  protected id: string | undefined;
  /** What was given out as a stream; `digest` gives it, too. */
  #piped: Uint8Array<ArrayBuffer> | undefined;

  update(data: unknown, encoding?: string): this {
    const id = this.open();
    const bytes = bytesOf(data, encoding, 'data', dataTypes);
    inPieces(bytes, (piece) => callForText('hash.update', [Number(id)], piece));
    return this;
  }

  digest(given?: unknown): NodeBuffer | string {
    // An encoding that is none of these gives bytes, and its text is made all the same.
    const encoding = given === undefined || given === null ? undefined : `${given as string}`;
    if (this.#piped !== undefined) return toOutput(this.#piped.slice(), encoding);
    const id = this.open();
    this.id = undefined;
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

  protected open(): string {
    if (this.id !== undefined) return this.id;
    throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
  }
}

class PlainHash extends Digest {
  readonly #algorithm: string;

  constructor(algorithm: string, options?: HashOptions | null, copied?: string) {
    super();
    assertString('algorithm', algorithm);
    const outputLength = outputLengthOf(options);
    this.#algorithm = algorithm;
    this.id = copied ?? callForText('hash.open', [algorithm, outputLength ?? null, false]);
  }

  copy(options?: HashOptions): PlainHash {
    const id = callForText('hash.copy', [Number(this.open()), outputLengthOf(options) ?? null]);
    return new Hash(this.#algorithm, options, id);
  }
}

class KeyedHash extends Digest {
  #isDone = false;

  constructor(algorithm: string, key: unknown, _options?: object) {
    super();
    assertString('hmac', algorithm);
    if (key === null || key === undefined) {
      throw invalidArgument(
        'key',
        'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey',
        key,
      );
    }
    this.id = callForText('hash.open', [algorithm, null, true], secretBytes(key));
  }

  /** As in Node, a second one is empty. */
  override digest(encoding?: unknown): NodeBuffer | string {
    if (this.#isDone) return toOutput(new Uint8Array(), encoding);
    const digest = super.digest(encoding);
    this.#isDone = true;
    return digest;
  }
}

export const Hash = callable(PlainHash, 'Hash');
export const Hmac = callable(KeyedHash, 'Hmac');

export function createHash(algorithm: string, options?: HashOptions): PlainHash {
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: string, key: unknown, options?: object): KeyedHash {
  return new Hmac(algorithm, key, options);
}

export function hash(algorithm: string, data: unknown, options: string | HashEncoding = 'hex'): NodeBuffer | string {
  assertString('algorithm', algorithm);
  if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw invalidArgument('input', dataTypes, data);
  if (typeof options !== 'string') assertObject('options', options);
  const { outputEncoding = 'hex', ...rest } = typeof options === 'string' ? { outputEncoding: options } : options;
  assertString('outputEncoding', outputEncoding);
  if (outputEncoding !== 'buffer' && !isEncoding(outputEncoding)) throw invalidValue('outputEncoding', outputEncoding);
  return createHash(algorithm, rest).update(data).digest(outputEncoding);
}
interface HashEncoding extends HashOptions {
  outputEncoding?: string;
}

function outputLengthOf(options: HashOptions | null | undefined): number | undefined {
  const { outputLength } = options ?? {};
  if (outputLength === undefined) return undefined;
  assertInteger('options.outputLength', outputLength, 0, maxOutputLength);
  return outputLength;
}

export function getHashes(): string[] {
  return names('hashes');
}
