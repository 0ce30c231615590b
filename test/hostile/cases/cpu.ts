/** Code that does not end by itself. */
import { handlerCase, type HostileCase } from '../hostile-case.ts';

const ends = (name: string, body: string, options: Parameters<typeof handlerCase>[3] = {}): HostileCase =>
  handlerCase(`cpu: ${name}`, 'exceededCpu', body, options);

/** Would not be interruptible either, but the guest runtime refuses it. */
const refused = (name: string, body: string): HostileCase => handlerCase(`cpu: ${name}`, 'exception', body);

/** V8 does not look up from these before they are done, which would take years: their cell has to go. */
const uninterruptible = (name: string, body: string): HostileCase => ends(name, body, { inline: false });

const arrayLike = '{ length: 2 ** 53 - 1 }';

export const cpuCases: readonly HostileCase[] = [
  ends('a loop', 'for (;;);'),
  ends('a loop after an await', 'await null; for (;;);'),
  ends('a loop in a timer', 'await new Promise(() => setTimeout(() => { for (;;); }, 5))'),
  ends('a loop that catches everything', 'for (;;) { try { for (;;); } catch {} finally { continue } }'),
  ends('a loop in a finally', 'try { throw 1 } finally { for (;;); }'),
  ends('labels and continue', 'a: for (;;) { b: for (;;) { continue a } }'),
  ends(
    'microtasks without end',
    'const again = () => { Promise.resolve().then(again) }; again(); await new Promise(() => {})',
  ),
  ends(
    'queued microtasks without end',
    'const again = () => queueMicrotask(again); again(); await new Promise(() => {})',
  ),
  ends('an async function that awaits for ever', 'for (;;) await null'),
  ends('an async generator without end', 'async function* g() { for (;;) yield 1 } for await (const _ of g());'),
  ends('a generator without end', 'function* g() { for (;;) yield 1 } for (const _ of g());'),
  ends(
    'recursion that branches',
    'const f = (n) => n < 2 ? n : f(n - 1) + f(n - 2); return new Response(String(f(60)))',
  ),
  ends('catastrophic backtracking', 'return new Response(String(/(a+)+$/.test("a".repeat(40) + "b")))'),
  ends('catastrophic backtracking in replace', 'return new Response(("a".repeat(40) + "b").replace(/(a|aa)+$/g, ""))'),
  ends('a getter named then', 'return { get then() { for (;;); } }'),
  ends('a message that is a getter', 'throw { get message() { for (;;); } }'),
  ends('an error whose name is a getter', 'throw new (class extends Error { get name() { for (;;); } })()'),
  ends('a proxy of an error', 'throw new Proxy(new Error(), { get() { for (;;); } })'),
  ends('prepareStackTrace', 'Error.prepareStackTrace = () => { for (;;); }; throw new Error("x")'),
  ends('toString of a header', 'return new Response("", { headers: { a: { toString() { for (;;); } } } })'),
  ends('valueOf of a status', 'return new Response("", { status: { valueOf() { for (;;); } } })'),
  ends('toPrimitive of a body', 'return new Response({ [Symbol.toPrimitive]() { for (;;); } })'),
  ends('toJSON of an answer', 'return Response.json({ toJSON() { for (;;); } })'),
  ends('a proxy given to console.log', 'console.log(new Proxy({}, { ownKeys() { for (;;); } }))'),
  ends('toStringTag given to console.log', 'console.log({ get [Symbol.toStringTag]() { for (;;); } }); for (;;);'),
  ends('a comparator', '[3, 2, 1].sort(() => { for (;;); })'),
  ends('a reviver', 'JSON.parse("[1]", () => { for (;;); })'),
  ends('a replacer', 'JSON.stringify([1], () => { for (;;); })'),
  ends(
    'an iterator given to Set',
    'new Set({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) })',
  ),
  ends(
    'an iterator given to Array.from',
    'Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }, () => 0).length',
  ),
  ends(
    'an iterator that is spread into a call',
    'Math.max(...{ [Symbol.iterator]: () => ({ next() { for (;;); } }) })',
  ),
  ends('traps of a proxy as a prototype', 'const p = Object.create(new Proxy({}, { has() { for (;;); } })); "x" in p'),
  ends('a loop that builds arrays (needs the engine flag)', 'let x; for (;;) x = new Array(1000).fill({})'),
  ends(
    'a loop that builds arrays in a constructor (needs the engine flag)',
    'class A { constructor() { this.a = new Array(500) } } for (;;) new A()',
  ),
  ends('a loop of typed arrays', 'for (;;) new Float64Array(100)'),
  ends('a loop of exceptions', 'for (;;) { try { null.x } catch {} }'),
  ends('a loop of URLs', 'for (let i = 0; ; i++) new URL("http://h/" + i)'),
  ends('a loop of host calls for domains', 'for (let i = 0; ; i++) { try { new URL("http://\\u00fc" + i) } catch {} }'),
  ends(
    'a loop of host calls for random bytes',
    'for (;;) { try { crypto.getRandomValues(new Uint8Array(65536)) } catch {} }',
  ),
  ends('a loop of text encoding', 'for (;;) new TextEncoder().encode("x".repeat(1000))'),
  ends('a loop of clones', 'for (;;) structuredClone({ a: [1, 2, 3] })'),
  ends('a loop of base64', 'for (;;) atob(btoa("x".repeat(1000)))'),
  ends('a loop of log lines', 'for (;;) console.log("x")'),
  ends(
    'a loop of events',
    'const t = new EventTarget(); t.addEventListener("a", () => t.dispatchEvent(new Event("b"))); for (;;) t.dispatchEvent(new Event("a"))',
  ),
  ends('a stream whose source loops', 'return new Response(new ReadableStream({ pull() { for (;;); } }))'),
  ends(
    'a stream that reads itself',
    'const { readable, writable } = new TransformStream(); const w = writable.getWriter(); const r = readable.getReader(); for (;;) { w.write(1); await r.read() }',
  ),
  ends('fibonacci of BigInts', 'let a = 1n, b = 1n; for (;;) [a, b] = [b, a + b]'),
  ends('dates', 'for (;;) new Date(2020, 1, 1).toString()'),
  ends('regular expressions made anew', 'for (let i = 0; ; i++) new RegExp("a{" + (i % 1000) + "}").test("a")'),
  ends('symbols as keys', 'const o = {}; for (let i = 0; ; i++) { o[Symbol.for(String(i % 100))] = i }'),
  ends('sorting again and again', 'for (;;) Array.from({ length: 1000 }, (_, i) => -i).sort((a, b) => a - b)'),
  handlerCase(
    'cpu: work after the answer',
    'exceededCpu',
    'ctx.waitUntil((async () => { await null; for (;;); })()); return new Response("x")',
    { text: 'x' },
  ),
  ends(
    'getters that call each other',
    'const o = { get a() { try { return this.b } catch { return this.a } }, get b() { return this.a } }; for (;;) { try { o.a } catch {} }',
  ),
  handlerCase(
    'cpu: a JSON text of 2^40 nodes',
    ['exceededCpu', 'exception', 'exceededMemory'],
    'let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return new Response(JSON.stringify(a))',
    { inline: false },
  ),
  uninterruptible('includes of a huge array-like', `Array.prototype.includes.call(${arrayLike}, 1)`),
  uninterruptible('indexOf of a huge array-like', `Array.prototype.indexOf.call(${arrayLike}, 1)`),
  refused('lastIndexOf of a huge array-like', `Array.prototype.lastIndexOf.call(${arrayLike}, 1)`),
  uninterruptible('forEach of a huge array-like', `Array.prototype.forEach.call(${arrayLike}, () => {})`),
  uninterruptible('every of a huge array-like', `Array.prototype.every.call(${arrayLike}, () => true)`),
  uninterruptible('some of a huge array-like', `Array.prototype.some.call(${arrayLike}, () => false)`),
  uninterruptible('filter of a huge array-like', `Array.prototype.filter.call(${arrayLike}, () => true)`),
  uninterruptible('reduce of a huge array-like', `Array.prototype.reduce.call(${arrayLike}, () => 0, 0)`),
  refused('reverse of a huge array-like', `Array.prototype.reverse.call(${arrayLike})`),
  refused('copyWithin of a huge array-like', `Array.prototype.copyWithin.call(${arrayLike}, 0, 1)`),
  refused('splice of a huge array-like', `Array.prototype.splice.call(${arrayLike}, 0, 1)`),
  refused('unshift of a huge array-like', `Array.prototype.unshift.call({ length: 2 ** 53 - 3 }, 1)`),
  refused('flat of a huge array-like', `Array.prototype.flat.call(${arrayLike})`),
  uninterruptible('a sparse array', 'const a = []; a.length = 2 ** 32 - 1; a[5] = 1; for (;;) a.indexOf(2)'),
  handlerCase(
    'cpu: a BigInt to an absurd power',
    ['exceededCpu', 'exception', 'crashed'],
    'return new Response(String((2n ** 30_000_000n) ** 30n))',
    { inline: false },
  ),
  handlerCase(
    'cpu: printing a huge BigInt',
    ['exceededCpu', 'exception', 'exceededMemory', 'crashed'],
    'let a = 3n ** 20_000_000n; return new Response(String(a).slice(0, 9))',
    { inline: false },
  ),
  handlerCase(
    'cpu: collation of long strings',
    ['exceededCpu', 'exceededMemory', 'exception', 'ok', 'crashed'],
    'const a = "\\u00e9a".repeat(5e6); for (let i = 0; i < 1e4; i++) a.localeCompare(a + i)',
    { inline: false },
  ),
  handlerCase(
    'cpu: segments of a long text',
    ['exceededCpu', 'exceededMemory', 'exception', 'crashed'],
    'const s = new Intl.Segmenter("th", { granularity: "word" }); for (;;) [...s.segment("\\u0e01".repeat(1e5))]',
    { inline: false },
  ),
  handlerCase(
    'cpu: months of a lunar calendar',
    ['exceededCpu', 'exception', 'ok', 'crashed'],
    'const d = (y) => Temporal.PlainDate.from({ year: y, month: 1, day: 1, calendar: "chinese" }); d(-200000).until(d(200000), { largestUnit: "months" })',
    { inline: false },
  ),
];
