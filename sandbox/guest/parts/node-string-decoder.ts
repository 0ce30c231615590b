/** `node:string_decoder`: text out of pieces of bytes, which may end within a character. */
import { part } from '../core/facade.ts';
import { type Encoding, findEncoding, utf16le, utf8 } from './node-buffer/encodings.ts';
import { callable } from './shared/callable.ts';
import { viewBufferSource } from './shared/buffer-source.ts';
import { invalidArgument, unknownEncoding, withCode } from './shared/node-error.ts';

/** How many bytes of a character there are, and how many it has. */
interface Tail {
  readonly length: number;
  readonly needed: number;
}
const nothing: Tail = { length: 0, needed: 0 };
const lastBytes = 4;

let isDecoder: (value: unknown) => boolean;

class Decoder {
  readonly encoding: string;
  readonly #codec: Encoding;
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array();
  #needed = 0;

  static {
    isDecoder = (value) => typeof value === 'object' && value !== null && #codec in value;
  }

  constructor(encoding?: string) {
    const given: unknown = encoding;
    const codec = given === undefined || given === null || given === '' ? utf8 : findEncoding(`${given as string}`);
    if (codec === undefined) throw unknownEncoding(given);
    this.#codec = codec;
    this.encoding = codec.name;
  }

  write(data: unknown): string {
    if (typeof data === 'string') return data;
    const bytes = ArrayBuffer.isView(data) ? viewBufferSource(data) : undefined;
    if (bytes === undefined) throw invalidArgument('buf', 'an instance of Buffer, TypedArray, or DataView', data);
    if (!isDecoder(this))
      throw withCode(new TypeError('Value of "this" must be of type StringDecoder'), 'ERR_INVALID_THIS');
    const all = joined(this.#kept, bytes);
    const { length, needed } = tailOf(this.#codec, all);
    const end = all.length - length;
    this.#kept = all.slice(end);
    this.#needed = needed;
    return this.#codec.slice(all, 0, end);
  }

  end(data?: unknown): string {
    const text = data === undefined ? '' : this.write(data);
    const kept = this.#kept;
    this.#kept = new Uint8Array();
    this.#needed = 0;
    const length = this.#codec === utf16le ? kept.length & ~1 : kept.length;
    return text + this.#codec.slice(kept, 0, length);
  }

  text(data: Uint8Array, offset: number): string {
    this.#kept = new Uint8Array();
    this.#needed = 0;
    return this.write(data.subarray(offset));
  }

  get lastChar(): object {
    const bytes = part('node-buffer').Buffer.alloc(lastBytes);
    bytes.set(this.#kept);
    return bytes;
  }
  get lastNeed(): number {
    return this.#needed - this.#kept.length;
  }
  get lastTotal(): number {
    return this.#needed;
  }
}

function joined(one: Uint8Array<ArrayBuffer>, other: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (one.length === 0) return other;
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

/** What at the end of the bytes waits for more. */
function tailOf(codec: Encoding, bytes: Uint8Array): Tail {
  const { length } = bytes;
  switch (codec.name) {
    case 'utf8':
      return tailOfUtf8(bytes);
    case 'utf16le': {
      const odd = length % 2;
      const isLead = length - odd >= 2 && (bytes[length - odd - 1]! & 0xfc) === 0xd8;
      if (isLead) return { length: 2 + odd, needed: 4 };
      return odd === 0 ? nothing : { length: 1, needed: 2 };
    }
    case 'base64':
    case 'base64url':
      return length % 3 === 0 ? nothing : { length: length % 3, needed: 3 };
    default:
      return nothing;
  }
}

function tailOfUtf8(bytes: Uint8Array): Tail {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const lead = bytes[length - back]!;
    if ((lead & 0xc0) === 0x80) continue;
    const needed =
      lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
    if (needed <= back || (back > 1 && !canFollow(lead, bytes[length - back + 1]!))) return nothing;
    return { length: back, needed };
  }
  return nothing;
}

function canFollow(lead: number, next: number): boolean {
  if (lead === 0xe0) return next >= 0xa0;
  if (lead === 0xed) return next <= 0x9f;
  if (lead === 0xf0) return next >= 0x90;
  return lead !== 0xf4 || next <= 0x8f;
}

export const StringDecoder = callable(Decoder, 'StringDecoder');

export default { StringDecoder };
