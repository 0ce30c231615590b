/**
 * The built-ins that the core depends on, taken before any user code runs. User code may replace every prototype method and
 * global; what the core does must not change when it does.
 */
export const {
  Array,
  ArrayBuffer,
  Date,
  Error,
  EvalError,
  Function,
  Int32Array,
  Math,
  Number,
  Object,
  Promise,
  RangeError,
  Reflect,
  String,
  Symbol,
  TypeError,
  Uint8Array,
} = globalThis;

export const uncurryThis = Function.prototype.bind.bind(Function.prototype.call) as unknown as <
  T,
  A extends unknown[],
  R,
>(
  method: (this: T, ...rest: A) => R,
) => (self: T, ...rest: A) => R;

export const { defineProperty, freeze, create: createObject, getOwnPropertyDescriptor } = Object;
export const { apply, setPrototypeOf } = Reflect;

/** Gives an object a member the way built-ins have them: writable, configurable, not enumerable. */
export function defineHidden(target: object, name: string, value: unknown): void {
  defineProperty(target, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    writable: true,
    value,
  } as PropertyDescriptor);
}

export const { min, max } = Math;
export const now = Date.now;
export const isError = Error.isError;
export const { isArray } = Array;
export const stringify = JSON.stringify;

export const charCodeAt = uncurryThis(String.prototype.charCodeAt);
export const stringSlice = uncurryThis(String.prototype.slice);
export const stringToWellFormed = uncurryThis(String.prototype.toWellFormed);
export const arraySplice = uncurryThis(Array.prototype.splice) as <T>(
  array: T[],
  start: number,
  count: number,
  ...items: T[]
) => T[];
export const arrayShift = uncurryThis(Array.prototype.shift) as <T>(array: T[]) => T | undefined;

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getterOf = (prototype: object, name: string) =>
  uncurryThis(getOwnPropertyDescriptor(prototype, name)!.get as (this: unknown) => never) as (self: unknown) => never;
export const byteLengthOf: (view: Uint8Array) => number = getterOf(typedArrayPrototype, 'byteLength');
export const byteOffsetOf: (view: Uint8Array) => number = getterOf(typedArrayPrototype, 'byteOffset');
export const bufferOf: (view: Uint8Array) => ArrayBuffer = getterOf(typedArrayPrototype, 'buffer');
export const arrayBufferByteLength: (buffer: ArrayBuffer) => number = getterOf(ArrayBuffer.prototype, 'byteLength');
export const isResizable: (buffer: ArrayBuffer) => boolean = getterOf(ArrayBuffer.prototype, 'resizable');
export const setBytes = uncurryThis(Uint8Array.prototype.set) as (
  target: Uint8Array,
  source: Uint8Array,
  at: number,
) => void;
export const bufferTransfer = uncurryThis(ArrayBuffer.prototype.transfer) as (
  buffer: ArrayBuffer,
  length?: number,
) => ArrayBuffer;

const promiseThen = uncurryThis(Promise.prototype.then) as (
  promise: Promise<unknown>,
  onFulfilled: (value: never) => unknown,
  onRejected: (reason: unknown) => unknown,
) => Promise<unknown>;

const noConstructor = freeze({ __proto__: null, value: undefined } as PropertyDescriptor);

/**
 * Subscribes to a promise of ours without running user code: `then` looks up `constructor` and its species, which user code may
 * have replaced, unless the promise has an own one.
 */
export function subscribe<T>(
  promise: Promise<T>,
  onFulfilled: (value: T) => void,
  onRejected: (reason: unknown) => void,
): void {
  defineProperty(promise, 'constructor', noConstructor);
  promiseThen(promise, onFulfilled as (value: never) => void, onRejected);
}

/**
 * Settles with what user code returned, thenables included. Runs user code (`then` getters), like every `await` of a user's value.
 */
export function follow(
  value: unknown,
  onFulfilled: (value: unknown) => void,
  onRejected: (reason: unknown) => void,
): void {
  subscribe(
    new Promise<unknown>((resolve) => {
      resolve(value);
    }),
    onFulfilled,
    onRejected,
  );
}
