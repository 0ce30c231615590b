/** Code that takes all the memory that it can get. */
import { handlerCase, type HostileCase, type HostileOutcome } from '../hostile-case.ts';

const hoard = (name: string, body: string, options: Parameters<typeof handlerCase>[3] = {}): HostileCase =>
  // Collecting garbage in a full heap may take the rest of the CPU time.
  handlerCase(`memory: ${name}`, ['exceededMemory', 'exceededCpu'], body, options);

/** What has a limit of its own in the engine is an error that the function can catch. */
const refused: readonly HostileOutcome[] = ['exception', 'exceededMemory', 'exceededCpu'];

export const memoryCases: readonly HostileCase[] = [
  hoard('arrays (needs the engine flag)', 'const a = []; for (;;) a.push(new Array(1000))'),
  hoard('objects', 'const a = []; for (;;) a.push({})'),
  hoard('strings', 'const a = []; for (;;) a.push("x".repeat(1e6) + a.length)'),
  hoard(
    'long strings that are flat',
    'const a = []; for (;;) { const s = "x".repeat(1e6) + a.length; s.charCodeAt(5); a.push(s) }',
  ),
  hoard('a map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, {})'),
  hoard('a set', 'const m = new Set(); for (let i = 0; ; i++) m.add({ i })'),
  hoard('closures', 'const a = []; for (;;) { const b = new Array(100).fill(a.length); a.push(() => b) }'),
  hoard('a growing array', 'const a = []; for (;;) a.push(a.length, a.length, a.length)'),
  hoard('a linked list', 'let l; for (;;) l = { l }'),
  hoard('promises', 'const a = []; for (;;) a.push(new Promise(() => {}))'),
  hoard('errors with stacks', 'const a = []; for (;;) a.push(new Error("x"))'),
  hoard('symbols', 'const a = []; for (;;) a.push(Symbol("x".repeat(1000) + a.length))'),
  hoard(
    'generators',
    'const a = []; function* g() { yield new Array(100) } for (;;) { const i = g(); i.next(); a.push(i) }',
  ),
  hoard(
    'regular expressions',
    'const a = []; for (let i = 0; ; i++) { const r = new RegExp("a" + i); r.test("a"); a.push(r) }',
  ),
  hoard('dates', 'const a = []; for (;;) a.push(new Date())'),
  hoard('weak references', 'const a = []; for (;;) a.push(new WeakRef({}), {})'),
  hoard('proxies', 'const a = []; for (;;) a.push(new Proxy({}, {}))'),
  hoard('properties', 'const o = {}; for (let i = 0; ; i++) o["p" + i] = i'),
  hoard('functions', 'const a = []; for (;;) a.push(function () { return a })'),
  hoard('clones', 'const a = []; for (;;) a.push(structuredClone({ a: new Array(100).fill(1) }))'),
  hoard('events', 'const t = new EventTarget(); for (;;) t.addEventListener("x", () => {})'),
  hoard(
    'chunks of a stream that nobody reads',
    'let c; new ReadableStream({ start(x) { c = x } }); for (;;) c.enqueue(new Array(100))',
  ),
  hoard(
    'search parameters',
    'const p = new URLSearchParams(); for (let i = 0; ; i++) p.append("k" + i, "v".repeat(100))',
  ),
  hoard('microtasks', 'for (;;) Promise.resolve().then(() => {})'),
  hoard(
    'timers that hold much',
    'const a = []; for (;;) { const b = new Array(1e4); const t = setTimeout(() => b, 1e6); clearTimeout(t); a.push(b) }',
  ),
  hoard('BigInts', 'const a = []; for (;;) a.push(2n ** 100_000n + BigInt(a.length))'),
  handlerCase('memory: buffers', refused, 'const a = []; for (;;) a.push(new Uint8Array(1e6))'),
  handlerCase('memory: many small buffers', refused, 'const a = []; for (;;) a.push(new Uint8Array(1000))'),
  handlerCase(
    'memory: one enormous buffer',
    'exception',
    'return new Response(String(new Uint8Array(2 ** 33).length))',
  ),
  handlerCase(
    'memory: resizable buffers',
    refused,
    'const a = []; for (;;) { const b = new ArrayBuffer(1e6, { maxByteLength: 1e7 }); new Uint8Array(b).fill(1); a.push(b) }',
  ),
  handlerCase(
    'memory: resizing a buffer',
    refused,
    'const a = []; for (;;) { const b = new ArrayBuffer(1, { maxByteLength: 1e8 }); b.resize(1e8); new Uint8Array(b).fill(1); a.push(b) }',
  ),
  handlerCase(
    'memory: buffers of a subclass',
    refused,
    'class B extends ArrayBuffer {} const a = []; for (;;) { const b = new B(1e6, { maxByteLength: 1e7 }); new Uint8Array(b).fill(1); a.push(b) }',
  ),
  handlerCase(
    'memory: buffers by the constructor of their prototype',
    refused,
    'const A = new Uint8Array(1).buffer.constructor; const a = []; for (;;) { const b = new A(1e6, { maxByteLength: 1e7 }); new Uint8Array(b).fill(1); a.push(b) }',
  ),
  handlerCase(
    'memory: transferred buffers',
    refused,
    'const a = []; for (;;) { let b = new ArrayBuffer(1e6); b = b.transfer(2e6); new Uint8Array(b).fill(1); a.push(b) }',
  ),
  handlerCase(
    'memory: buffers of WebAssembly',
    ['exception', 'exceededMemory', 'exceededCpu', 'crashed'],
    'const a = []; for (;;) { const m = new WebAssembly.Memory({ initial: 1000, maximum: 1000 }); new Uint8Array(m.buffer).fill(1); a.push(m) }',
  ),
  handlerCase(
    'memory: a module of WebAssembly that grows its memory',
    ['exception', 'exceededMemory', 'exceededCpu', 'crashed'],
    'const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,5,3,1,0,1,7,8,1,4,103,114,111,119,0,0,10,9,1,7,0,65,232,7,64,0,11]); const a = []; for (;;) { const i = new WebAssembly.Instance(new WebAssembly.Module(bytes)); while (i.exports.grow() !== -1); a.push(i) }',
  ),
  handlerCase(
    'memory: shared buffers',
    ['exception', 'exceededMemory', 'exceededCpu'],
    'const a = []; for (;;) { const b = new SharedArrayBuffer(1e6, { maxByteLength: 1e7 }); new Uint8Array(b).fill(1); a.push(b) }',
  ),
  handlerCase('memory: a string that doubles', refused, 'let s = "x"; for (;;) s += s'),
  handlerCase(
    'memory: text that grows when it is replaced',
    refused,
    'let s = "ab"; for (;;) s = s.replaceAll("a", "aab")',
  ),
  handlerCase('memory: padding', refused, 'return new Response("x".padEnd(2 ** 29))'),
  handlerCase('memory: joining', refused, 'return new Response(new Array(2 ** 25).join("xxxxxxxx"))'),
  handlerCase(
    'memory: an enormous JSON text',
    refused,
    'return new Response(JSON.stringify({ a: "\\u0000".repeat(2 ** 26) }))',
  ),
  handlerCase(
    'memory: too many arguments',
    ['exception', 'exceededCpu'],
    'return new Response(String(Math.max(...new Array(1e7).fill(0))))',
    { memoryMiB: 256 },
  ),
  handlerCase('memory: endless recursion', 'exception', 'const f = () => f() + 1; f()'),
  handlerCase('memory: endless recursion in a getter', 'exception', 'const o = { get a() { return this.a } }; o.a'),
  handlerCase(
    'memory: endless recursion of toString',
    'exception',
    'const o = { toString() { return `${this}` } }; String(o)',
  ),
  handlerCase(
    'memory: endless recursion that catches itself',
    ['exceededCpu', 'ok', 'exception'],
    'const f = () => { try { f() } catch { f() } }; f(); return new Response("x")',
  ),
  handlerCase(
    'memory: deeply nested JSON',
    ['exception', 'ok', 'exceededMemory', 'exceededCpu'],
    'return new Response(String(JSON.parse("[".repeat(5e5) + "]".repeat(5e5)).length))',
  ),
  handlerCase(
    'memory: deeply nested values to clone',
    ['exception', 'ok', 'exceededCpu', 'exceededMemory'],
    'let a = []; for (let i = 0; i < 2e5; i++) a = [a]; structuredClone(a); return new Response("x")',
  ),
  handlerCase(
    'memory: a deep prototype chain',
    ['ok', 'exceededCpu', 'exceededMemory', 'exception'],
    'let o = {}; for (let i = 0; i < 1e6; i++) o = Object.create(o); return new Response(String(o.x))',
  ),
  handlerCase(
    'memory: a deep chain of bound functions',
    ['exception', 'ok', 'exceededMemory', 'exceededCpu'],
    'let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); return new Response(String(f()))',
  ),
  handlerCase(
    'memory: text decoded again and again',
    refused,
    'const a = []; const b = new Uint8Array(1e6).fill(120); for (;;) a.push(new TextDecoder().decode(b))',
  ),
  handlerCase(
    'memory: a body that is cloned and read as bytes',
    refused,
    'const a = []; for (;;) a.push(await request.clone().arrayBuffer())',
    { method: 'POST', bodyBytes: 900_000 },
  ),
  handlerCase(
    'memory: a body that does not fit',
    ['exceededMemory', 'exceededCpu', 'exception'],
    'const t = "x".repeat(28e6); t.charCodeAt(1); return new Response((await request.text()) + t.length)',
    { method: 'POST', bodyBytes: 4_000_000 },
  ),
];
