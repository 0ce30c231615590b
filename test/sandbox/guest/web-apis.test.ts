import { describe, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, testSandbox } from '../../support/sandbox.ts';

const areas: Record<string, Record<string, string>> = {
  encoding: {
    'UTF-8 both ways': `return new TextDecoder().decode(new TextEncoder().encode('a\\u00e9\\u20ac\\u{1f600}'))`,
    'lone surrogates': `return [...new TextEncoder().encode('a\\ud800b')]`,
    'malformed input': `return new TextDecoder().decode(new Uint8Array([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]))`,
    fatal: `new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff]))`,
    stream: `const d = new TextDecoder(); return [d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), d.decode(new Uint8Array([0xac]))]`,
    'byte order mark': `const b = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]); return [new TextDecoder().decode(b), new TextDecoder('utf-8', { ignoreBOM: true }).decode(b)]`,
    'UTF-16': `return new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0xac, 0x20]))`,
    labels: `return [new TextDecoder('latin1').encoding, new TextDecoder('UTF8').encoding, new TextEncoder().encoding]`,
    'unknown label': `new TextDecoder('nope')`,
    encodeInto: `const b = new Uint8Array(3); return [new TextEncoder().encodeInto('a\\u20ac', b), [...b]]`,
  },
  base64: {
    btoa: `return ['', 'a', 'ab', 'abc', '\\xff\\x00'].map(btoa)`,
    'btoa above U+00FF': `btoa('\\u20ac')`,
    atob: `return ['', 'YQ==', 'YWI=', 'YWJj', ' Y W I ', 'YQ', '/+8='].map((s) => [...atob(s)].map((c) => c.charCodeAt(0)))`,
    'atob refuses': `return ['a', 'ab=', 'a===', 'YQ=', '*', 'YWJj='].map((s) => { try { return atob(s) } catch (e) { return [e.name, e.code] } })`,
  },
  events: {
    dispatch: `const t = new EventTarget(), out = []; const f = (e) => out.push(e.type, e.target === t, e.eventPhase);
      t.addEventListener('a', f); t.addEventListener('a', f); t.addEventListener('a', { handleEvent(e) { out.push('object'); e.preventDefault() } }, { once: true });
      out.push(t.dispatchEvent(new Event('a', { cancelable: true })), t.dispatchEvent(new Event('a'))); t.removeEventListener('a', f); t.dispatchEvent(new Event('a')); return out`,
    stopImmediatePropagation: `const t = new EventTarget(), out = []; t.addEventListener('a', (e) => { out.push(1); e.stopImmediatePropagation() }); t.addEventListener('a', () => out.push(2)); t.dispatchEvent(new Event('a')); return out`,
    'custom event': `const e = new CustomEvent('x', { detail: { a: 1 } }); return [e.detail, e.type, e instanceof Event]`,
    'not an event': `new EventTarget().dispatchEvent({ type: 'a' })`,
    'listener with a signal': `const t = new EventTarget(), c = new AbortController(), out = []; t.addEventListener('a', () => out.push(1), { signal: c.signal }); t.dispatchEvent(new Event('a')); c.abort(); t.dispatchEvent(new Event('a')); return out`,
    abort: `const c = new AbortController(), out = []; c.signal.onabort = () => out.push('on'); c.signal.addEventListener('abort', () => out.push('listener')); c.abort(); c.abort('again'); return [out, c.signal.aborted, c.signal.reason.name, c.signal.reason.code]`,
    'abort with a reason': `const s = AbortSignal.abort(5); try { s.throwIfAborted() } catch (e) { return [e, s.aborted] }`,
    any: `const a = new AbortController(), b = new AbortController(); const s = AbortSignal.any([a.signal, b.signal]); const n = AbortSignal.any([s]); b.abort('b'); return [s.reason, n.reason, AbortSignal.any([]).aborted]`,
    timeout: `const s = AbortSignal.timeout(5); await new Promise((r) => s.addEventListener('abort', r)); return s.reason.name`,
    constructor: `new AbortSignal()`,
    DOMException: `const e = new DOMException('m', 'NotFoundError'); return [e.message, e.name, e.code, e instanceof Error, Object.prototype.toString.call(e), String(e), DOMException.ABORT_ERR, typeof e.stack]`,
  },
  'structured clone': {
    values: `return structuredClone({ a: [1, , 3], d: new Date(5), r: /x/gi, n: null, u: undefined, s: 'x', nested: { deep: [true] } })`,
    'maps, sets and buffers': `const c = structuredClone({ m: new Map([[{ k: 1 }, 'v']]), s: new Set([1, [2]]), b: new Uint8Array([1, 2]), v: new DataView(new ArrayBuffer(3)) }); return [[...c.m], [...c.s], [...c.b], c.v.byteLength, c.b.constructor.name]`,
    cycles: `const a = { x: 1 }; a.self = a; const c = structuredClone(a); return [c.self === c, c !== a]`,
    'shared views': `const b = new ArrayBuffer(8); const c = structuredClone([new Uint8Array(b), new Uint8Array(b, 4)]); return [c[0].buffer === c[1].buffer, c[1].byteOffset]`,
    errors: `const e = structuredClone(new RangeError('m', { cause: 5 })); return [e.name, e.message, e.cause, e instanceof RangeError]`,
    transfer: `const b = new ArrayBuffer(8); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength]`,
    function: `structuredClone(() => {})`,
    symbol: `structuredClone(Symbol('x'))`,
    promise: `structuredClone(Promise.resolve())`,
    'boxed values': `return structuredClone([Object(1), Object('a'), Object(true)]).map((v) => typeof v)`,
    'prototypes are lost': `class A { x = 1; get y() { return 2 } } const c = structuredClone(new A()); return [c.constructor === Object, c.x, 'y' in c]`,
  },
  timers: {
    order: `const out = []; setTimeout(() => out.push('b'), 5); setTimeout(() => out.push('a'), 1); queueMicrotask(() => out.push('micro')); Promise.resolve().then(() => out.push('then')); out.push('sync'); await new Promise((r) => setTimeout(r, 20)); return out`,
    'microtasks between timers': `const out = []; setTimeout(() => { out.push(1); queueMicrotask(() => out.push('m')) }, 1); setTimeout(() => out.push(2), 1); await new Promise((r) => setTimeout(r, 20)); return out`,
    arguments: `return new Promise((r) => setTimeout((...args) => r(args), 1, 1, 'a'))`,
    clear: `const out = []; const id = setTimeout(() => out.push(1), 1); clearTimeout(id); clearTimeout(undefined); await new Promise((r) => setTimeout(r, 10)); return out`,
    interval: `return new Promise((r) => { let n = 0; const id = setInterval(() => { if (++n === 3) { clearInterval(id); r(n) } }, 1) })`,
    'not a function': `setTimeout('x')`,
    'queueMicrotask of no function': `queueMicrotask(5)`,
  },
  streams: {
    'read and transform': `const up = new TransformStream({ transform(c, k) { k.enqueue(c.toUpperCase()) } }); const out = []; for await (const c of new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close() } }).pipeThrough(up)) out.push(c); return out`,
    tee: `const [a, b] = new ReadableStream({ start(c) { c.enqueue(1); c.close() } }).tee(); return [await a.getReader().read(), await b.getReader().read()]`,
    write: `const out = []; const w = new WritableStream({ write(c) { out.push(c) } }).getWriter(); await w.write(1); await w.write(2); await w.close(); return out`,
    bytes: `const r = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close() } }).getReader({ mode: 'byob' }); const { value } = await r.read(new Uint8Array(2)); return [...value]`,
    from: `const out = []; for await (const c of ReadableStream.from([1, 2])) out.push(c); return out`,
  },
  globals: {
    self: `return [self === globalThis, typeof performance.now(), performance.timeOrigin > 1e12, typeof crypto.getRandomValues]`,
  },
};

