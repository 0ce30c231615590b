/** https://html.spec.whatwg.org/#structured-cloning, within one realm. */
import { loadedPart, part } from '../core/facade.ts';

interface Options {
  transfer?: Iterable<object>;
}

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;
const errorNames = ['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'];

/** Parts whose objects can be cloned. Before one is loaded there is no such object. */
const cloners = ['blob', 'fetch', 'subtle'] as const;

/** Reads an internal slot through a built-in that throws on objects without it. */
function hasSlot(value: object, read: (this: never) => unknown): boolean {
  try {
    read.call(value as never);
    return true;
  } catch {
    // No such slot: the value is of another type.
    return false;
  }
}

const slots = {
  date: Date.prototype.getTime,
  map: Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get!,
  set: Object.getOwnPropertyDescriptor(Set.prototype, 'size')!.get!,
  regExp: Object.getOwnPropertyDescriptor(RegExp.prototype, 'source')!.get!,
  arrayBuffer: Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!,
  boolean: Boolean.prototype.valueOf,
  number: Number.prototype.valueOf,
  string: String.prototype.valueOf,
  bigint: BigInt.prototype.valueOf,
  symbol: Symbol.prototype.valueOf,
  weakMap: function (this: WeakMap<object, unknown>) {
    return WeakMap.prototype.has.call(this, {});
  },
  weakSet: function (this: WeakSet<object>) {
    return WeakSet.prototype.has.call(this, {});
  },
  weakRef: function (this: WeakRef<object>) {
    return WeakRef.prototype.deref.call(this);
  },
} as const;

export function structuredClone<T>(value: T, options?: Options): T {
  if (arguments.length === 0) throw new TypeError("Failed to execute 'structuredClone': 1 argument needed");
  if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
    throw new TypeError("Failed to execute 'structuredClone': the options must be an object");
  }
  return cloneForMessage(value, options?.transfer ?? []).data as T;
}

/** Clones a value and moves what is to be transferred. */
export function cloneForMessage(value: unknown, transfer: Iterable<object>): { data: unknown; ports: object[] } {
  const transfers = transferList(transfer);
  const memory = new Map<object, object>();
  const data = clone(value, memory, transfers);
  const ports: object[] = [];
  for (const item of transfers) {
    if (hasSlot(item, slots.arrayBuffer)) {
      // A buffer that the value does not hold is detached all the same.
      if (!memory.has(item)) (item as ArrayBuffer).transfer();
    } else {
      ports.push(memory.get(item) ?? movePort(item));
    }
  }
  return { data, ports };
}

function transferList(transfer: Iterable<object>): Set<object> {
  const items = new Set<object>();
  for (const item of transfer) {
    const isBuffer = typeof item === 'object' && item !== null && hasSlot(item, slots.arrayBuffer);
    if (!isBuffer && loadedPart('messaging')?.isTransferable(item) !== true) {
      throw dataCloneError('a value in the transfer list is not transferable');
    }
    if (items.has(item)) throw dataCloneError('the transfer list has something twice');
    if (isBuffer && (item as ArrayBuffer).detached) throw dataCloneError('a buffer in the transfer list is detached');
    items.add(item);
  }
  return items;
}

function clone(root: unknown, memory: Map<object, object>, transfers: ReadonlySet<object>): unknown {
  // Containers wait here for their content, so that depth costs memory and not stack.
  const pending: (() => void)[] = [];
  const copy = (value: unknown): unknown => {
    if (typeof value === 'symbol') throw dataCloneError('a symbol cannot be cloned');
    if (typeof value === 'function')
      throw dataCloneError(`the function ${value.name || '(anonymous)'} cannot be cloned`);
    if (typeof value !== 'object' || value === null) return value;
    const known = memory.get(value);
    if (known !== undefined) return known;
    const target = create(value, copy, pending, transfers);
    memory.set(value, target);
    return target;
  };
  const result = copy(root);
  for (let task = pending.pop(); task !== undefined; task = pending.pop()) task();
  return result;
}

function create(
  value: object,
  copy: (value: unknown) => unknown,
  pending: (() => void)[],
  transfers: ReadonlySet<object>,
): object {
  // What looks like a plain object is one: asking every built-in type in turn costs exceptions.
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return createPlain(value, copy, pending);
  if (Array.isArray(value)) {
    const target: unknown[] = [];
    target.length = value.length;
    pending.push(() => copyProperties(value, target, copy));
    return target;
  }
  if (ArrayBuffer.isView(value)) return copyView(value, copy);
  if (Error.isError(value)) return copyError(value as Error, copy, pending);
  if (hasSlot(value, slots.arrayBuffer)) return copyBuffer(value as ArrayBuffer, transfers);
  if (hasSlot(value, slots.date)) return new Date(slots.date.call(value as Date));
  if (hasSlot(value, slots.regExp) && value !== RegExp.prototype) {
    return new RegExp((value as RegExp).source, (value as RegExp).flags);
  }
  if (hasSlot(value, slots.map)) {
    const target = new Map<unknown, unknown>();
    const entries = [...Map.prototype.entries.call(value)] as [unknown, unknown][];
    pending.push(() => {
      for (const [key, item] of entries) target.set(copy(key), copy(item));
    });
    return target;
  }
  if (hasSlot(value, slots.set)) {
    const target = new Set<unknown>();
    const items = [...Set.prototype.values.call(value)] as unknown[];
    pending.push(() => {
      for (const item of items) target.add(copy(item));
    });
    return target;
  }
  for (const kind of ['boolean', 'number', 'string', 'bigint'] as const) {
    if (hasSlot(value, slots[kind])) return Object((slots[kind] as (this: unknown) => unknown).call(value)) as object;
  }
  if (transfers.has(value)) return movePort(value);
  for (const provider of cloners) {
    const cloned = loadedPart(provider)?.cloneOf(value);
    if (cloned !== undefined) return cloned;
  }
  assertPlatformFree(value);
  return createPlain(value, copy, pending);
}

