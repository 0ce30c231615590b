import { assertString } from '../shared/node-error.ts';
import { callable } from '../shared/callable.ts';
import { buffers, bytesOf, call, callForText, nodeError, type NodeBuffer, toBase64, toOutput } from './data.ts';
import { pemOf } from './keys.ts';
import { LazyTransform } from './lazy-transform.ts';
import { type Callback, later } from './later.ts';

const dataTypes = 'of type string or an instance of Buffer, TypedArray, or DataView';

/** Data may be written to it, as to any stream; nothing is read from it. */
class Collector extends LazyTransform {
  protected readonly algorithm: string;
  readonly #pieces: Uint8Array[] = [];

  constructor(algorithm: string) {
    super();
    assertString('algorithm', algorithm);
    this.algorithm = algorithm;
  }

  update(data: unknown, encoding?: string): this {
    this.#pieces.push(new Uint8Array(bytesOf(data, encoding, 'data', dataTypes)));
    return this;
  }

  override _transform(chunk: Uint8Array, encoding: string, done: (error?: unknown) => void): void {
    this.update(chunk, encoding);
    done();
  }

  override _flush(done: (error?: unknown) => void): void {
    done();
  }

  protected get data(): Uint8Array {
    return buffers().concat(this.#pieces);
  }
}

class Signing extends Collector {
  sign(key: unknown, encoding?: string): NodeBuffer | string {
    if (key === undefined || key === null) {
      throw nodeError('ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign', Error);
    }
    return toOutput(call('sign', [this.algorithm, pemOf('private', key), optionsOf(key)], this.data), encoding);
  }
}

class Verification extends Collector {
  verify(key: unknown, signature: unknown, encoding?: string): boolean {
    return verifies(this.algorithm, this.data, key, bytesOf(signature, encoding, 'signature'));
  }
}

export const Sign = callable(Signing, 'Sign');
export const Verify = callable(Verification, 'Verify');

export function createSign(algorithm: string): Signing {
  return new Sign(algorithm);
}

export function createVerify(algorithm: string): Verification {
  return new Verify(algorithm);
}

export function sign(
  algorithm: string | null | undefined,
  data: unknown,
  key: unknown,
  callback?: Callback<NodeBuffer>,
): NodeBuffer | undefined {
  if (algorithm !== null && algorithm !== undefined) assertString('algorithm', algorithm);
  const make = (): NodeBuffer => {
    const args = [algorithm ?? null, pemOf('private', key), optionsOf(key)];
    return toOutput(call('sign', args, bytesOf(data, 'utf8', 'data')), undefined) as NodeBuffer;
  };
  if (callback === undefined) return make();
  later(make, callback);
  return undefined;
}

export function verify(
  algorithm: string | null | undefined,
  data: unknown,
  key: unknown,
  signature: unknown,
  callback?: Callback<boolean>,
): boolean | undefined {
  if (algorithm !== null && algorithm !== undefined) assertString('algorithm', algorithm);
  bytesOf(signature, 'utf8', 'signature');
  const make = (): boolean =>
    verifies(algorithm ?? null, bytesOf(data, 'utf8', 'data'), key, bytesOf(signature, 'utf8', 'signature'));
  if (callback === undefined) return make();
  later(make, callback);
  return undefined;
}

function verifies(algorithm: string | null, data: Uint8Array, key: unknown, signature: Uint8Array): boolean {
  const args = [algorithm, pemOf('public', key), optionsOf(key), toBase64(signature)];
  return callForText('verify', args, data) === '1';
}

function optionsOf(key: unknown): object {
  const { dsaEncoding, padding, saltLength } = (typeof key === 'object' && key !== null ? key : {}) as Record<
    string,
    unknown
  >;
  return { dsaEncoding, padding, saltLength };
}
