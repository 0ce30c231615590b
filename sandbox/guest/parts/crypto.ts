/** The random part of the Web Cryptography API; the host's generator is the source. What costs more is a part of its own. */
import { callSync, part } from '../core/facade.ts';
import { assertArguments, assertKey, defineInterface } from './shared/interface.ts';

const maxRandomBytes = 65_536;

const key = Symbol('internal');

export class Crypto {
  constructor(given?: unknown) {
    assertKey(given, key);
  }

  get subtle(): object {
    assertCrypto(this);
    return part('subtle').subtle;
  }

  /** As on Workers. */
  get DigestStream(): object {
    assertCrypto(this);
    return part('digest-stream').DigestStream;
  }

  getRandomValues<T>(array: T): T {
    assertCrypto(this);
    assertArguments(arguments.length, 1, "Failed to execute 'getRandomValues' on 'Crypto'");
    if (!ArrayBuffer.isView(array) || array instanceof DataView || isFloat(array)) {
      throw domException('getRandomValues needs an integer typed array', 'TypeMismatchError');
    }
    if (array.byteLength > maxRandomBytes) {
      const { QuotaExceededError } = part('events');
      throw new QuotaExceededError(
        `getRandomValues gives at most ${maxRandomBytes} bytes at once, not ${array.byteLength}`,
      );
    }
    new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength).set(randomBytes(array.byteLength));
    return array;
  }

  randomUUID(): string {
    assertCrypto(this);
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    let hex = '';
    // Node 24 has no toHex.
    for (const byte of bytes) hex += (byte + 256).toString(16).slice(1);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}

defineInterface(Crypto, 'Crypto', { constructor: 0 });

export const crypto = new Crypto(key);

/** Random bytes fetched ahead: one crossing to the host serves many small requests. */
const poolBytes = 1_024;
let pool = new Uint8Array();
let poolUsed = 0;

export function randomBytes(length: number): Uint8Array {
  if (length > poolBytes) return fetchRandom(length);
  if (poolUsed + length > pool.length) {
    pool = fetchRandom(poolBytes) as Uint8Array<ArrayBuffer>;
    poolUsed = 0;
  }
  const bytes = pool.slice(poolUsed, poolUsed + length);
  pool.fill(0, poolUsed, poolUsed + length);
  poolUsed += length;
  return bytes;
}

function fetchRandom(length: number): Uint8Array {
  const bytes = callSync('random', length);
  if (!(bytes instanceof Uint8Array)) throw domException('no random bytes to be had', 'OperationError');
  return bytes;
}

function isFloat(array: ArrayBufferView): boolean {
  return /Float/.test(Object.prototype.toString.call(array));
}

function assertCrypto(value: unknown): void {
  if (!(value instanceof Crypto)) throw new TypeError('Illegal invocation');
}

function domException(message: string, name: string): Error {
  const { DOMException } = part('events');
  return new DOMException(message, name);
}
