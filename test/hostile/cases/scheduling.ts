/** Code that plays with time, order and the end of its own invocation. */
import { handlerCase, type HostileCase } from '../hostile-case.ts';

export const schedulingCases: readonly HostileCase[] = [
  handlerCase('scheduling: a promise that nothing settles', 'neverSettles', 'await new Promise(() => {})'),
  handlerCase('scheduling: a thenable that never calls back', 'neverSettles', 'return { then() {} }'),
  handlerCase(
    'scheduling: a cleared timer',
    'neverSettles',
    'await new Promise((r) => clearTimeout(setTimeout(r, 10)))',
  ),
  handlerCase(
    'scheduling: an aborted wait',
    'neverSettles',
    'const c = new AbortController(); c.abort(); await new Promise(() => {})',
  ),
  handlerCase('scheduling: a long timer', 'exceededWallTime', 'await new Promise((r) => setTimeout(r, 60_000))'),
  handlerCase(
    'scheduling: timers one after the other',
    'exceededWallTime',
    'for (;;) await new Promise((r) => setTimeout(r, 20))',
  ),
  handlerCase(
    'scheduling: an interval',
    ['exceededWallTime', 'exceededCpu'],
    'await new Promise(() => setInterval(() => {}, 10))',
  ),
  handlerCase(
    'scheduling: a hundred intervals',
    ['exceededWallTime', 'exceededCpu'],
    'await new Promise(() => { for (let i = 0; i < 100; i++) setInterval(() => {}, 1) })',
  ),
  handlerCase('scheduling: one timer too many', 'exception', 'for (let i = 0; i < 101; i++) setTimeout(() => {}, 1e6)'),
  handlerCase('scheduling: a timer of a year', 'ok', 'setTimeout(() => {}, 3e10); return new Response("x")', {
    text: 'x',
  }),
  handlerCase(
    'scheduling: delays that are none',
    'ok',
    'const all = [-1, NaN, Infinity, "x", {}, null].map((d) => new Promise((r) => setTimeout(r, d))); await Promise.all(all); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase('scheduling: a delay that loops', 'exceededCpu', 'setTimeout(() => {}, { valueOf() { for (;;); } })'),
  handlerCase(
    'scheduling: an error in a timer',
    'exception',
    'await new Promise(() => setTimeout(() => { throw new Error("x") }, 5))',
  ),
  handlerCase(
    'scheduling: an error in a timer after the answer',
    'ok',
    'ctx.waitUntil(new Promise((r) => setTimeout(r, 30))); setTimeout(() => { throw new Error("x") }, 5); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'scheduling: work after the answer that never ends',
    ['ok', 'neverSettles', 'exceededWallTime'],
    'ctx.waitUntil(new Promise(() => {})); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'scheduling: work after the answer that takes too long',
    ['exceededWallTime', 'ok'],
    'ctx.waitUntil(new Promise((r) => setTimeout(r, 60_000))); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'scheduling: waiting for thousands of promises',
    'ok',
    'await Promise.all(Array.from({ length: 5_000 }, async (_, i) => { await null; return i })); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'scheduling: waiting that is nested deeply',
    ['ok', 'exceededCpu', 'exception'],
    'const f = async (n) => n === 0 ? 0 : (await f(n - 1)) + 1; return new Response(String(await f(2_000)))',
  ),
  handlerCase(
    'scheduling: a promise that resolves to itself',
    ['exception', 'neverSettles'],
    'let r; const p = new Promise((x) => { r = x }); r(p); await p',
  ),
  handlerCase('scheduling: thenables in thenables', 'exceededCpu', 'const t = { then(r) { r(t) } }; await t'),
  handlerCase(
    'scheduling: an answer from a timer',
    'ok',
    'return new Promise((r) => setTimeout(() => r(new Response("x")), 20))',
    { text: 'x' },
  ),
  handlerCase(
    'scheduling: CPU time in small pieces',
    'exceededCpu',
    'for (;;) { const until = Date.now() + 15; while (Date.now() < until); await new Promise((r) => setTimeout(r, 1)) }',
  ),
];
