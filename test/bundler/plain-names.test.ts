import { build } from 'esbuild';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { withPlainNames } from '../../bundler/plain-names.ts';

/** As the bundler has it written. */
async function written(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    keepNames: true,
    target: 'node24',
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

function callsIn(code: string): number {
  return [...code.matchAll(/__name\(/g)].length;
}

/** What `names` is after the code has run. */
function namesOf(code: string): unknown {
  return runInNewContext(`${code};module.exports.names`, { module: { exports: {} } }) as unknown;
}

const same = [
  ['a declaration', 'function f() {} export const names = [f.name]'],
  ['an arrow function', 'const f = () => {}; export const names = [f.name]'],
  ['a function expression', 'const f = function () {}; export const names = [f.name]'],
  [
    'an inner function',
    'function outer() { const f = () => {}; function g() {} return [f.name, g.name] } export const names = outer()',
  ],
  ['an assignment', 'let f; f = () => {}; f ??= () => {}; export const names = [f.name]'],
  ['a default', 'const { f = () => {} } = {}; export const names = [f.name]'],
  ['properties', 'const o = { f: () => {}, "g-h": function () {} }; export const names = [o.f.name, o["g-h"].name]'],
  ['a class', 'class C {} export const names = [C.name]'],
  ['a class expression', 'const C = class {}; export const names = [C.name]'],
  ['a class in a function', 'const make = () => { class C {} return C }; export const names = [make().name]'],
  ['fields', 'class C { f = () => {}; static g = () => {} } export const names = [new C().f.name, C.g.name]'],
] as const;

describe('calls that give the name which is there', () => {
  test.each(same)('are taken out: %s', async (_, source) => {
    const code = await written(source);
    const plain = withPlainNames(code);
    expect(callsIn(plain)).toBeLessThan(callsIn(code));
    expect(callsIn(plain)).toBe(0);
    expect(namesOf(plain)).toEqual(namesOf(code));
  });

  test('leave everything else where it was', async () => {
    const code = await written('const f = () => {\n  throw new Error("x");\n}; export const names = [f.name]');
    const plain = withPlainNames(code);
    expect(plain.length).toBe(code.length);
    expect(plain.indexOf('throw')).toBe(code.indexOf('throw'));
    expect(plain.split('\n').map((line) => line.length)).toEqual(code.split('\n').map((line) => line.length));
  });
});

test('calls stay where the name would be another one', async () => {
  const code = await written(
    'const a = (() => { class Same {} return Same })(); class Same {} class Self { static own = Self } ' +
      'const made = [() => {}].map((f) => f); const o = { ["a" + "b"]: () => {} }; ' +
      'export const names = [a.name, Same.name, Self.name, made[0].name, o.ab.name]',
  );
  expect(callsIn(withPlainNames(code))).toBeGreaterThan(0);
  expect(namesOf(withPlainNames(code))).toEqual(namesOf(code));
  expect(namesOf(code)).toEqual(['Same', 'Same', 'Self', '', 'ab']);
});

test('a prototype in a literal is left alone', async () => {
  const code = await written('const o = { __proto__: () => {} }; export const names = [Object.getPrototypeOf(o).name]');
  expect(namesOf(withPlainNames(code))).toEqual(namesOf(code));
});

test('code that has such a function itself stays as it is', () => {
  const code = 'var __name = (f) => f; function f() {} __name(f, "f"); function own(__name) { __name(f, "f") }';
  expect(withPlainNames(code)).toBe(code);
});

test.each([
  ['is no script', 'function f() { __name(f, "f")'],
  ['is nested too deeply', `__name(f, "f");${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['has no names', 'const f = () => {}'],
])('code that %s stays as it is', (_, code) => {
  expect(withPlainNames(code)).toBe(code);
});
