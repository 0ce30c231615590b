/** Numbers in Node's buffers: methods by name, to be put on their prototype. */
import { assertNumber, invalidArgument, outOfBounds, outOfRange } from '../shared/node-error.ts';

type Method = (this: Uint8Array, ...args: never[]) => unknown;

const float32 = new Float32Array(1);
const float64 = new Float64Array(1);
const maxBytes = 6;

export const numberMethods: Record<string, Method> = {};

for (const isLittle of [true, false]) {
  const end = isLittle ? 'LE' : 'BE';
  for (const bytes of [2, 4]) {
    defineInteger(`UInt${bytes * 8}${end}`, bytes, isLittle, false);
    defineInteger(`Int${bytes * 8}${end}`, bytes, isLittle, true);
  }
  defineVariable(`UInt${end}`, isLittle, false);
  defineVariable(`Int${end}`, isLittle, true);
  defineBigInt(`BigUInt64${end}`, isLittle, false);
  defineBigInt(`BigInt64${end}`, isLittle, true);
  defineFloat(`Float${end}`, float32, isLittle);
  defineFloat(`Double${end}`, float64, isLittle);
}
defineByte('UInt8', 0, 0xff);
defineByte('Int8', -0x80, 0x7f);

/** Node has the unsigned ones by two spellings. */
function define(kind: 'read' | 'write', name: string, method: Method): void {
  Object.defineProperty(method, 'name', { configurable: true, value: `${kind}${name}` });
  numberMethods[`${kind}${name}`] = method;
  if (name.includes('UInt')) numberMethods[`${kind}${name.replace('UInt', 'Uint')}`] = method;
}

function defineByte(name: string, min: number, max: number): void {
  define('read', name, function read(this: Uint8Array, offset: number = 0): number {
    assertNumber('offset', offset);
    const value = this[offset];
    if (value === undefined) throw badOffset(offset, this.length - 1);
    return value > max ? value - 0x100 : value;
  });
  define('write', name, function write(this: Uint8Array, given: number, offset: number = 0): number {
    const value = Number(given);
    assertNumber('offset', offset);
    if (value > max || value < min) throw outOfRange('value', `>= ${min} and <= ${max}`, value);
    if (this[offset] === undefined) throw badOffset(offset, this.length - 1);
    this[offset] = value;
    return offset + 1;
  });
}

function defineInteger(name: string, bytes: number, isLittle: boolean, isSigned: boolean): void {
  define('read', name, function read(this: Uint8Array, offset: number = 0): number {
    assertNumber('offset', offset);
    return readInteger(this, offset, bytes, isLittle, isSigned);
  });
  define('write', name, function write(this: Uint8Array, value: number, offset: number = 0): number {
    return writeInteger(this, value, offset, bytes, isLittle, isSigned);
  });
}

function defineVariable(name: string, isLittle: boolean, isSigned: boolean): void {
  define('read', name, function read(this: Uint8Array, offset: number, bytes: number): number {
    if (offset === undefined) throw invalidArgument('offset', 'of type number', offset);
    if (!isByteLength(bytes)) throw badOffset(bytes, maxBytes, 'byteLength');
    assertNumber('offset', offset);
    return readInteger(this, offset, bytes, isLittle, isSigned);
  });
  define('write', name, function write(this: Uint8Array, value: number, offset: number, bytes: number): number {
    if (!isByteLength(bytes)) throw badOffset(bytes, maxBytes, 'byteLength');
    return writeInteger(this, value, offset, bytes, isLittle, isSigned);
  });
}

function isByteLength(bytes: unknown): boolean {
  return typeof bytes === 'number' && Number.isInteger(bytes) && bytes >= 1 && bytes <= maxBytes;
}

function readInteger(buffer: Uint8Array, offset: number, bytes: number, isLittle: boolean, isSigned: boolean): number {
  if (buffer[offset] === undefined || buffer[offset + bytes - 1] === undefined) {
    throw badOffset(offset, buffer.length - bytes);
  }
  let value = 0;
  for (let index = 0; index < bytes; index += 1) {
    value = value * 0x100 + buffer[offset + (isLittle ? bytes - 1 - index : index)]!;
  }
  return isSigned && value >= 2 ** (bytes * 8 - 1) ? value - 2 ** (bytes * 8) : value;
}

