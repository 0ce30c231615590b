/** The class `Buffer` of Node: a Uint8Array with encodings, numbers and search. */
import {
  assertInteger,
  assertNumber,
  assertString,
  invalidArgument,
  invalidValue,
  outOfBounds,
  outOfRange,
  unknownEncoding,
  withCode,
} from '../shared/node-error.ts';
import { ascii, base64, base64url, type Encoding, findEncoding, hex, latin1, utf16le, utf8 } from './encodings.ts';
import { describeBuffer } from './inspect.ts';
import { kMaxLength } from './limits.ts';
import { numberMethods } from './numbers.ts';
import { indexIn } from './search.ts';

const bytesType = 'an instance of Buffer or Uint8Array';

/** What `Buffer` makes: `Buffer` itself can be called without `new`, which a class cannot. */
class FastBuffer extends Uint8Array<ArrayBuffer> {
  // oxlint-disable-next-line no-useless-constructor -- the types of the base do not tell of all its forms
  constructor(source: number | ArrayBuffer, offset?: number, length?: number) {
    super(source as ArrayBuffer, offset, length);
  }
}

export type BufferInstance = FastBuffer & {
  toString(encoding?: string, start?: number, end?: number): string;
};

export interface BufferConstructor {
  (value: unknown, encodingOrOffset?: unknown, length?: unknown): BufferInstance;
  new (value: unknown, encodingOrOffset?: unknown, length?: unknown): BufferInstance;
  prototype: BufferInstance;
  poolSize: number;
  from(value: unknown, encodingOrOffset?: unknown, length?: unknown): BufferInstance;
  of(...items: number[]): BufferInstance;
  alloc(size: number, fill?: unknown, encoding?: unknown): BufferInstance;
  allocUnsafe(size: number): BufferInstance;
  allocUnsafeSlow(size: number): BufferInstance;
  concat(list: readonly Uint8Array[], length?: number): BufferInstance;
  copyBytesFrom(view: ArrayBufferView, offset?: number, length?: number): BufferInstance;
  byteLength(value: unknown, encoding?: unknown): number;
  compare(one: Uint8Array, other: Uint8Array): number;
  isBuffer(value: unknown): boolean;
  isEncoding(name: unknown): boolean;
}

export const Buffer = function Buffer(this: unknown, value: unknown, encodingOrOffset?: unknown, length?: unknown) {
  if (typeof value !== 'number') return fromAny(value, encodingOrOffset, length);
  if (typeof encodingOrOffset === 'string') throw invalidArgument('string', 'of type string', value);
  return alloc(value);
} as unknown as BufferConstructor;

Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype as BufferInstance;
Object.defineProperties(Buffer, {
  // Bundling may rename it.
  name: { configurable: true, value: 'Buffer' },
  [Symbol.species]: { configurable: true, get: () => FastBuffer },
  prototype: { writable: false },
});
Object.defineProperty(Buffer.prototype, 'constructor', { configurable: true, writable: true, value: Buffer });

function toFast(size: number): BufferInstance {
  return new FastBuffer(size) as BufferInstance;
}

function fromAny(value: unknown, encodingOrOffset?: unknown, length?: unknown): BufferInstance {
  if (typeof value === 'string') return fromText(value, encodingOrOffset);
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const plain: unknown = typeof value.valueOf === 'function' ? value.valueOf() : undefined;
    if (plain !== null && plain !== undefined && plain !== value) {
      if (typeof plain === 'string' || typeof plain === 'object') return fromAny(plain, encodingOrOffset, length);
    }
    const ofObject = fromObject(value);
    if (ofObject !== undefined) return ofObject;
    const toPrimitive = (value as { [Symbol.toPrimitive]?: unknown })[Symbol.toPrimitive];
    if (typeof toPrimitive === 'function') {
      const primitive = (value as { [Symbol.toPrimitive](hint: string): unknown })[Symbol.toPrimitive]('string');
      if (typeof primitive === 'string') return fromText(primitive, encodingOrOffset);
    }
  }
  const expected = 'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object';
  throw invalidArgument('first argument', expected, value);
}

