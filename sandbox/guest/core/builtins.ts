/** Node's built-in modules, as bundles ask for them. */
import { builtins } from '../manifest.ts';
import { part } from './parts.ts';
import { Error, defineProperty, getOwnPropertyDescriptor, stringify, stringSlice } from './primordials.ts';

/** `undefined` when there is no module of that name, with or without `node:`. */
export function findBuiltin(name: unknown): object | undefined {
  if (typeof name !== 'string') return undefined;
  const full = stringSlice(name, 0, 5) === 'node:' ? name : `node:${name}`;
  if (getOwnPropertyDescriptor(builtins, full) === undefined) return undefined;
  const exports = part(builtins[full as keyof typeof builtins]) as { default?: object };
  return exports.default ?? exports;
}

export function requireBuiltin(name: string): object {
  const found = findBuiltin(name);
  if (found === undefined) throw moduleNotFound(name);
  return found;
}

function moduleNotFound(name: unknown): Error {
  const error = new Error(
    `Cannot find module ${typeof name === 'string' ? stringify(name) : typeof name}: ` +
      'a module can only be required by a name that the bundler sees',
  );
  defineProperty(error, 'code', { __proto__: null, enumerable: true, value: 'MODULE_NOT_FOUND' } as PropertyDescriptor);
  return error;
}
