/** `util.callbackify` and `util.inherits`. */
import { part } from '../../core/facade.ts';
import { assertFunction, invalidArgument, withCode } from '../shared/node-error.ts';

type Callback = (error: unknown, value?: unknown) => void;

/** From a function that gives a promise to one that takes a callback. */
export function callbackify(original: (...args: unknown[]) => PromiseLike<unknown>): (...args: unknown[]) => void {
  assertFunction('original', original);
  function callbackified(this: unknown, ...args: unknown[]): void {
    const callback = args.pop();
    assertFunction('last argument', callback);
    const done = (callback as Callback).bind(this);
    const { process } = part('node-process');
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(done, null, value),
      (reason: unknown) => process.nextTick(done, reason ? reason : rejectedWith(reason)),
    );
  }
  const descriptors = Object.getOwnPropertyDescriptors(original) as Record<string, PropertyDescriptor>;
  const { length, name } = descriptors;
  if (typeof length?.value === 'number') length.value += 1;
  if (typeof name?.value === 'string') name.value += 'Callbackified';
  return Object.defineProperties(callbackified, descriptors);
}

/** A callback takes what is not true for no error. */
function rejectedWith(reason: unknown): Error {
  const error = withCode(new Error('Promise was rejected with falsy value'), 'ERR_FALSY_VALUE_REJECTION');
  return Object.assign(error, { reason });
}

export function inherits(constructor: unknown, from: unknown): void {
  assertFunction('ctor', constructor);
  if (from === undefined || from === null) assertFunction('superCtor', from);
  const base = (from as { prototype?: object }).prototype;
  if (base === undefined) throw invalidArgument('superCtor.prototype', 'of type object', base);
  Object.defineProperty(constructor, 'super_', { configurable: true, writable: true, value: from });
  Object.setPrototypeOf((constructor as { prototype: object }).prototype, base);
}
