/** Code that leaves something behind for the next call, or looks for what another has left. */
import { handlerCase, type HostileCase, moduleCase } from '../hostile-case.ts';

/** Called twice: the second call must find what the first did. */
const twice = (name: string, code: string, text: string): HostileCase =>
  moduleCase(`leak: ${name}`, 'ok', code, { text, calls: 2 });

export const leakCases: readonly HostileCase[] = [
  twice(
    'a global',
    'globalThis.n = (globalThis.n ?? 0) + 1; module.exports = async () => new Response(String(globalThis.n))',
    '1',
  ),
  twice('a variable of the module', 'let n = 0; module.exports = async () => new Response(String(++n))', '1'),
  twice(
    'a changed prototype',
    'module.exports = async () => { const r = String([].mine); Array.prototype.mine = 1; return new Response(r) }',
    'undefined',
  ),
  twice(
    'a changed built-in',
    'module.exports = async () => { const r = String(JSON.mine); JSON.mine = 1; return new Response(r) }',
    'undefined',
  ),
  twice(
    'a changed part of the runtime',
    'module.exports = async () => { const r = String(Response.mine); Response.mine = 1; Headers.prototype.get = () => "x"; return new Response(r) }',
    'undefined',
  ),
  twice(
    'a symbol of the registry',
    'module.exports = async () => { const s = Symbol.for("x"); const r = String(globalThis[s]); globalThis[s] = 1; return new Response(r) }',
    'undefined',
  ),
  twice(
    'a frozen global',
    'module.exports = async () => { globalThis.x = Object.isFrozen(Array.prototype); Object.freeze(Array.prototype); return new Response(String(globalThis.x)) }',
    'false',
  ),
  twice('a timer', 'let n = 0; setInterval(() => n++, 1); module.exports = async () => new Response(String(n))', '0'),
  twice(
    'a variable of env',
    'module.exports = async (_, env) => { const r = JSON.stringify(env); env.x = 1; return new Response(r) }',
    '{}',
  ),
  twice('a counter of console', 'module.exports = async () => { console.count("a"); return new Response("x") }', 'x'),
  twice(
    'an event listener',
    'const t = new EventTarget(); module.exports = async () => { let n = 0; t.addEventListener("a", () => n++); t.dispatchEvent(new Event("a")); return new Response(String(n)) }',
    '1',
  ),
  handlerCase(
    'leak: memory that is not cleared',
    'ok',
    'const b = new Uint8Array(2e6); return new Response(String(b.every((x) => x === 0)))',
    { text: 'true', calls: 2 },
  ),
  handlerCase(
    'leak: buffers of random bytes',
    'ok',
    'const b = crypto.getRandomValues(new Uint8Array(16)); return new Response(String(b.buffer.byteLength))',
    { text: '16' },
  ),
  handlerCase(
    'leak: promises that stay pending',
    'ok',
    'for (let i = 0; i < 1000; i++) new Promise(() => {}); return new Response("x")',
    { text: 'x', calls: 3 },
  ),
  handlerCase(
    'leak: rejections that nobody handles',
    'ok',
    'for (let i = 0; i < 1000; i++) Promise.reject(new Error(String(i))); return new Response("x")',
    { text: 'x', calls: 3 },
  ),
  handlerCase(
    'leak: a storm of rejections that nobody handles',
    ['ok', 'exceededCpu', 'exceededMemory'],
    'for (let i = 0; i < 1e5; i++) Promise.reject(i); return new Response("x")',
  ),
  handlerCase(
    'leak: finalizers',
    ['ok', 'exceededMemory', 'exceededCpu'],
    'const f = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 1e4; i++) f.register({}, i); return new Response("x")',
  ),
  handlerCase(
    'leak: a finalizer that runs while others do',
    ['ok', 'exception', 'exceededMemory', 'exceededCpu', 'exceededWallTime'],
    'const f = new FinalizationRegistry(() => { throw new Error("x") }); for (let i = 0; i < 1e4; i++) f.register(new Array(100), i); await new Promise((r) => setTimeout(r, 50)); return new Response("x")',
  ),
  handlerCase(
    'leak: a rejected proxy whose traps loop',
    'ok',
    'Promise.reject(new Proxy(new Error(), { get() { for (;;); } })); return new Response("x")',
    { text: 'x' },
  ),
];
