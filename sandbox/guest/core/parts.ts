/**
 * Loads parts of the runtime: from the script that made this isolate, or, for one that was not expected to be needed, from the
 * host as source text.
 */
import { callSync } from './host.ts';
import { Error, Function, apply, createObject, stringSlice } from './primordials.ts';
import { assertStackForCompiling } from './stack.ts';

/** Before the name of a part that a package asks for as a module of Node. */
const moduleMark = 'module:';

export type PartFunction = (module: { exports: object }, exports: object, require: (name: string) => object) => void;

const compile = Function;
const loaded = createObject(null) as Record<string, { exports: object; isComplete: boolean } | undefined>;
let shipped: Record<string, PartFunction | undefined>;
let core: object;

export function provideParts(parts: Record<string, PartFunction | undefined>, coreExports: object): void {
  shipped = parts;
  core = coreExports;
}

/** Whether a part has come with the isolate's start-up script: it is expected to be needed. */
export function isExpected(name: string): boolean {
  return shipped[name] !== undefined;
}

export function part(name: string): object {
  const present = loaded[name];
  if (present !== undefined) return present.exports;
  const define = shipped[name] ?? fetchPart(name);
  const module = { exports: {}, isComplete: false };
  loaded[name] = module;
  define(module, module.exports, requireFromPart);
  module.isComplete = true;
  return module.exports;
}

/** Whether a part is being evaluated right now, and its exports may not all be there yet. */
export function isLoading(name: string): boolean {
  return loaded[name]?.isComplete === false;
}

export function findPart(name: string): object | undefined {
  return loaded[name]?.exports;
}

function requireFromPart(name: string): object {
  if (name === 'core') return core;
  if (stringSlice(name, 0, moduleMark.length) !== moduleMark) return part(name);
  const exports = part(stringSlice(name, moduleMark.length)) as { default?: object };
  return exports.default ?? exports;
}

function fetchPart(name: string): PartFunction {
  const source = callSync('part', name);
  if (typeof source !== 'string') throw new Error(`the runtime has no part "${name}"`);
  assertStackForCompiling();
  return apply(compile, undefined, ['module', 'exports', 'require', source]) as PartFunction;
}
