/**
 * Makes hostile functions at random, out of a grammar: something that is trouble, in something that hides it, at some place in the life of an
 * invocation. The same seed makes the same functions.
 */
import { createRandom } from '../support/random.ts';

export interface Mutant {
  readonly code: string;
  readonly trust: 'untrusted' | 'trusted';
}

export function createMutator(seed: number): () => Mutant {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const number = (): string =>
    pick([
      '0',
      '-1',
      '1',
      '7',
      '2 ** 16',
      '2 ** 27',
      '2 ** 31',
      '2 ** 32 - 1',
      '2 ** 53 - 1',
      'NaN',
      'Infinity',
      '-0',
      '1e9',
    ]);

  /** A value that somebody may not expect. */
  function value(depth: number): string {
    if (depth <= 0) return pick(['{}', '[]', '"x"', 'null', 'undefined', '5n', 'Symbol()', '() => {}', number()]);
    const inner = (): string => value(depth - 1);
    return pick([
      () => `{ length: ${number()} }`,
      () => `[${inner()}, ${inner()}]`,
      () => `"\\ud800x".repeat(${pick(['5', '1e4', '1e6', '2 ** 24'])})`,
      () => `new Array(${pick(['5', '1e6', '2 ** 26', '2 ** 32 - 1'])})`,
      () => `new Uint8Array(${pick(['5', '1e6', '1e8'])})`,
      () => `new ArrayBuffer(8, { maxByteLength: ${pick(['16', '1e8', '2 ** 40'])} })`,
      () =>
        `{ get ${pick(['then', 'length', 'name', 'message', 'stack', 'status', 'headers', 'body', 'toJSON', 'constructor'])}() { ${statement(depth - 1)} return ${inner()} } }`,
      () =>
        `{ ${pick(['toString', 'valueOf', 'then', 'toJSON', 'next', '[Symbol.toPrimitive]', '[Symbol.iterator]', '[Symbol.asyncIterator]'])}() { ${statement(depth - 1)} return ${inner()} } }`,
      () =>
        `new Proxy(${inner()} ?? {}, { get(t, k) { ${statement(depth - 1)} return Reflect.get(Object(t), k) }, ownKeys() { ${statement(depth - 1)} return ["a"] } })`,
      () =>
        `Object.assign(new ${pick(['Error', 'TypeError', 'Map', 'Set', 'Date', 'URL', 'Headers', 'Response', 'Promise'])}(${pick(['', '"http://x"', 'null', '() => {}'])}), ${inner()})`,
      () => `new Promise((resolve, reject) => { ${pick(['resolve', 'reject', 'void'])}(${inner()}) })`,
      () => `(function* () { for (;;) { ${statement(depth - 1)} yield ${inner()} } })()`,
      () => `structuredClone(${inner()})`,
      () => `new Response(${inner()}, ${inner()})`,
      () => `new ReadableStream({ ${pick(['start', 'pull'])}(c) { ${statement(depth - 1)} c.enqueue(${inner()}) } })`,
      () => `new Intl.${pick(['DateTimeFormat', 'Collator', 'NumberFormat', 'Segmenter'])}("de")`,
      () => `2n ** ${pick(['64n', '100_000n', '10_000_000n'])}`,
      () => `new WebAssembly.Memory({ initial: ${pick(['1', '100', '60000'])} })`,
    ])();
  }

  function statement(depth: number): string {
    if (depth <= 0) return pick(['', 'n++;', 'keep.push(n);', 'await_(null);']);
    const inner = (): string => statement(depth - 1);
    const some = (): string => value(depth - 1);
    return pick([
      () => `for (;;) { ${inner()} }`,
      () => `while (n++ < ${pick(['10', '1e5', '1e9'])}) { ${inner()} }`,
      () => `try { ${inner()} } catch (e) { ${inner()} } finally { ${pick([inner(), '', 'void 0;'])} }`,
      () => `keep.push(${some()});`,
      () => `for (const x of ${some()} ?? []) { ${inner()} }`,
      () =>
        `Array.prototype.${pick(['includes', 'sort', 'fill', 'concat', 'flat', 'map', 'reverse', 'splice', 'join', 'forEach', 'toSorted', 'copyWithin'])}.call(${some()}, ${some()});`,
      () => `JSON.${pick(['stringify', 'parse'])}(${some()});`,
      () =>
        `String(${some()}).${pick(['split("")', 'match(/x/g)', 'replaceAll("x", "xx")', 'normalize()', 'toUpperCase()', 'padEnd(2 ** 28)', 'localeCompare("y")', 'repeat(1000)'])};`,
      () => `/(${pick(['a+', '(x|xx)*', '.*', '(x+x+)+'])})+$/.test(${some()});`,
      () => `Promise.${pick(['resolve', 'reject'])}(${some()});`,
      () => `Promise.resolve().then(() => { ${inner()} });`,
      () => `setTimeout(() => { ${inner()} }, ${number()});`,
      () => `setInterval(() => { ${inner()} }, ${number()});`,
      () => `queueMicrotask(() => { ${inner()} });`,
      () => `console.log(${some()});`,
      () => `throw ${some()};`,
      () =>
        `Object.defineProperty(${pick(['Object.prototype', 'Array.prototype', 'Promise.prototype', 'globalThis', 'Error.prototype'])}, ${pick(['"then"', '"x"', '"get"', '"constructor"', 'Symbol.iterator', '"0"'])}, { configurable: true, get() { ${inner()} return ${some()} } });`,
      () => `Error.prepareStackTrace = () => { ${inner()} return ${some()} };`,
      () => `new FinalizationRegistry(() => { ${inner()} }).register({}, 1);`,
      () => `(function f() { ${inner()} f(); })();`,
      () => `try { new URL(${some()}); crypto.getRandomValues(${some()}); atob(${some()}); } catch {}`,
      () => `try { ${pick(['eval', 'Function', 'setTimeout'])}("for (;;);")${pick(['', '()'])}; } catch {}`,
      () => `ctx?.waitUntil?.(${some()});`,
    ])();
  }

  return () => {
    const depth = 2 + Math.floor(random() * 3);
    const body = `${statement(depth)} ${statement(depth)} return ${pick(['new Response("x")', value(depth), `new Response(${value(depth - 1)})`])}`;
    const shared = 'let n = 0, ctx; const keep = []; const await_ = (v) => v;';
    const handler = pick([
      `module.exports = async (r, e, c) => { ctx = c; ${body} }`,
      `module.exports = (r, e, c) => { ctx = c; ${body} }`,
      `module.exports = async (r, e, c) => { ctx = c; await null; ${body} }`,
      `module.exports = async (r, e, c) => { ctx = c; await new Promise((f) => setTimeout(f, 1)); ${body} }`,
      `${statement(depth)} module.exports = async (r, e, c) => { ctx = c; ${body} }`,
      `module.exports = { get fetch() { ${statement(depth - 1)} return () => { ${body} } } }`,
    ]);
    return { code: `${shared} ${handler}`, trust: pick(['untrusted', 'trusted']) };
  };
}
