/** The functions of `node:path` check what they are given, with errors as Node's. */
import { assertObject, assertString } from './node-error.ts';

type Function = (...args: unknown[]) => unknown;

const names: Readonly<Record<string, readonly string[]>> = {
  dirname: ['path'],
  extname: ['path'],
  isAbsolute: ['path'],
  normalize: ['path'],
  parse: ['path'],
  relative: ['from', 'to'],
};

export function checkPaths(path: Record<string, unknown>): void {
  for (const [name, args] of Object.entries(names)) {
    wrap(path, name, (given) => args.forEach((arg, index) => assertString(arg, given[index])));
  }
  wrap(path, 'basename', ([of, suffix]) => {
    if (suffix !== undefined) assertString('suffix', suffix);
    assertString('path', of);
  });
  wrap(path, 'format', ([object]) => assertObject('pathObject', object));
  wrap(path, 'join', (given) => given.forEach((each) => assertString('path', each)));
  wrap(path, 'resolve', (given) => given.forEach((each, index) => assertString(`paths[${index}]`, each)));
}

function wrap(path: Record<string, unknown>, name: string, check: (given: readonly unknown[]) => void): void {
  const original = path[name] as Function;
  const wrapper = {
    [name](...args: unknown[]): unknown {
      check(args);
      return Reflect.apply(original, path, args);
    },
  }[name]!;
  Object.defineProperty(wrapper, 'length', { configurable: true, value: original.length });
  path[name] = wrapper;
}
