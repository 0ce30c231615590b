/** Agreements on a secret: Diffie and Hellman's, and that on curves. */
import { assertObject, assertString, invalidValue } from '../shared/node-error.ts';
import { callable } from '../shared/callable.ts';
import { bytesOf, call, callForText, nodeError, type NodeBuffer, toBase64, toOutput } from './data.ts';
import { pemOf } from './keys.ts';
import { type Callback, later } from './later.ts';
import { getCurves } from './names.ts';

type Output = NodeBuffer | string;

/** As many as the largest prime of the host's has, and room. */
const maxGeneratorBytes = 1_024;

class Exchange {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  computeSecret(other: unknown, inputEncoding?: string, outputEncoding?: string): Output {
    return this.use('computeSecret', outputEncoding, bytesOf(other, inputEncoding, 'otherPublicKey'));
  }

  getPrivateKey(encoding?: string): Output {
    return this.use('getPrivateKey', encoding);
  }

  protected use(action: string, encoding?: string, data?: Uint8Array, form?: string): Output {
    return toOutput(call('exchange.use', [this.#id, action, form ?? null], data), encoding);
  }

  protected set(action: string, data: Uint8Array): void {
    callForText('exchange.use', [this.#id, action, null], data);
  }
}

type Opened = [id: number, prime: string, generator: string, verifyError: number];

class Group extends Exchange {
  readonly verifyError: number;
  readonly #prime: string;
  readonly #generator: string;

  constructor(name: unknown, ...rest: unknown[]) {
    const [id, prime, generator, verifyError] = open(name, rest);
    super(id);
    this.#prime = prime;
    this.#generator = generator;
    this.verifyError = verifyError;
  }

  generateKeys(encoding?: string): Output {
    return this.use('generateKeys', encoding);
  }
  getPrime(encoding?: string): Output {
    return toOutput(Uint8Array.fromBase64(this.#prime), encoding);
  }
  getGenerator(encoding?: string): Output {
    return toOutput(Uint8Array.fromBase64(this.#generator), encoding);
  }
  getPublicKey(encoding?: string): Output {
    return this.use('getPublicKey', encoding);
  }
}

class OwnGroup extends Group {
  setPrivateKey(key: unknown, encoding?: string): void {
    this.set('setPrivateKey', bytesOf(key, encoding, 'privateKey'));
  }
  setPublicKey(key: unknown, encoding?: string): void {
    this.set('setPublicKey', bytesOf(key, encoding, 'publicKey'));
  }
}

/** By the name of a group, by the length of a prime that is to be found, or by a prime. */
function open(first: unknown, [second, third, fourth]: readonly unknown[]): Opened {
  if (second === namedGroup) return JSON.parse(callForText('exchange.open', [first, null])) as Opened;
  if (typeof first === 'number') return JSON.parse(callForText('exchange.open', [first, second ?? 2])) as Opened;
  const isEncoding = typeof second === 'string';
  const generator = isEncoding ? third : (second ?? third);
  const encoding = isEncoding ? fourth : third;
  const types = 'one of type number or string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
  const prime = bytesOf(first, isEncoding ? second : undefined, 'sizeOrKey', types);
  if (ArrayBuffer.isView(generator) && generator.byteLength > maxGeneratorBytes) {
    throw new RangeError(`the generator is too large: it has over ${maxGeneratorBytes} bytes`);
  }
  const given =
    generator === undefined || typeof generator === 'number'
      ? (generator ?? 2)
      : toBase64(bytesOf(generator, encoding, 'generator'));
  return JSON.parse(callForText('exchange.open', [null, given], prime)) as Opened;
}
const namedGroup = Symbol('named group');

class NamedGroup extends Group {
  constructor(name: unknown) {
    if (typeof name !== 'string') {
      throw Object.assign(new TypeError('Group name must be a string'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    super(name, namedGroup);
  }
}

export const DiffieHellmanGroup = callable(NamedGroup, 'DiffieHellmanGroup');
export const DiffieHellman = callable(OwnGroup, 'DiffieHellman');

export function createDiffieHellman(...args: [unknown, ...unknown[]]): OwnGroup {
  return new DiffieHellman(...args);
}

export function getDiffieHellman(name: string): Group {
  return new DiffieHellmanGroup(name);
}

export { getDiffieHellman as createDiffieHellmanGroup };

class CurveExchange extends Exchange {
  constructor(curve: unknown) {
    assertString('curve', curve);
    if (!getCurves().includes(curve)) throw nodeError('ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
    super(Number(callForText('curve.open', [curve])));
  }

  static convertKey(
    key: unknown,
    curve: string,
    inputEncoding?: string,
    outputEncoding?: string,
    form: string = 'uncompressed',
  ): Output {
    const bytes = bytesOf(key, inputEncoding, 'key');
    return toOutput(call('curve.convert', [curve, form], bytes), outputEncoding);
  }

  generateKeys(encoding?: string, form?: string): Output {
    this.use('generateKeys');
    return this.getPublicKey(encoding, form);
  }
  getPublicKey(encoding?: string, form?: string): Output {
    return this.use('getPublicKey', encoding, undefined, form);
  }
  setPrivateKey(key: unknown, encoding?: string): void {
    this.set('setPrivateKey', bytesOf(key, encoding, 'key'));
  }
  setPublicKey(key: unknown, encoding?: string): void {
    this.set('setPublicKey', bytesOf(key, encoding, 'key'));
  }
}

export const ECDH = callable(CurveExchange, 'ECDH');

export function createECDH(curve: string): CurveExchange {
  return new ECDH(curve);
}

interface Keys {
  readonly privateKey: unknown;
  readonly publicKey: unknown;
}

export function diffieHellman(keys: Keys, callback?: Callback<NodeBuffer>): NodeBuffer | undefined {
  assertObject('options', keys);
  if (callback === undefined) return agree(keys);
  later(() => agree(keys), callback);
  return undefined;
}

function agree({ privateKey, publicKey }: Keys): NodeBuffer {
  for (const [name, key] of Object.entries({ privateKey, publicKey })) {
    if (key === undefined || key === null) throw invalidValue(`options.${name}`, key);
  }
  const args = [pemOf('private', privateKey), pemOf('public', publicKey)];
  return toOutput(call('key.agree', args), undefined) as NodeBuffer;
}