function fromText(text: string, given: unknown): BufferInstance {
  const encoding = typeof given !== 'string' || given === '' ? utf8 : findEncoding(given);
  if (encoding === undefined) throw unknownEncoding(given);
  const buffer = toFast(encoding.byteLength(text));
  const written = encoding.write(buffer, text, 0, buffer.length);
  return written === buffer.length ? buffer : (buffer.subarray(0, written) as BufferInstance);
}

function fromArrayBuffer(buffer: ArrayBuffer, givenOffset: unknown, givenLength: unknown): BufferInstance {
  const offset = givenOffset === undefined ? 0 : Number(givenOffset) || 0;
  const rest = buffer.byteLength - offset;
  if (rest < 0) throw outOfBounds('offset');
  if (givenLength === undefined) return new FastBuffer(buffer, offset) as BufferInstance;
  const length = Number(givenLength);
  if (length > rest) throw outOfBounds('length');
  return new FastBuffer(buffer, offset, length > 0 ? length : 0) as BufferInstance;
}

function fromObject(value: object): BufferInstance | undefined {
  const { length, buffer, type, data } = value as Record<string, unknown>;
  if (length !== undefined || (typeof buffer === 'object' && buffer !== null && isAnyArrayBuffer(buffer))) {
    return typeof length === 'number' ? fromArrayLike(value as ArrayLike<number>) : toFast(0);
  }
  return type === 'Buffer' && Array.isArray(data) ? fromArrayLike(data as number[]) : undefined;
}

function fromArrayLike(list: ArrayLike<number>): BufferInstance {
  if (!(list.length > 0)) return toFast(0);
  assertInteger('length', Math.trunc(list.length), 0, kMaxLength);
  const buffer = toFast(list.length);
  buffer.set(list);
  return buffer;
}

function alloc(size: number, fill?: unknown, encoding?: unknown): BufferInstance {
  assertNumber('size', size, 0, kMaxLength);
  const buffer = toFast(size);
  if (fill !== undefined && fill !== 0 && size > 0) fillWith(buffer, fill, 0, size, encoding);
  return buffer;
}

const statics = {
  from: fromAny,
  of: (...items: number[]): BufferInstance => fromArrayLike(items),
  alloc,
  allocUnsafe: (size: number): BufferInstance => alloc(size),
  allocUnsafeSlow: (size: number): BufferInstance => alloc(size),
  concat(list: readonly Uint8Array[], given?: number): BufferInstance {
    if (!Array.isArray(list)) throw invalidArgument('list', 'an instance of Array', list);
    if (list.length === 0) return toFast(0);
    let length = given;
    if (length === undefined) {
      length = 0;
      for (const each of list as readonly (Uint8Array | null | undefined)[]) length += each?.length || 0;
    } else {
      assertInteger('length', length, 0, kMaxLength);
    }
    // All are looked at before any is copied: a getter may shrink what came before it.
    const pieces = Array.from(list as readonly unknown[], (each, index) => {
      if (isBytes(each)) return each;
      throw invalidArgument(`list[${index}]`, bytesType, each);
    });
    const buffer = alloc(length);
    let offset = 0;
    for (const piece of pieces) {
      const left = length - offset;
      buffer.set(piece.length > left ? piece.subarray(0, left) : piece, offset);
      offset += Math.min(piece.length, left);
    }
    return buffer;
  },
  copyBytesFrom(view: ArrayBufferView, offset?: number, length?: number): BufferInstance {
    if (!ArrayBuffer.isView(view) || view instanceof DataView) {
      throw invalidArgument('view', 'an instance of TypedArray', view);
    }
    const array = view as unknown as Uint8Array;
    const start = offset ?? 0;
    if (offset !== undefined) assertInteger('offset', offset, 0);
    if (length !== undefined) assertInteger('length', length, 0);
    const end = length === undefined ? array.length : start + length;
    const copy = array.slice(Math.min(start, array.length), Math.min(end, array.length));
    return new FastBuffer(copy.buffer as ArrayBuffer, copy.byteOffset, copy.byteLength) as BufferInstance;
  },
  byteLength(value: unknown, encoding?: unknown): number {
    if (typeof value === 'string')
      return (findEncoding(`${(encoding as string | undefined) ?? ''}`) ?? utf8).byteLength(value);
    if (ArrayBuffer.isView(value) || (typeof value === 'object' && value !== null && isAnyArrayBuffer(value))) {
      return value.byteLength;
    }
    throw invalidArgument('string', 'of type string or an instance of Buffer or ArrayBuffer', value);
  },
  compare(one: Uint8Array, other: Uint8Array): number {
    if (!isBytes(one)) throw invalidArgument('buf1', bytesType, one);
    if (!isBytes(other)) throw invalidArgument('buf2', bytesType, other);
    return compareBytes(one, other);
  },
  isBuffer: (value: unknown): boolean => value instanceof Buffer,
  isEncoding: (name: unknown): boolean => typeof name === 'string' && name !== '' && findEncoding(name) !== undefined,
};
for (const [name, value] of Object.entries(statics)) {
  Object.defineProperty(Buffer, name, { configurable: true, enumerable: true, writable: true, value });
}
Buffer.poolSize = 8_192;