function movePort(port: object): object {
  const moved = loadedPart('messaging')?.transfer(port);
  if (moved === undefined) throw dataCloneError('a value in the transfer list was transferred before');
  return moved;
}

function createPlain(value: object, copy: (value: unknown) => unknown, pending: (() => void)[]): object {
  const target = {};
  pending.push(() => copyProperties(value, target, copy));
  return target;
}

function copyProperties(source: object, target: object, copy: (value: unknown) => unknown): void {
  for (const key of Object.keys(source)) {
    if (!Object.hasOwn(source, key)) continue;
    Object.defineProperty(target, key, {
      configurable: true,
      enumerable: true,
      writable: true,
      value: copy((source as Record<string, unknown>)[key]),
    });
  }
}

function copyView(view: ArrayBufferView, copy: (value: unknown) => unknown): object {
  const tag = typedArrayTag.call(view) as string | undefined;
  // The buffer may be moved, which leaves the view empty.
  const { buffer: source, byteOffset, byteLength } = view;
  const { length } = view as unknown as ArrayLike<unknown>;
  const buffer = copy(source) as ArrayBuffer;
  if (tag === undefined) return new DataView(buffer, byteOffset, byteLength);
  const Type = (globalThis as unknown as Record<string, new (...rest: unknown[]) => object>)[tag]!;
  return new Type(buffer, byteOffset, length);
}

function copyBuffer(buffer: ArrayBuffer, transfers: ReadonlySet<object>): ArrayBuffer {
  if (transfers.has(buffer)) return buffer.transfer();
  if (buffer.detached) throw dataCloneError('a detached ArrayBuffer cannot be cloned');
  if (!buffer.resizable) return buffer.slice(0);
  const target = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(target).set(new Uint8Array(buffer));
  return target;
}

function copyError(error: Error, copy: (value: unknown) => unknown, pending: (() => void)[]): object {
  const { DOMException } = part('events');
  if (error instanceof DOMException) {
    const copied = new DOMException(error.message, error.name);
    const { stack } = error as { stack?: unknown };
    if (typeof stack === 'string') define(copied, 'stack', stack);
    return copied;
  }
  const name = errorNames.includes(error.name) ? error.name : 'Error';
  const constructors = globalThis as unknown as Record<string, { prototype: object }>;
  const target = Object.create(constructors[name]!.prototype) as Error;
  const real = new Error();
  Object.setPrototypeOf(real, Object.getPrototypeOf(target) as object);
  delete (real as { stack?: string }).stack;
  const message = Object.getOwnPropertyDescriptor(error, 'message');
  if (message !== undefined && 'value' in message) define(real, 'message', `${message.value as string}`);
  if (typeof error.stack === 'string') define(real, 'stack', error.stack);
  if (Object.hasOwn(error, 'cause')) pending.push(() => define(real, 'cause', copy(error.cause)));
  return real;
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { configurable: true, writable: true, value });
}

/** What has no clone: weak collections, promises, symbols in boxes, and this runtime's own objects. */
function assertPlatformFree(value: object): void {
  if (isPlatformObject(value)) {
    const type = Object.prototype.toString.call(value).slice(8, -1);
    const message = `Could not serialize object of type "${type}". This type does not support serialization.`;
    throw new (part('events').DOMException)(message, 'DataCloneError');
  }
  const cannot =
    hasSlot(value, slots.weakMap) ||
    hasSlot(value, slots.weakSet) ||
    hasSlot(value, slots.weakRef) ||
    hasSlot(value, slots.symbol) ||
    value instanceof Promise;
  if (cannot) throw dataCloneError(`${Object.prototype.toString.call(value)} cannot be cloned`);
}

function isPlatformObject(value: object): boolean {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const constructor = (globalThis as Record<string, unknown>)[tag];
  return (
    tag !== 'Object' &&
    typeof constructor === 'function' &&
    typeof (constructor as { prototype?: unknown }).prototype === 'object' &&
    value instanceof constructor
  );
}

function dataCloneError(message: string): Error {
  const { DOMException } = part('events');
  return new DOMException(`Failed to execute 'structuredClone': ${message}`, 'DataCloneError');
}
