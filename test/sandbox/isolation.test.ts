import { describe, expect, test } from 'vitest';
import { evaluate, functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';

describe('a function cannot reach', () => {
  test.each([
    'process',
    'require',
    'module',
    'global',
    'Buffer',
    '__filename',
    'ivm',
    'Deno',
    'SharedArrayBuffer',
    'Atomics',
    'XMLHttpRequest',
    'importScripts',
  ])('%s', async (name) => {
    await using sandbox = await testSandbox();
    expect(await evaluate(sandbox, `return new Response(typeof globalThis[${JSON.stringify(name)}])`)).toBe(
      'undefined',
    );
  });

  test('the host through any constructor', async () => {
    await using sandbox = await testSandbox();
    const escapes = [
      `(() => {}).constructor('return process')()`,
      `(async () => {}).constructor('return process')()`,
      `this.constructor.constructor('return process')()`,
      `new Error().constructor.constructor('return process')()`,
      `globalThis.constructor.constructor('return process')()`,
      `setTimeout.constructor('return process')()`,
      `console.log.constructor('return process')()`,
      `request.constructor.constructor('return process')()`,
      `ctx.waitUntil.constructor('return process')()`,
      `(0, eval)('process')`,
      `Reflect.construct(Function, ['return process'])()`,
    ];
    for (const escape of escapes) {
      const code = `try { const p = await (${escape}); return new Response('got ' + typeof p) } catch (e) { return new Response(e.name) }`;
      expect(await evaluate(sandbox, code), escape).toBe('ReferenceError');
    }
  });

  test('modules, by import()', async () => {
    await using sandbox = await testSandbox();
    const code = `const names = ['fs', 'node:fs', 'file:///etc/passwd', '/etc/passwd', 'data:text/javascript,1'];
      return Response.json(await Promise.all(names.map((name) => (0, eval)('import(' + JSON.stringify(name) + ')').then(() => 'loaded', () => 'refused'))))`;
    expect(JSON.parse(await evaluate(sandbox, code))).toEqual(Array.from({ length: 5 }, () => 'refused'));
  });

  test('what is on the stack: no function, no receiver, no path of the host', async () => {
    await using sandbox = await testSandbox();
    const code = `
      const seen = [];
      Error.prepareStackTrace = (_, sites) => {
        for (const site of sites) seen.push([typeof site.getThis(), typeof site.getFunction(), String(site.getFileName())]);
        return 'x';
      };
      void new Error().stack;
      const stacks = [];
      Error.prepareStackTrace = undefined;
      for (const provoke of [() => new URL('x'), () => crypto.getRandomValues(5), () => structuredClone(() => {}), () => atob('*'), () => setTimeout(5)])
        try { provoke() } catch (e) { stacks.push(String(e.stack)) }
      return Response.json({ seen, stacks })`;
    const { seen, stacks } = JSON.parse(await evaluate(sandbox, code)) as { seen: string[][]; stacks: string[] };
    for (const [receiver, fn, file] of seen) {
      if (file === 'isohost:runtime') expect([receiver, fn]).toEqual(['undefined', 'undefined']);
    }
    expect(stacks).toHaveLength(5);
    expect(stacks.join('\n')).not.toMatch(/work|node_modules|node:|file:\/\/|\.ts\b/);
  });

  test('anything of isolated-vm by patching what the runtime calls', async () => {
    await using sandbox = await testSandbox();
    const code = `
      const caught = [];
      const { apply, defineProperty } = Reflect;
      const { push } = Array.prototype;
      const keep = (value) => { apply(push, caught, [value]) };
      const spy = (original) => new Proxy(original, {
        apply(target, self, args) {
          keep(self);
          for (let i = 0; i < args.length; i++) keep(args[i]);
          const result = apply(target, self, args);
          keep(result);
          return result;
        },
      });
      for (const holder of [Function.prototype, Array.prototype, Promise.prototype, Object.prototype, String.prototype, Map.prototype, Uint8Array.prototype, JSON, Reflect, Object]) {
        for (const name of Object.getOwnPropertyNames(holder)) {
          const descriptor = Object.getOwnPropertyDescriptor(holder, name);
          if (name === 'constructor' || typeof descriptor.value !== 'function' || !descriptor.configurable) continue;
          defineProperty(holder, name, { ...descriptor, value: spy(descriptor.value) });
        }
      }
      for (const name of ['result', 'arguments', 'reference', 'timeout', 'promise', 'copy'])
        defineProperty(Object.prototype, name, { configurable: true, get() { keep(this); return undefined } });
      module.exports = async () => {
        await new Promise((r) => setTimeout(r, 1));
        console.log('x', { a: 1 });
        crypto.randomUUID();
        const names = ['applyIgnored', 'applySync', 'getHeapStatisticsSync', 'derefInto', 'copySync', 'dispose', 'createContext'];
        const found = caught.filter((value) => value !== null && (typeof value === 'object' || typeof value === 'function') && names.some((name) => name in value));
        return new Response(caught.length > 50 ? String(found.length) : 'nothing was caught');
      }`;
    const { text, ending } = await invoke(sandbox, functionOf(code, { cpuTimeMs: 10_000, startUpCpuMs: 10_000 }));
    expect(ending.outcome).toEqual({ kind: 'ok' });
    expect(text).toBe('0');
  });
});

describe('a function that changes its realm', () => {
  test.each([
    ['Promise.prototype.then', 'Promise.prototype.then = () => {}'],
    ['array iteration', 'Array.prototype[Symbol.iterator] = function* () {}'],
    ['Object.prototype.toJSON', 'Object.prototype.toJSON = () => "changed"'],
    ['Symbol.species', 'Object.defineProperty(Promise, Symbol.species, { get() { throw 1 } })'],
    ['Promise.prototype.constructor', 'Object.defineProperty(Promise.prototype, "constructor", { get() { throw 1 } })'],
    ['Object.prototype setters', 'Object.defineProperty(Object.prototype, "status", { set() { throw 1 } })'],
    ['Function.prototype.apply', 'Function.prototype.apply = Function.prototype.call = () => { throw 1 }'],
    ['Date.now', 'Date.now = () => NaN'],
    ['String.prototype', 'for (const n of ["slice", "indexOf", "charCodeAt"]) String.prototype[n] = () => { throw 1 }'],
    ['Error', 'globalThis.Error = globalThis.TypeError = class {}'],
    ['Reflect', 'Reflect.apply = () => { throw 1 }'],
  ])('still ends within its limits: %s', async (_, change) => {
    await using sandbox = await testSandbox();
    const { ending } = await invoke(
      sandbox,
      functionOf(`${change}; ${handler('return new Response("x")')}`, { wallTimeMs: 2_000 }),
    );
    expect(['ok', 'exception', 'neverSettles', 'exceededWallTime']).toContain(ending.outcome.kind);
    expect(await evaluate(sandbox, 'return new Response("fine")')).toBe('fine');
  });
});

test('a function has its own variables and nobody else\u2019s', async () => {
  await using sandbox = await testSandbox();
  const read = handler('return Response.json(env)');
  const one = await invoke(sandbox, functionOf(read, {}, { env: { SECRET: 'one' } }));
  const two = await invoke(sandbox, functionOf(read, {}, { env: {} }));
  expect([one.text, two.text]).toEqual(['{"SECRET":"one"}', '{}']);
});
