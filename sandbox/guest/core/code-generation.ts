/**
 * `eval` and the constructors of functions. Untrusted functions do not have them: code that comes as text was not there to be looked at when
 * the function was deployed, and is the material of most attacks on the engine.
 */
import { EvalError, Function, Reflect, defineProperty } from './primordials.ts';
import { assertStackForCompiling } from './stack.ts';

type FunctionConstructor = new (...args: string[]) => object;
type Build = (original: FunctionConstructor, args: readonly unknown[], newTarget: object) => object;

const { construct, getPrototypeOf } = Reflect;

export function forbidCodeGeneration(): void {
  replaceConstructors(refuse);
  define(globalThis, 'eval', { eval: (): never => refuse() }.eval);
}

/** Trusted functions have them; at the end of the stack they are an error instead of the end of the process. */
export function guardCodeGeneration(): void {
  replaceConstructors((original, args, newTarget) => {
    assertStackForCompiling();
    return construct(original, args, newTarget as FunctionConstructor) as object;
  });
}

function refuse(): never {
  throw new EvalError(
    'code generation from strings is not allowed to this function; it is where isolation.trust is "trusted"',
  );
}

/** Of the four, only one has a name; the others are found by what they make. */
function replaceConstructors(build: Build): void {
  replace(Function as unknown as FunctionConstructor, build);
  for (const sample of [async () => {}, function* () {}, async function* () {}]) {
    replace(getPrototypeOf(sample)!.constructor as FunctionConstructor, build);
  }
}

function replace(original: FunctionConstructor, build: Build): void {
  const { name } = original;
  const replacement = {
    // Not an arrow function or a method: it must be one that can be called with "new".
    [name]: function (...args: unknown[]): object {
      return build(original, args, new.target ?? replacement);
    },
  }[name]! as unknown as FunctionConstructor;
  const prototype = original.prototype as object;
  defineProperty(replacement, 'prototype', { value: prototype, writable: false });
  defineProperty(replacement, 'length', { value: 1, configurable: true });
  define(prototype, 'constructor', replacement);
  if (original === (Function as unknown)) define(globalThis, name, replacement);
}

function define(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}
