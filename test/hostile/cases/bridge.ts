/** Code that tries to say to the host what the runtime would never say, or says it too often. */
import { handlerCase, type HostileCase, moduleCase } from '../hostile-case.ts';

const invalid = (name: string, body: string): HostileCase => handlerCase(`bridge: ${name}`, 'exception', body);

export const bridgeCases: readonly HostileCase[] = [
  invalid('an answer that is a string', 'return "x"'),
  invalid(
    'an answer that looks like a response',
    'return { status: 200, headers: new Headers(), body: null, text: async () => "x" }',
  ),
  invalid('an answer with the prototype of a response', 'return Object.create(Response.prototype)'),
  invalid('a proxy of a response', 'return new Proxy(new Response("x"), {})'),
  invalid('a status that is too large', 'return new Response("", { status: 600 })'),
  invalid('a status that is no number', 'return new Response("", { status: NaN })'),
  invalid('a status of interim responses', 'return new Response("", { status: 101 })'),
  invalid('a header with a line break', 'return new Response("", { headers: { a: "b\\r\\nset-cookie: x=1" } })'),
  invalid('a header name with a line break', 'return new Response("", { headers: { "a\\r\\nb": "c" } })'),
  invalid('a header beyond Latin-1', 'return new Response("", { headers: { a: "\\u20ac" } })'),
  invalid('a header with a null character', 'return new Response("", { headers: { a: "b\\0c" } })'),
  invalid(
    'more header lines than there may be',
    'const h = new Headers(); for (let i = 0; i < 3000; i++) h.append("set-cookie", "a=" + i); return new Response("", { headers: h })',
  ),
  invalid('headers that are too large', 'return new Response("", { headers: { a: "x".repeat(100_000) } })'),
  invalid('a body that was read already', 'const r = new Response("x"); await r.text(); return r'),
  invalid('a body that is locked', 'const r = new Response("x"); r.body.getReader(); return r'),
  invalid('a stream of strings', 'return new Response(new ReadableStream({ start(c) { c.enqueue("x"); c.close() } }))'),
  invalid(
    'a stream of views that are none',
    'return new Response(new ReadableStream({ start(c) { c.enqueue({ length: 5, buffer: new ArrayBuffer(5) }); c.close() } }))',
  ),
  handlerCase(
    'bridge: lies about the length of the body',
    'ok',
    'return new Response("hello", { headers: { "content-length": "2", "transfer-encoding": "chunked", connection: "close" } })',
    { text: 'hello' },
  ),
  handlerCase(
    'bridge: names of the host’s own headers',
    'ok',
    'return new Response("x", { headers: { "x-isohost-outcome": "fake", "x-isohost-id": "fake" } })',
    { text: 'x' },
  ),
  handlerCase(
    'bridge: a small view of a big buffer',
    'ok',
    'return new Response(new Uint8Array(1e6).fill(120).subarray(5, 10))',
    { text: 'xxxxx' },
  ),
  handlerCase(
    'bridge: a stream of small views of a big buffer',
    'ok',
    'const b = new Uint8Array(1e6).fill(120); let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ === 5) c.close(); else c.enqueue(b.subarray(n, n + 1)) } }))',
    { text: 'xxxxx' },
  ),
  handlerCase(
    'bridge: a body that changes after the answer',
    'ok',
    'const b = new Uint8Array(5).fill(120); const r = new Response(b); b.fill(121); return r',
    { text: 'xxxxx' },
  ),
  handlerCase(
    'bridge: a subclass of Uint8Array that lies',
    ['ok', 'exception'],
    'class L extends Uint8Array { get length() { return 2 ** 40 } get byteLength() { return 2 ** 40 } } return new Response(new L(5).fill(120))',
  ),
  handlerCase(
    'bridge: a subclass of Uint8Array that lies, in a stream',
    ['ok', 'exception'],
    'class L extends Uint8Array { get length() { return 2 ** 40 } get byteLength() { return 2 ** 40 } } return new Response(new ReadableStream({ start(c) { c.enqueue(new L(5).fill(120)); c.close() } }))',
  ),
  handlerCase(
    'bridge: single bytes without end',
    ['canceled', 'exceededCpu', 'exceededWallTime'],
    'return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1)) } }))',
  ),
  handlerCase(
    'bridge: empty pieces without end',
    ['canceled', 'exceededCpu', 'exceededWallTime'],
    'return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(0)) } }))',
  ),
  handlerCase(
    'bridge: two hundred thousand pieces at once',
    ['ok', 'exceededCpu', 'exceededMemory', 'canceled'],
    'return new Response(new ReadableStream({ start(c) { for (let i = 0; i < 200_000; i++) c.enqueue(new Uint8Array(1)); c.close() } }))',
  ),
  handlerCase(
    'bridge: a stream that fails after its head',
    'exception',
    'let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ === 2) throw new Error("x"); c.enqueue(new Uint8Array(10)) } }))',
  ),
  handlerCase(
    'bridge: answers again and again',
    'ok',
    'const p = Promise.resolve(new Response("x")); p.then(() => new Response("y")); return p',
    { text: 'x' },
  ),
  handlerCase(
    'bridge: requests for bodies that are not there',
    'ok',
    'const all = []; for (let i = 0; i < 2000; i++) { try { all.push(request.clone().text()) } catch {} } await Promise.allSettled(all); return new Response("x")',
    { text: 'x' },
  ),
  handlerCase(
    'bridge: a body that is asked for again and again',
    'ok',
    'const all = []; for (let i = 0; i < 500; i++) all.push(request.clone().text()); await Promise.all(all); return new Response("x")',
    { text: 'x', method: 'POST', bodyBytes: 900_000 },
  ),
  handlerCase('bridge: more random bytes than there are', 'exception', 'crypto.getRandomValues(new Uint8Array(65537))'),
  handlerCase(
    'bridge: random bytes into a view that lies',
    ['ok', 'exception'],
    'class L extends Uint8Array { get byteLength() { return 2 ** 40 } } crypto.getRandomValues(new L(5)); return new Response("x")',
  ),
  handlerCase('bridge: a domain of a million characters', 'exception', 'new URL("http://" + "\\u00fc".repeat(1e6))'),
  moduleCase(
    'bridge: settings that change',
    'ok',
    'Object.defineProperty(Object.prototype, "timers", { get: () => 1e9 }); module.exports = async () => { let n = 0; try { for (;;) { setTimeout(() => {}, 1e6); n++ } } catch {} return new Response(String(n)) }',
    { text: '100' },
  ),
  moduleCase(
    'bridge: a clock that is turned back',
    ['exceededWallTime', 'exceededCpu'],
    'Date.now = () => 0; module.exports = async () => { for (;;) await new Promise((r) => setTimeout(r, 50)) }',
  ),
  moduleCase(
    'bridge: frames written by hand',
    'ok',
    'const fake = "1,2,3;abc"; module.exports = async () => new Response(fake, { headers: { a: fake, b: "4;x" } })',
    { text: '1,2,3;abc' },
  ),
];