function writeInteger(
  buffer: Uint8Array,
  given: number,
  offset: number,
  bytes: number,
  isLittle: boolean,
  isSigned: boolean,
): number {
  const value = Number(given);
  const bits = bytes * 8;
  const min = isSigned ? -(2 ** (bits - 1)) : 0;
  const max = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  if (bytes === 1) assertNumber('offset', offset);
  if (value > max || value < min) throw outOfRange('value', rangeOf(bits, isSigned, ''), value);
  assertPlace(buffer, offset, bytes);
  let rest = Math.trunc(value) || 0;
  if (rest < 0) rest += 2 ** bits;
  for (let index = 0; index < bytes; index += 1) {
    buffer[offset + (isLittle ? index : bytes - 1 - index)] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return offset + bytes;
}

function defineBigInt(name: string, isLittle: boolean, isSigned: boolean): void {
  define('read', name, function read(this: Uint8Array, offset: number = 0): bigint {
    assertNumber('offset', offset);
    if (this[offset] === undefined || this[offset + 7] === undefined) throw badOffset(offset, this.length - 8);
    let value = 0n;
    for (let index = 0; index < 8; index += 1) {
      value = (value << 8n) | BigInt(this[offset + (isLittle ? 7 - index : index)]!);
    }
    return isSigned ? BigInt.asIntN(64, value) : value;
  });
  define('write', name, function write(this: Uint8Array, value: bigint, offset: number = 0): number {
    const [min, max] = isSigned ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
    if (value > max || value < min) throw outOfRange('value', rangeOf(64, isSigned, 'n'), value);
    assertPlace(this, offset, 8);
    if (typeof value !== 'bigint') throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
    let rest = BigInt.asUintN(64, value);
    for (let index = 0; index < 8; index += 1) {
      this[offset + (isLittle ? index : 7 - index)] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return offset + 8;
  });
}

function defineFloat(name: string, scratch: Float32Array | Float64Array, isLittle: boolean): void {
  const bytes = new Uint8Array(scratch.buffer);
  const { length } = bytes;
  const place = (index: number): number => (isLittle ? index : length - 1 - index);
  define('read', name, function read(this: Uint8Array, offset: number = 0): number {
    assertNumber('offset', offset);
    if (this[offset] === undefined || this[offset + length - 1] === undefined) {
      throw badOffset(offset, this.length - length);
    }
    for (let index = 0; index < length; index += 1) bytes[index] = this[offset + place(index)]!;
    return scratch[0]!;
  });
  define('write', name, function write(this: Uint8Array, given: number, offset: number = 0): number {
    const value = Number(given);
    assertNumber('offset', offset);
    assertPlace(this, offset, length);
    scratch[0] = value;
    for (let index = 0; index < length; index += 1) this[offset + place(index)] = bytes[index]!;
    return offset + length;
  });
}

function assertPlace(buffer: Uint8Array, offset: number, bytes: number): void {
  // A text in place of the number would find a byte, too.
  if (typeof offset === 'number' && buffer[offset] !== undefined && buffer[offset + bytes - 1] !== undefined) return;
  throw badOffset(offset, buffer.length - bytes);
}

function badOffset(value: unknown, max: number, name?: string): Error {
  if (typeof value !== 'number') return invalidArgument(name ?? 'offset', 'of type number', value);
  if (Math.floor(value) !== value) return outOfRange(name ?? 'offset', 'an integer', value);
  if (max < 0) return outOfBounds();
  return outOfRange(name ?? 'offset', `>= ${name === undefined ? 0 : 1} and <= ${max}`, value);
}

/** @param mark "n" for those of bigints. */
function rangeOf(bits: number, isSigned: boolean, mark: string): string {
  if (bits <= 32) {
    return isSigned
      ? `>= ${-(2 ** (bits - 1))}${mark} and <= ${2 ** (bits - 1) - 1}${mark}`
      : `>= 0${mark} and <= ${2 ** bits - 1}${mark}`;
  }
  const power = `2${mark} ** ${isSigned ? bits - 1 : bits}${mark}`;
  return isSigned ? `>= -(${power}) and < ${power}` : `>= 0${mark} and < ${power}`;
}