type Method = (this: BufferInstance, ...args: never[]) => unknown;

const methods: Record<string, Method> & ThisType<BufferInstance> = {
  ...numberMethods,

  toString(given?: string, first?: number, last?: number): string {
    const start = first === undefined || first <= 0 ? 0 : Math.trunc(first) || 0;
    const end = last === undefined || last > this.length ? this.length : Math.trunc(last) || 0;
    if (start >= this.length || end <= start) {
      if (given !== undefined) encodingOf(given);
      return '';
    }
    return (given === undefined ? utf8 : encodingOf(given)).slice(this, start, end);
  },

  write(text: string, offset?: unknown, length?: unknown, encoding?: unknown): number {
    if (offset === undefined) return writeText(this, utf8, text, 0, this.length);
    if (length === undefined && typeof offset === 'string') {
      return writeText(this, encodingOf(offset || 'utf8'), text, 0, this.length);
    }
    assertInteger('offset', offset, 0, this.length);
    const rest = this.length - offset;
    if (length === undefined) return writeText(this, encodingOf(encoding || 'utf8'), text, offset, rest);
    if (typeof length === 'string') return writeText(this, encodingOf(length || 'utf8'), text, offset, rest);
    assertInteger('length', length, 0, this.length);
    return writeText(this, encodingOf(encoding || 'utf8'), text, offset, Math.min(length, rest));
  },

  toJSON(): object {
    return { type: 'Buffer', data: Array.from(this) };
  },

  equals(other: Uint8Array): boolean {
    if (!isBytes(other)) throw invalidArgument('otherBuffer', bytesType, other);
    return this === other || (this.length === other.length && compareBytes(this, other) === 0);
  },

  compare(
    target: Uint8Array,
    targetStart?: number,
    targetEnd?: number,
    sourceStart?: number,
    sourceEnd?: number,
  ): number {
    if (!isBytes(target)) throw invalidArgument('target', bytesType, target);
    if (targetStart !== undefined) assertInteger('targetStart', targetStart, 0);
    if (targetEnd !== undefined) assertInteger('targetEnd', targetEnd, 0, target.length);
    if (sourceStart !== undefined) assertInteger('sourceStart', sourceStart, 0);
    if (sourceEnd !== undefined) assertInteger('sourceEnd', sourceEnd, 0, this.length);
    const [from, to] = [sourceStart ?? 0, sourceEnd ?? this.length];
    const [otherFrom, otherTo] = [targetStart ?? 0, targetEnd ?? target.length];
    if (from >= to) return otherFrom >= otherTo ? 0 : -1;
    if (otherFrom >= otherTo) return 1;
    return compareBytes(this.subarray(from, to), target.subarray(otherFrom, otherTo));
  },

  copy(target: Uint8Array, givenStart?: unknown, givenFrom?: unknown, givenTo?: unknown): number {
    if (!isBytes(target)) throw invalidArgument('target', bytesType, target);
    const start = toPosition(givenStart, 0);
    if (start < 0) throw outOfRange('targetStart', '>= 0', start);
    const from = toPosition(givenFrom, 0);
    if (from < 0 || from > this.length) throw outOfRange('sourceStart', `>= 0 && <= ${this.length}`, from);
    const to = toPosition(givenTo, this.length);
    if (to < 0) throw outOfRange('sourceEnd', '>= 0', to);
    if (start >= target.length || from >= to) return 0;
    const count = Math.min(to - from, target.length - start, this.length - from);
    target.set(this.subarray(from, from + count), start);
    return count;
  },

  fill(value: unknown, offset?: unknown, end?: unknown, encoding?: unknown): BufferInstance {
    return fillWith(this, value, offset, end, encoding);
  },

  indexOf(value: unknown, offset?: unknown, encoding?: unknown): number {
    return search(this, value, offset, encoding, true);
  },
  lastIndexOf(value: unknown, offset?: unknown, encoding?: unknown): number {
    return search(this, value, offset, encoding, false);
  },
  includes(value: unknown, offset?: unknown, encoding?: unknown): boolean {
    return search(this, value, offset, encoding, true) !== -1;
  },

  slice(start?: number, end?: number): Uint8Array {
    return this.subarray(start, end);
  },

  swap16(): BufferInstance {
    return swap(this, 2);
  },
  swap32(): BufferInstance {
    return swap(this, 4);
  },
  swap64(): BufferInstance {
    return swap(this, 8);
  },
};
methods['toLocaleString'] = methods['toString']!;

