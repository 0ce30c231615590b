import { assertString } from '../shared/node-error.ts';
import { bytesOf, call, callForText, inPieces, type NodeBuffer, buffers, toBase64, toOutput } from './data.ts';
import { callable } from '../shared/callable.ts';
import { secretBytes } from './keys.ts';
import { LazyTransform } from './lazy-transform.ts';

class Cipher extends LazyTransform {
  readonly #id: number;
  #tag: NodeBuffer | undefined;

  constructor(
    direction: string,
    algorithm: string,
    key: unknown,
    iv: unknown,
    options: { authTagLength?: number } = {},
  ) {
    super();
    assertString('cipher', algorithm);
    const secret = secretBytes(key);
    const vector = iv === null ? null : toBase64(bytesOf(iv, 'utf8', 'iv'));
    const args = [direction, algorithm, toBase64(secret), vector, options?.authTagLength ?? null];
    this.#id = Number(callForText('cipher.open', args));
  }

  update(data: unknown, inputEncoding?: string, outputEncoding?: string): NodeBuffer | string {
    const output: Uint8Array[] = [];
    const take = (piece: Uint8Array): void => {
      output.push(call('cipher.use', [this.#id, 'update'], piece));
    };
    inPieces(bytesOf(data, inputEncoding, 'data'), take);
    return toOutput(buffers().concat(output) as unknown as Uint8Array<ArrayBuffer>, outputEncoding);
  }

  final(outputEncoding?: string): NodeBuffer | string {
    return toOutput(call('cipher.use', [this.#id, 'final']), outputEncoding);
  }

  setAAD(data: unknown, options?: { plaintextLength?: number }): this {
    callForText('cipher.use', [this.#id, 'aad', options?.plaintextLength ?? null], bytesOf(data, 'utf8', 'buffer'));
    return this;
  }

  getAuthTag(): NodeBuffer {
    this.#tag ??= toOutput(call('cipher.use', [this.#id, 'tag']), undefined) as NodeBuffer;
    return this.#tag;
  }

  setAuthTag(tag: unknown, encoding?: string): this {
    callForText('cipher.use', [this.#id, 'setTag'], bytesOf(tag, encoding, 'tag'));
    return this;
  }

  setAutoPadding(isOn: boolean = true): this {
    callForText('cipher.use', [this.#id, 'padding', Boolean(isOn)]);
    return this;
  }

  override _transform(chunk: Uint8Array, encoding: string, done: (error?: unknown) => void): void {
    this.#pass(() => this.update(chunk, encoding), done);
  }

  override _flush(done: (error?: unknown) => void): void {
    this.#pass(() => this.final(), done);
  }

  #pass(make: () => unknown, done: (error?: unknown) => void): void {
    try {
      (this as unknown as { push(chunk: unknown): void }).push(make());
    } catch (thrown) {
      done(thrown);
      return;
    }
    done();
  }
}

class Encryption extends Cipher {
  constructor(algorithm: string, key: unknown, iv: unknown, options?: object) {
    super('encrypt', algorithm, key, iv, options);
  }
}
class Decryption extends Cipher {
  constructor(algorithm: string, key: unknown, iv: unknown, options?: object) {
    super('decrypt', algorithm, key, iv, options);
  }
}

export const Cipheriv = callable(Encryption, 'Cipheriv');
export const Decipheriv = callable(Decryption, 'Decipheriv');

export function createCipheriv(algorithm: string, key: unknown, iv: unknown, options?: object): Cipher {
  return new Cipheriv(algorithm, key, iv, options);
}

export function createDecipheriv(algorithm: string, key: unknown, iv: unknown, options?: object): Cipher {
  return new Decipheriv(algorithm, key, iv, options);
}
