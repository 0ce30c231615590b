/** Code that answers and logs too much, or what could forge something. */
import { handlerCase, hostileLimits, type HostileCase } from '../hostile-case.ts';

const { responseBodyBytes } = hostileLimits;

export const outputCases: readonly HostileCase[] = [
  handlerCase('output: a response of exactly the limit', 'ok', `return new Response("x".repeat(${responseBodyBytes}))`),
  handlerCase(
    'output: a response over the limit',
    'exceededResponse',
    `return new Response("x".repeat(${responseBodyBytes + 1}))`,
  ),
  handlerCase(
    'output: a response that is over the limit as bytes',
    'exceededResponse',
    `return new Response("\\u00fc".repeat(${responseBodyBytes / 2 + 1}))`,
  ),
  handlerCase(
    'output: a response of a quarter of a gigabyte',
    ['exceededResponse', 'exceededMemory', 'exception', 'exceededCpu'],
    'return new Response("x".repeat(2 ** 28))',
  ),
  handlerCase(
    'output: bytes over the limit',
    'exceededResponse',
    `return new Response(new Uint8Array(${responseBodyBytes + 1}))`,
  ),
  handlerCase(
    'output: a stream without end',
    ['canceled', 'exceededCpu', 'exceededWallTime'],
    'return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65_536)) } }))',
  ),
  handlerCase(
    'output: a piece of a stream that is enormous',
    ['ok', 'canceled', 'exception', 'exceededMemory', 'exceededCpu'],
    'return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(2e7)); c.close() } }))',
  ),
  handlerCase(
    'output: a stream that begins and never ends',
    ['neverSettles', 'exceededWallTime', 'canceled'],
    'return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(5)) } }))',
  ),
  handlerCase(
    'output: a stream that is slow',
    ['exceededWallTime', 'canceled'],
    'return new Response(new ReadableStream({ async pull(c) { await new Promise((r) => setTimeout(r, 400)); c.enqueue(new Uint8Array(1)) } }))',
  ),
  handlerCase(
    'output: a body where there can be none',
    ['ok', 'exception'],
    'return new Response("x", { status: 204 })',
  ),
  handlerCase('output: a redirect to somewhere else', 'ok', 'return Response.redirect("https://example.org/", 302)'),
  handlerCase(
    'output: a page with a script',
    'ok',
    'return new Response("<script>alert(1)</script>", { headers: { "content-type": "text/html" } })',
    { text: '<script>alert(1)</script>' },
  ),
  handlerCase(
    'log: lines without end',
    'ok',
    'for (let i = 0; i < 5000; i++) console.log(i); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'log: lines that are too long',
    'ok',
    'for (let i = 0; i < 50; i++) console.log("x".repeat(2 ** 20) + i); return new Response("x")',
    { text: 'x', memoryMiB: 128 },
  ),
  handlerCase(
    'log: one line that is enormous',
    ['ok', 'exceededMemory', 'exception'],
    'console.log("x".repeat(2 ** 28)); return new Response("x")',
  ),
  handlerCase(
    'log: values that are deep',
    'ok',
    'let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; console.log(a); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'log: values that are wide',
    ['ok', 'exceededCpu'],
    'console.log(Array.from({ length: 1e5 }, (_, i) => i), Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [i, i]))); return new Response("x")',
  ),
  handlerCase(
    'log: values that contain themselves',
    'ok',
    'const a = []; a.push(a, { a }); console.log(a); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'log: getters that throw',
    'ok',
    'console.log({ get a() { throw new Error("x") } }, new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'log: a table without end',
    ['ok', 'exceededCpu', 'exceededMemory'],
    'console.table(Array.from({ length: 1e5 }, (_, i) => ({ i }))); return new Response("x")',
  ),
  handlerCase(
    'log: characters that steer terminals',
    'ok',
    'console.log("\\u001b[2J\\u001b]0;x\\u0007\\r\\nGET /fake 200\\u202e"); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'log: groups without end',
    'ok',
    'for (let i = 0; i < 1e4; i++) console.group(); console.log("a\\nb"); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'log: counters and timers without end',
    ['ok', 'exceededMemory', 'exceededCpu'],
    'for (let i = 0; i < 1e5; i++) { console.count(i); console.time(i) } return new Response("x")',
  ),
  handlerCase(
    'log: lines after the answer',
    'ok',
    'ctx.waitUntil(new Promise((r) => setTimeout(() => { console.log("late"); r() }, 20))); return new Response("x")',
    { text: 'x' },
  ),
];