/** Methods that Node has on the prototype without documenting them; parsers call them. */
for (const [name, encoding] of Object.entries({ ascii, base64, base64url, hex, latin1, ucs2: utf16le, utf8 })) {
  methods[`${name}Slice`] = function slice(this: BufferInstance, start: number = 0, end: number = this.length): string {
    if (start < 0 || start > this.length || end > this.length)
      throw withCode(new RangeError('Index out of range'), 'ERR_OUT_OF_RANGE');
    return end <= start ? '' : encoding.slice(this, start, end);
  };
  methods[`${name}Write`] = function write(
    this: BufferInstance,
    text: string,
    offset: number = 0,
    length?: number,
  ): number {
    if (offset < 0 || offset > this.length) throw outOfBounds('offset');
    const rest = this.length - offset;
    if (length !== undefined && length < 0) throw outOfBounds('length');
    return writeText(this, encoding, text, offset, length === undefined ? rest : Math.min(length, rest));
  };
}
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Buffer.prototype, name, { configurable: true, enumerable: true, writable: true, value });
}
Object.defineProperties(Buffer.prototype, {
  parent: {
    configurable: true,
    enumerable: true,
    get(this: unknown) {
      return this instanceof Buffer ? this.buffer : undefined;
    },
  },
  offset: {
    configurable: true,
    enumerable: true,
    get(this: unknown) {
      return this instanceof Buffer ? this.byteOffset : undefined;
    },
  },
  inspect: { configurable: true, writable: true, value: describe },
  [Symbol.for('nodejs.util.inspect.custom')]: { configurable: true, writable: true, value: describe },
});

function describe(this: BufferInstance, _depth: number, ...rest: [context?: object, inspect?: () => string]): string {
  return describeBuffer(this, ...rest);
}

function encodingOf(name: unknown): Encoding {
  const encoding = findEncoding(`${name as string}`);
  if (encoding === undefined) throw unknownEncoding(name);
  return encoding;
}

