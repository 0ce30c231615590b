/** Built-ins that would end this very process, or never end, if they were not looked after: the sandbox is inline. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../../sandbox/index.ts';
import { functionOf, handler, invoke, testSandbox } from '../../support/sandbox.ts';

let sandbox: Sandbox & AsyncDisposable;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

const answer = async (body: string, memoryMiB = 32): Promise<string> =>
  (await invoke(sandbox, functionOf(handler(body), { memoryMiB }))).text;

const attempt = (code: string): string =>
  `try { ${code}; return new Response('done') } catch (error) { return new Response(error.name + ': ' + error.message) }`;

test.each([
  '"x".repeat(2 ** 27 + 5).split("")',
  'new String("x".repeat(2 ** 27 + 5)).split("")',
  '"x".repeat(2 ** 27 + 5).match(/x/g)',
  'JSON.parse("[" + "0,".repeat(1.4e8) + "0]")',
])('%s is refused', async (code) => {
  expect(await answer(attempt(code), 1_024)).toMatch(/^RangeError: .* is not possible here: at most \d+$/);
});

describe.each([
  'sort',
  'toSorted',
  'toReversed',
  'toSpliced',
  'with',
  'fill',
  'reverse',
  'copyWithin',
  'flat',
  'unshift',
  'splice',
  'lastIndexOf',
])('Array.prototype.%s', (name) => {
  test.each(['{ length: 2 ** 31 }', '{ length: 2 ** 53 }', '{ length: "4294967295" }', 'new Array(2 ** 32 - 1)'])(
    'of %s is refused',
    async (receiver) => {
      expect(await answer(attempt(`[].${name}.call(${receiver}, 0)`))).toBe(
        `RangeError: Array.prototype.${name} of more than 134217720 elements is not possible here`,
      );
    },
  );

  test('is otherwise what it was', async () => {
    const code = `const method = Array.prototype.${name};
      const own = Object.getOwnPropertyDescriptor(Array.prototype, '${name}');
      const isConstructor = (() => { try { Reflect.construct(Object, [], method); return true } catch { return false } })();
      let refusal; try { method.call(null) } catch (error) { refusal = error.name }
      return Response.json([method.name, method.length, own.enumerable, own.writable, isConstructor, refusal])`;
    const { length } = Array.prototype[name as 'sort'];
    expect(JSON.parse(await answer(code))).toEqual([name, length, false, true, false, 'TypeError']);
  });
});

test('they work', async () => {
  const code = `return Response.json([
    [3, 1, 2].sort(), [3, 1, 2].toSorted((a, b) => b - a), [1, 2].toReversed(), [1, 2].with(0, 5), [1, [2]].flat(),
    [1, 2, 3].splice(1, 1), [1].unshift(0), [1, 2, 1].lastIndexOf(1), [0, 0].fill(7, 1), [].sort.call({ length: '2', 0: 2, 1: 1 }),
    'a-b-c'.split('-', 2), 'abc'.split(''), 'a1b2'.match(/\\d/g), 'x'.split({ [Symbol.split]: (text) => text + '!' }),
    JSON.parse('{"a":[1]}', (key, value) => value === 1 ? 2 : value), String.prototype.split.call(12, ''), JSON.parse(null),
  ])`;
  const expected: unknown[] = [[1, 2, 3], [3, 2, 1], [2, 1], [5, 2], [1, 2], [2], 2, 2, [0, 7]];
  expected.push(
    { length: '2', 0: 1, 1: 2 },
    ['a', 'b'],
    ['a', 'b', 'c'],
    ['1', '2'],
    'x!',
    { a: [2] },
    ['1', '2'],
    null,
  );
  expect(JSON.parse(await answer(code))).toEqual(expected);
});