describe.each(Object.entries(areas))('%s', (_, snippets) => {
  test.each(Object.entries(snippets))('%s', async (__, body) => {
    await using sandbox = await testSandbox();
    await expectSame(
      sandbox,
      body.replace('self === globalThis', 'globalThis.self === undefined || self === globalThis'),
    );
  });
});

describe('crypto', () => {
  test('gives random bytes and UUIDs, different ones each time', async () => {
    await using sandbox = await testSandbox();
    const code = `const a = crypto.getRandomValues(new Uint32Array(4)); return Response.json([crypto.randomUUID(), crypto.randomUUID(), [...a]])`;
    const [one, two] = await Promise.all([evaluate(sandbox, code), evaluate(sandbox, code)]);
    const [first, second, words] = JSON.parse(one) as [string, string, number[]];
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set([first, second, ...(JSON.parse(two) as string[]).slice(0, 2)]).size).toBe(4);
    expect(new Set(words).size).toBe(4);
  });

  test.each([
    ['more than 65,536 bytes', 'crypto.getRandomValues(new Uint8Array(65537))', 'QuotaExceededError'],
    ['floats', 'crypto.getRandomValues(new Float32Array(1))', 'TypeMismatchError'],
    ['no array', 'crypto.getRandomValues({})', 'TypeMismatchError'],
  ])('refuses %s', async (_, call, name) => {
    await using sandbox = await testSandbox();
    expect(await evaluate(sandbox, `try { ${call} } catch (e) { return new Response(e.name) }`)).toBe(name);
  });

  test('fills exactly the view that it is given', async () => {
    await using sandbox = await testSandbox();
    const code = `const b = new Uint8Array(3000); crypto.getRandomValues(b.subarray(1000, 2000));
      return Response.json([b.slice(0, 1000).every((x) => x === 0), b.slice(1000, 2000).some((x) => x !== 0), b.slice(2000).every((x) => x === 0)])`;
    expect(JSON.parse(await evaluate(sandbox, code))).toEqual([true, true, true]);
  });
});

test('structuredClone goes as deep as memory does', async () => {
  await using sandbox = await testSandbox();
  const code = `let a = {}; for (let i = 0; i < 50000; i++) a = { a }; let c = structuredClone(a), n = 0; while (c.a) { c = c.a; n++ } return new Response(String(n))`;
  expect(await evaluate(sandbox, code)).toBe('50000');
});

describe('waitUntil', () => {
  test('keeps the invocation going after its answer', async () => {
    await using sandbox = await testSandbox();
    const { functionOf, handler, invoke } = await import('../../support/sandbox.ts');
    const fn = functionOf(
      handler(
        `ctx.waitUntil((async () => { await new Promise((r) => setTimeout(r, 30)); console.log('later') })()); return new Response('now')`,
      ),
    );
    const { logs, ending, text } = await invoke(sandbox, fn);
    expect([text, logs.map((entry) => entry.text), ending.outcome.kind]).toEqual(['now', ['later'], 'ok']);
  });

  test('logs a rejection', async () => {
    await using sandbox = await testSandbox();
    const { handler, invoke } = await import('../../support/sandbox.ts');
    const { logs, text } = await invoke(
      sandbox,
      handler(`ctx.waitUntil(Promise.reject(new Error('lost'))); return new Response('x')`),
    );
    expect(text).toBe('x');
    expect(logs[0]).toMatchObject({ level: 'error', text: expect.stringContaining('Error: lost') });
  });
});
