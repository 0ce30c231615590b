/** `AsyncLocalStorage` across awaits: bundles that import node:async_hooks have generators instead of async functions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost, type Host, type InvocationRecord } from '../../../src/index.ts';

const records: InvocationRecord[] = [];
let host: Host;
beforeAll(async () => {
  host = await createHost({ onInvocation: (record) => records.push(record) });
});
afterAll(() => host.close());

async function run(name: string, source: string): Promise<unknown> {
  await host.deploy({ name, source, nodeModules: ['node_modules'] });
  const response = await host.fetch(new Request(`http://localhost/${name}`));
  return response.headers.get('x-isohost-outcome') === 'ok' ? response.json() : records.at(-1)!.outcome;
}

const prelude = `import { AsyncLocalStorage } from 'node:async_hooks';
const als = new AsyncLocalStorage();
const tick = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Runs the steps for three stores at once, and answers what each has seen. */
const parallel = (steps) => Promise.all([1, 2, 3].map((id) => als.run(id, async () => { await tick(id % 3); return steps(); })));
`;

describe('the store of one of three parallel tasks is there', () => {
  test.each([
    ['after an await', 'await tick(1); return als.getStore()'],
    ['after an await of no promise', 'await null; return als.getStore()'],
    [
      'after several functions',
      'const f = async () => { await tick(1); return als.getStore() }; await f(); return f()',
    ],
    [
      'in an asynchronous iteration',
      'const out = new Set(); async function* g() { await tick(1); out.add(als.getStore()); yield 1; out.add(als.getStore()) } for await (const x of g()) { await tick(1); out.add(als.getStore()) } return [...out][0] * (out.size === 1 ? 1 : 100)',
    ],
    [
      'in catch and finally',
      'let a; try { await Promise.reject(new Error()) } catch { a = als.getStore() } finally { await tick(1); a += als.getStore() } return a / 2',
    ],
    ['after Promise.all', 'await Promise.all([tick(1), tick(2)]); return als.getStore()'],
    ['in a thenable that is awaited', 'return await { then: (resolve) => resolve(als.getStore()) }'],
    ['in a thenable that is returned', 'return (async () => ({ then: (resolve) => resolve(als.getStore()) }))()'],
    [
      'in await using',
      'let a; { await using d = { async [Symbol.asyncDispose]() { await tick(1); a = als.getStore() } }; await tick(1) } return a',
    ],
    ['in a microtask', 'return new Promise((r) => queueMicrotask(() => r(als.getStore())))'],
    [
      'in an interval',
      'return new Promise((r) => { const t = setInterval(() => { clearInterval(t); r(als.getStore()) }, 1) })',
    ],
    ['after the body of a response', 'await new Response("x").text(); return als.getStore()'],
    [
      'after the end of a stream',
      'for await (const c of new Blob(["x"]).stream()) await tick(1); return als.getStore()',
    ],
    ['after a digest', 'await crypto.subtle.digest("SHA-1", new Uint8Array(1)); return als.getStore()'],
    [
      'in an async method of a class',
      'class A { async m() { await tick(1); return als.getStore() } } return new A().m()',
    ],
  ])('%s', async (name, steps) => {
    const source = `${prelude} export default async () => Response.json([await parallel(async () => {${steps}}), als.getStore() ?? null]);`;
    expect(await run(name.replaceAll(/\W/g, '-'), source)).toEqual([[1, 2, 3], null]);
  });
});

test('enterWith lasts for the task and no longer', async () => {
  const source = `${prelude} export default async () => {
    const task = async (id) => { await tick(1); als.enterWith(id); await tick(4 - id); return als.getStore(); };
    return Response.json([await Promise.all([1, 2, 3].map(task)), als.getStore() ?? null]);
  };`;
  expect(await run('enter', source)).toEqual([[1, 2, 3], null]);
});

test('top-level await goes on working', async () => {
  const source = `${prelude} await tick(1); const store = await als.run(5, async () => { await tick(1); return als.getStore() }); export default () => Response.json(store);`;
  expect(await run('top-level', source)).toBe(5);
});

test('an error has its place in the source', async () => {
  const source = `${prelude}\nexport default async () => {\n  await tick(1);\n  throw new RangeError('here');\n};`;
  expect(await run('failing', source)).toMatchObject({
    kind: 'exception',
    error: { name: 'RangeError', stack: expect.stringMatching(/^\s+at failing\.ts:9:9\n/) as string },
  });
});

test('who does not import the module has async functions as they are, and no global is added', async () => {
  const source = (line: string): string =>
    `${line} const f = async () => {}; export default () => Response.json([f.constructor === Function, typeof __async]);`;
  expect(await run('native', source(''))).toEqual([false, 'undefined']);
  expect(await run('lowered', source("import 'node:async_hooks';"))).toEqual([true, 'undefined']);
});

test("Hono's context storage", async () => {
  const source = `import { Hono } from 'hono'; import { contextStorage, getContext } from 'hono/context-storage';
    const app = new Hono(); app.use(contextStorage());
    const later = async () => { await new Promise((r) => setTimeout(r, 1)); return getContext().req.path; };
    app.get('*', async (c) => c.json([await later()])); export default app;`;
  expect(await run('hono', source)).toEqual(['/hono']);
});

test('a promise that adopts a thenable keeps the context', async () => {
  const source = `import { AsyncLocalStorage } from 'node:async_hooks'; const als = new AsyncLocalStorage();
    const thenable = { then(done) { done(als.getStore() ?? 'lost'); } };
    export default async () => Response.json([
      await als.run(1, () => new Promise((resolve) => resolve(thenable))),
      await als.run(2, async () => await thenable),
      await new Promise((resolve) => resolve(5)),
      await new Promise(() => { throw new Error('x'); }).catch((e) => e.message),
      new (class extends Promise {})(() => {}) instanceof Promise,
      (() => { const p = (async () => {})(); return Promise.resolve(p) === p; })(),
    ]);`;
  expect(await run('adopting', source)).toEqual([1, 2, 5, 'x', true, true]);
});
