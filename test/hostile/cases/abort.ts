/** Code on which V8 or isolated-vm would end the whole process. */
import { handlerCase, type HostileCase, moduleCase } from '../hostile-case.ts';

/** In a host without cells these would end the process. */
const fatal = (name: string, body: string, options: Parameters<typeof handlerCase>[3] = {}): HostileCase =>
  handlerCase(`abort: ${name}`, ['crashed', 'exception', 'exceededMemory', 'exceededCpu'], body, {
    inline: false,
    ...options,
  });

/** The same, but the guest runtime refuses it: it is an exception everywhere. */
const refused = (name: string, body: string, options: Parameters<typeof handlerCase>[3] = {}): HostileCase =>
  handlerCase(`abort: ${name}`, 'exception', body, options);

const huge = '"x".repeat(2 ** 27 + 5)';

export const abortCases: readonly HostileCase[] = [
  refused('splitting a huge text', `${huge}.split("")`, { memoryMiB: 1_024 }),
  refused('splitting a huge text in a small heap', `${huge}.split("")`),
  refused('all matches of a huge text', `${huge}.match(/x/g)`, { memoryMiB: 1_024 }),
  refused('parsing an array of 140 million', 'JSON.parse("[" + "0,".repeat(1.4e8) + "0]")', { memoryMiB: 1_024 }),
  fatal('spreading a huge text', `[...${huge}]`, { memoryMiB: 1_024 }),
  refused('sorting an array-like of two billion', '[].sort.call({ length: 2 ** 31 })'),
  refused('sorting an array-like that is too long', '[].sort.call({ length: 2 ** 32 })'),
  refused('sorting a copy of an array-like', '[].toSorted.call({ length: 2 ** 31 })'),
  refused('reversing a copy of an array-like', '[].toReversed.call({ length: 2 ** 31 })'),
  fatal(
    'sorting a proxy that lies about its length',
    'let n = 0; [].sort.call(new Proxy([], { get: (t, k) => k === "length" ? (n++ ? 2 ** 31 : 5) : t[k] }))',
  ),
  fatal(
    'an array that doubles in length',
    'const a = []; a.length = 3e7; a.fill(0); a.length *= 2; a.fill(0); a.length *= 2; a.fill(0)',
    { memoryMiB: 2_048 },
  ),
  fatal('a set that is too large', 'const s = new Set(); for (let i = 0; ; i++) s.add(i)', { memoryMiB: 2_048 }),
  fatal('a map that is too large', 'const s = new Map(); for (let i = 0; ; i++) s.set(i, i)', { memoryMiB: 2_048 }),
  fatal('too many properties', 'const o = {}; for (let i = 0; ; i++) o["x" + i] = 1', { memoryMiB: 2_048 }),
  fatal(
    'concatenating spreadable giants',
    'const a = { length: 2 ** 31, [Symbol.isConcatSpreadable]: true }; [].concat(a, a)',
  ),
  fatal('an array from an enormous length', 'Array.from({ length: 2 ** 32 - 2 })'),
  refused('an array filled to an enormous length', 'new Array(2 ** 32 - 1).fill(0)'),
  fatal(
    'normalising a huge text',
    'return new Response(("\\u1e9b\\u0323".repeat(2 ** 26)).normalize("NFKD").slice(0, 5))',
  ),
  fatal('upper case of a huge text', 'return new Response("\\u00df".repeat(2 ** 27).toUpperCase().slice(0, 5))'),
  fatal('collation of huge texts', 'const a = "\\u00e9".repeat(2 ** 27); new Intl.Collator("de").compare(a, a + "x")'),
  fatal('a pattern with tens of thousands of groups', 'new RegExp("(".repeat(32766) + ")".repeat(32766)).exec("x")'),
  fatal('a pattern that is enormous', 'new RegExp("a|".repeat(5e6)).exec("b")'),
  handlerCase('abort: a Float16Array as an answer', 'exception', 'return new Float16Array(4)'),
  handlerCase(
    'abort: a thenable that gives a Float16Array',
    'exception',
    'return { then(r) { r(new Float16Array(4)) } }',
  ),
  handlerCase('abort: a Float16Array as a body', ['ok', 'exception'], 'return new Response(new Float16Array(4))'),
  moduleCase(
    'abort: a gigantic message thrown while loading',
    'exception',
    'throw { message: "x".repeat(2 ** 29 - 24) }',
  ),
  handlerCase('abort: a gigantic message thrown', 'exception', 'throw { message: "x".repeat(2 ** 29 - 24) }'),
  handlerCase('abort: a gigantic message in an error', 'exception', 'throw new Error("x".repeat(2 ** 29 - 44))'),
  handlerCase(
    'abort: a gigantic message in a rejection that nobody handles',
    'ok',
    'Promise.reject({ message: "x".repeat(2 ** 29 - 24) }); return new Response("x")',
  ),
  handlerCase(
    'abort: a gigantic name of an error',
    'exception',
    'const e = new Error("x"); e.name = "x".repeat(2 ** 29 - 44); throw e',
  ),
  handlerCase(
    'abort: a gigantic stack',
    'exception',
    'const e = new Error("x"); e.stack = "x".repeat(2 ** 29 - 44); throw e',
  ),
  handlerCase(
    'abort: an error of the runtime, blown up',
    ['ok', 'exception'],
    'try { new URL("x") } catch (e) { e.message = "x".repeat(2 ** 29 - 24); void e.stack } return new Response("x")',
  ),
  handlerCase('abort: an array of one big text as an answer', 'exception', 'return Array(1000).fill("x".repeat(1e6))'),
  handlerCase('abort: a symbol thrown', 'exception', 'throw Symbol("x")'),
  handlerCase('abort: undefined thrown', 'exception', 'throw undefined'),
  handlerCase('abort: null thrown', 'exception', 'throw null'),
  handlerCase('abort: a BigInt thrown', 'exception', 'throw 2n ** 1_000_000n'),
  handlerCase(
    'abort: a revoked proxy thrown',
    'exception',
    'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
  ),
  handlerCase(
    'abort: a revoked proxy as an answer',
    'exception',
    'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy',
  ),
  handlerCase('abort: a function as an answer', 'exception', 'return () => {}'),
  handlerCase(
    'abort: a detached buffer as a body',
    ['ok', 'exception'],
    'const b = new ArrayBuffer(8); b.transfer(); return new Response(b)',
  ),
  handlerCase(
    'abort: a detached buffer in a stream',
    ['ok', 'exception'],
    'return new Response(new ReadableStream({ start(c) { const a = new Uint8Array(8); a.buffer.transfer(); try { c.enqueue(a) } catch {} c.close() } }))',
  ),
  handlerCase('abort: lone surrogates in an answer', 'ok', 'return new Response("\\ud800 \\udc00")'),
  handlerCase(
    'abort: compiling at the end of the stack',
    ['ok', 'exception', 'exceededCpu'],
    'const f = () => { try { f() } catch { try { structuredClone({}) } catch {} } }; f(); return new Response("x")',
  ),
  handlerCase(
    'abort: a pattern compiled at the end of the stack',
    ['ok', 'exception', 'exceededCpu'],
    'let n = 0; const f = () => { try { f() } catch { if (n++ < 50) { try { new RegExp("(a|b)*c" + n).test("ab") } catch {} } } }; f(); return new Response("x")',
  ),
  handlerCase(
    'abort: JSON at the end of the stack',
    ['ok', 'exception', 'exceededCpu'],
    'let n = 0; const f = () => { try { f() } catch { if (n++ < 50) { try { JSON.parse("[[[[[1]]]]]"); JSON.stringify([[[1]]]) } catch {} } } }; f(); return new Response("x")',
  ),
];
