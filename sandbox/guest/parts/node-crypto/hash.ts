import { bytesOf, call, callForText, inPieces, nodeError, type NodeBuffer, toOutput } from './data.ts';
import { secretBytes } from './keys.ts';

class Digest {
  #id: string | undefined;
  readonly #algorithm: string;

  constructor(algorithm: string, options: unknown, key?: Uint8Array) {
    this.#algorithm = algorithm;
    const { outputLength = null } = (options ?? {}) as { outputLength?: number | null };
    this.#id = callForText('hash.open', [algorithm, outputLength, key !== undefined], key);
  }

  update(data: unknown, encoding?: string): this {
    const id = this.#open();
    inPieces(bytesOf(data, encoding, 'data'), (piece) => callForText('hash.update', [Number(id)], piece));
    return this;
  }

  digest(encoding?: string): NodeBuffer | string {
    const id = this.#open();
    this.#id = undefined;
    return toOutput(call('hash.digest', [Number(id)]), encoding);
  }

  #open(): string {
    if (this.#id !== undefined) return this.#id;
    throw nodeError('ERR_CRYPTO_HASH_FINALIZED', `the ${this.#algorithm} digest was already called`, Error);
  }
}

export class Hash extends Digest {}
export class Hmac extends Digest {}

export function createHash(algorithm: string, options?: object): Hash {
  return new Hash(`${algorithm}`, options);
}

export function createHmac(algorithm: string, key: unknown, options?: object): Hmac {
  return new Hmac(`${algorithm}`, options, secretBytes(key));
}

export function hash(algorithm: string, data: unknown, encoding: string = 'hex'): NodeBuffer | string {
  return createHash(algorithm).update(data).digest(encoding);
}

export function getHashes(): string[] {
  return ['md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'sha3-512'];
}
