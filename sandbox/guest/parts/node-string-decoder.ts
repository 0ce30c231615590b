/** `node:string_decoder`: text out of pieces of bytes, which may end within a character. */
import { part } from '../core/facade.ts';
import { type Encoding, findEncoding, utf16le, utf8 } from './node-buffer/encodings.ts';
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

/** Lets a constructor work on an object that is there already. */
// oxlint-disable-next-line typescript/no-extraneous-class -- a constructor is what is wanted
class Adopting {
  constructor(receiver: object | undefined) {
    // oxlint-disable-next-line no-constructor-return -- what it is for
    if (receiver !== undefined) return receiver as Adopting;
  }
}

class Decoder extends Adopting {
  readonly encoding: string;
  readonly #codec: Encoding;
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array();
  #needed = 0;

  static {
    isDecoder = (value) => typeof value === 'object' && value !== null && #codec in value;
  }

  constructor(encoding?: string, receiver?: object) {
    super(receiver);
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
    const { length, needed } = tailOf(this.#codec, all, this.#kept.length === 2);
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
function tailOf(codec: Encoding, bytes: Uint8Array, isGoingOn: boolean): Tail {
  const { length } = bytes;
  switch (codec.name) {
    case 'utf8':
      return tailOfUtf8(bytes);
    case 'utf16le': {
      const odd = length % 2;
      const isLead = length - odd >= 2 && (bytes[length - odd - 1]! & 0xfc) === 0xd8;
      // As in Node: a lead and half of what follows wait together only when they have come one by one.
      if (isLead && (odd === 0 || (isGoingOn && length === 3))) return { length: 2 + odd, needed: 4 };
      return odd === 0 ? nothing : { length: 1, needed: 2 };
    }
    case 'base64':
    case 'base64url':
      return length % 3 === 0 ? nothing : { length: length % 3, needed: 3 };
    default:
      return nothing;
  }
}

/** As in Node, which looks at how many bytes the first of them wants, and not whether the others fit. */
function tailOfUtf8(bytes: Uint8Array): Tail {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const lead = bytes[length - back]!;
    if ((lead & 0xc0) === 0x80) continue;
    const needed = (lead & 0xf8) === 0xf0 ? 4 : (lead & 0xf0) === 0xe0 ? 3 : (lead & 0xe0) === 0xc0 ? 2 : 0;
    return needed <= back ? nothing : { length: back, needed };
  }
  return nothing;
}

/** Packages of before there were classes call it on an object of theirs. */
function construct(this: unknown, encoding?: string): object | undefined {
  if (new.target !== undefined) return Reflect.construct(Decoder, [encoding], new.target) as object;
  if (typeof this !== 'object' || this === null || this === members) return new Decoder(encoding);
  void new Decoder(encoding, this);
  return undefined;
}
Object.setPrototypeOf(construct, Decoder);
construct.prototype = Decoder.prototype;
Object.defineProperty(construct, 'name', { configurable: true, value: 'StringDecoder' });
Object.defineProperty(Decoder.prototype, 'constructor', { configurable: true, writable: true, value: construct });

export const StringDecoder = construct as unknown as typeof Decoder;

const members = { StringDecoder };
export default members;
