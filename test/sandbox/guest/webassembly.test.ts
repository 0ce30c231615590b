/** WebAssembly within the memory limit. The modules are written by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const helpers = `
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  /** (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add) */
  const add = new Uint8Array([...header, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
  /** (memory (export "m") min max?) (func (export "grow") (result i32) i32.const 1 memory.grow) */
  const memory = (...limits) => new Uint8Array([...header, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 5, 1 + limits.length, 1, ...limits, 7, 12, 2, 1, 109, 2, 0, 4, 103, 114, 111, 119, 0, 0, 10, 8, 1, 6, 0, 65, 1, 64, 0, 11]);
  const grown = (instance) => { let pages = instance.exports.m.buffer.byteLength / 65536; while (instance.exports.grow() !== -1) pages++; return pages };`;

/** In an isolate of 32 MiB, which are 512 pages. */
async function evaluate(body: string): Promise<unknown> {
  const fn = functionOf(`${helpers}${handler(`return Response.json(await (async () => {${body}})())`)}`, {
    memoryMiB: 32,
    cpuTimeMs: 5_000,
  });
  const { text, ending } = await invoke(sandbox, fn);
  return ending.outcome.kind === 'ok' ? JSON.parse(text) : ending.outcome;
}

describe('WebAssembly', () => {
  test.each([
    ['at once', 'new WebAssembly.Instance(new WebAssembly.Module(add)).exports.add(2, 3)'],
    ['by instantiate', '(await WebAssembly.instantiate(add)).instance.exports.add(2, 3)'],
    ['by instantiate of a module', '(await WebAssembly.instantiate(new WebAssembly.Module(add))).exports.add(2, 3)'],
    ['by compile', 'new WebAssembly.Instance(await WebAssembly.compile(add.buffer)).exports.add(2, 3)'],
    [
      'by instantiateStreaming',
      '(await WebAssembly.instantiateStreaming(new Response(add, { headers: { "content-type": "application/wasm" } }))).instance.exports.add(2, 3)',
    ],
    [
      'of a view',
      'new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([9, ...add, 9]).subarray(1, add.length + 1))).exports.add(2, 3)',
    ],
  ])('runs %s', async (_, expression) => {
    expect(await evaluate(`return ${expression}`)).toBe(5);
  });

  test('is what it seems', async () => {
    expect(
      await evaluate(`
        const module = new WebAssembly.Module(add);
        class Mine extends WebAssembly.Module {}
        return [
          module instanceof WebAssembly.Module, module.constructor === WebAssembly.Module, new Mine(add) instanceof Mine,
          WebAssembly.Module.name, WebAssembly.Module.length, WebAssembly.Module.exports(module)[0].name,
          Object.prototype.toString.call(WebAssembly), WebAssembly.validate(add), WebAssembly.validate(new Uint8Array(5)),
          new WebAssembly.Memory({ initial: 2 }).buffer.byteLength, typeof WebAssembly.Table, typeof WebAssembly.Global,
        ]`),
    ).toEqual([
      true,
      true,
      true,
      'Module',
      1,
      'add',
      '[object WebAssembly]',
      true,
      false,
      131_072,
      'function',
      'function',
    ]);
  });

  test.each([
    ['no module', 'new WebAssembly.Module(new Uint8Array([1, 2, 3]))', 'CompileError'],
    ['no bytes', 'new WebAssembly.Module(5)', 'TypeError'],
    ['a call without new', 'WebAssembly.Module(add)', 'TypeError'],
    ['a response of another type', 'await WebAssembly.compileStreaming(new Response(add))', 'TypeError'],
    ['shared memory without a maximum', 'new WebAssembly.Memory({ initial: 1, shared: true })', 'TypeError'],
    ['a module with shared memory', 'new WebAssembly.Module(memory(3, 1, 2))', 'CompileError'],
    ['a memory without a size', 'new WebAssembly.Memory({})', 'TypeError'],
    ['a memory that is too large', 'new WebAssembly.Memory({ initial: 600 })', 'RangeError'],
    [
      'a module whose memory is too large',
      'new WebAssembly.Instance(new WebAssembly.Module(memory(0, 216, 4)))',
      'RangeError',
    ],
  ])('refuses %s', async (_, expression, name) => {
    expect(await evaluate(`try { ${expression}; return 'taken' } catch (e) { return e.name }`)).toBe(name);
  });
});

describe('memory of WebAssembly', () => {
  test.each([
    ['without a maximum', 'memory(0, 1)', 500, 512],
    ['with a maximum that is too high', 'memory(1, 1, 128, 128, 4)', 500, 512],
    ['with a maximum of its own', 'memory(1, 1, 5)', 5, 5],
  ])('that a module defines %s grows no further than the limit', async (_, module, least, most) => {
    const pages = await evaluate(`return grown(new WebAssembly.Instance(new WebAssembly.Module(${module})))`);
    expect(pages).toBeGreaterThanOrEqual(least);
    expect(pages).toBeLessThanOrEqual(most);
  });

  test('of several modules is counted together', async () => {
    expect(
      await evaluate(`
        const first = new WebAssembly.Instance(new WebAssembly.Module(memory(0, 1)));
        const pages = grown(first);
        try { grown(new WebAssembly.Instance(new WebAssembly.Module(memory(0, 1)))); return 'taken' } catch (e) { return [pages > 500, e.name] }`),
    ).toEqual([true, 'RangeError']);
  });

  test('that is grown by hand is held to the limit', async () => {
    expect(
      await evaluate(`
        const one = new WebAssembly.Memory({ initial: 1 });
        const two = new WebAssembly.Memory({ initial: 1 });
        one.grow(400);
        try { two.grow(400); return 'taken' } catch (e) { return [one.buffer.byteLength / 65536, e.name] }`),
    ).toEqual([401, 'RangeError']);
  });

  test('may be imported', async () => {
    expect(
      await evaluate(`
        // (import "a" "m" (memory 1 60000)) (data (i32.const 0) "x")
        const bytes = new Uint8Array([...header, 2, 11, 1, 1, 97, 1, 109, 2, 1, 1, 224, 212, 3, 11, 7, 1, 0, 65, 0, 11, 1, 120]);
        const m = new WebAssembly.Memory({ initial: 1, maximum: 60000 });
        new WebAssembly.Instance(new WebAssembly.Module(bytes), { a: { m } });
        return new Uint8Array(m.buffer)[0]`),
    ).toBe(120);
  });
});

test('shared memory is refused to untrusted functions', async () => {
  const body = `try { new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }); return new Response('taken') } catch (e) { return new Response(e.name) }`;
  const { text } = await invoke(sandbox, functionOf(handler(body), {}, { trust: 'untrusted' }));
  expect(text).toBe('TypeError');
});

test('shared memory of trusted functions is within the limit', async () => {
  const body = `const Shared = new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true }).buffer.constructor; const kept = [];
    try { for (;;) kept.push(new Shared(2 ** 20)) } catch (e) { return Response.json([e.name, kept.length, typeof SharedArrayBuffer]) }`;
  const { text } = await invoke(sandbox, functionOf(handler(body), { memoryMiB: 32 }, { trust: 'trusted' }));
  const [name, count, global] = JSON.parse(text) as [string, number, string];
  expect([name, global]).toEqual(['RangeError', 'undefined']);
  expect(count).toBeLessThanOrEqual(32);
});