function writeText(target: BufferInstance, encoding: Encoding, text: string, offset: number, length: number): number {
  // As Node's native methods say it.
  if (typeof text !== 'string') {
    throw Object.assign(new TypeError('argument must be a string'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  return encoding.write(target, text, offset, length);
}

function fillWith(
  buffer: BufferInstance,
  given: unknown,
  givenOffset: unknown,
  givenEnd: unknown,
  givenEncoding: unknown,
): BufferInstance {
  let [value, offset, end, name] = [given, givenOffset, givenEnd, givenEncoding];
  let encoding: Encoding | undefined;
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      [name, offset, end] = [offset ?? name, undefined, undefined];
    } else if (typeof end === 'string') {
      [name, end] = [end, undefined];
    }
    if (name !== undefined && name !== null) assertString('encoding', name);
    encoding = name === undefined || name === null || name === '' ? utf8 : encodingOf(name);
    if (value === '') value = 0;
  }
  if (offset === undefined) {
    [offset, end] = [0, buffer.length];
  } else {
    assertNumber('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    if (end === undefined) end = buffer.length;
    else assertNumber('end', end, 0, buffer.length);
    if ((offset as number) >= (end as number)) return buffer;
  }
  const [start, stop] = [offset as number, end as number];
  if (start > buffer.length || stop > buffer.length) throw outOfBounds();
  if (typeof value === 'string' || isBytes(value)) {
    const pattern = typeof value === 'string' ? fromText(value, encoding!.name) : value;
    if (pattern.length === 0) throw invalidValue('value', given);
    for (let at = start; at < stop; at += pattern.length) {
      buffer.set(at + pattern.length > stop ? pattern.subarray(0, stop - at) : pattern, at);
    }
    return buffer;
  }
  const byte = typeof value === 'boolean' ? Number(value) : (value as number) & 255;
  Uint8Array.prototype.fill.call(buffer, byte, start, stop);
  return buffer;
}

function search(buffer: BufferInstance, value: unknown, from: unknown, name: unknown, isForward: boolean): number {
  if (!ArrayBuffer.isView(buffer))
    throw invalidArgument('buffer', 'an instance of Buffer, TypedArray, or DataView', buffer);
  const [given, encodingName] = typeof from === 'string' ? [undefined, from] : [from, name];
  let offset = Number(given);
  if (Number.isNaN(offset)) offset = isForward ? 0 : buffer.length;
  offset = Math.trunc(Math.min(Math.max(offset, -0x80_00_00_00), 0x7f_ff_ff_ff));
  if (typeof value === 'number') return indexIn(buffer, [value & 255], offset, 1, isForward, true);
  const encoding =
    encodingName === undefined || encodingName === null ? utf8 : findEncoding(`${encodingName as string}`);
  if (typeof value === 'string') {
    if (encoding === undefined) throw unknownEncoding(encodingName);
    return indexIn(buffer, fromText(value, encoding.name), offset, encoding === utf16le ? 2 : 1, isForward);
  }
  if (isBytes(value)) return indexIn(buffer, value, offset, encoding === utf16le ? 2 : 1, isForward);
  throw invalidArgument('value', 'one of type number or string or an instance of Buffer or Uint8Array', value);
}

function swap(buffer: BufferInstance, size: number): BufferInstance {
  if (buffer.length % size !== 0) {
    throw withCode(new RangeError(`Buffer size must be a multiple of ${size * 8}-bits`), 'ERR_INVALID_BUFFER_SIZE');
  }
  for (let start = 0; start < buffer.length; start += size) buffer.subarray(start, start + size).reverse();
  return buffer;
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if (one[index] !== other[index]) return one[index]! < other[index]! ? -1 : 1;
  }
  return Math.sign(one.length - other.length);
}

function toPosition(value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  return Number.isNaN(number) ? fallback : Math.trunc(number);
}

export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]')
  );
}

function isAnyArrayBuffer(value: object): value is ArrayBuffer {
  if (value instanceof ArrayBuffer) return true;
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}
