/** Node's built-in modules in functions: what they export, compared with Node, and that they do the same. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestBuiltins } from '../../../sandbox/index.ts';
import { expectSame } from '../../support/same.ts';
import { evaluate, functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

const require = createRequire(import.meta.url);
let sandbox: TestSandbox;
beforeAll(async () => {
  // Two of the modules are deprecated.
  process.noDeprecation = true;
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

/** What Node's `process` has only in a process like that of these tests. */
const ofThisProcess = ['channel', 'connected', 'disconnect', 'noDeprecation', 'send'];

const internal = 'internal to Node, and documented nowhere';
const asymmetric = 'crypto.subtle has what there is of asymmetric keys and their exchange';
const archives = 'experimental in Node';
const noUser = 'a function runs as no user of the system, and packages look for the function first';
const heap = 'the heap is looked after by the host';
const opensslConstants = 'of OpenSSL, which is the host\u2019s';
const experimental = 'experimental in Node, and its form is not settled';

/** What Node exports and functions do not have, with the reason. */
const left: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'node:assert': { [experimental]: 'Assert' },
  'node:assert/strict': { [experimental]: 'Assert' },
  'node:constants': {
    [opensslConstants]: 'defaultCoreCipherList defaultCipherList',
  },
  'node:crypto': {
    [asymmetric]: 'encapsulate decapsulate parsePKCS12',
    'work without a bound': 'argon2 argon2Sync',
    'not among the operations of the host': 'createMac getMacs randomUUIDv7 setEngine setFips',
  },
  'node:fs': { [internal]: '_toUnixTimestamp' },
  'node:http': {
    [internal]: '_connectionListener',
    'requests go where the host lets them': 'setGlobalProxyFromEnv',
  },
  'node:net': { [internal]: '/^_/' },
  'node:process': {
    [internal]: '/^_/ moduleLoadList binding domain reallyExit openStdin',
    [noUser]: '/^(get|set)e?[ug]id$/ getgroups setgroups initgroups',
    'a function has no exit to clean up at': 'finalization addUncaughtExceptionCaptureCallback',
  },
  'node:stream': { [internal]: '_isArrayBufferView' },
  'node:stream/web': { [experimental]: 'ReadableStreamTee' },
  'node:sys': {
    [internal]: '/^_/',
    [experimental]: 'diff debounce throttle',
    'there are no signals': 'setTraceSigInt',
  },
  'node:util': {
    [internal]: '/^_/',
    [experimental]: 'diff debounce throttle',
    'there are no signals': 'setTraceSigInt',
  },
  'node:v8': {
    [heap]:
      'getHeapSpaceStatistics getHeapCodeStatistics getCppHeapStatistics startupSnapshot setHeapSnapshotNearHeapLimit setHeapProfileNearHeapLimit isStringOneByteRepresentation',
    'promises are the engine\u2019s': 'promiseHooks',
  },
  'node:zlib': {
    [archives]: '/^Zip/ createZipArchive createZipArchiveSync zipFiles getMaxZipContentSize setMaxZipContentSize',
  },
};

function isLeft(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.startsWith('/') ? new RegExp(pattern.slice(1, -1)).test(name) : pattern === name,
  );
}

/** Of old: Node has them no more, and packages of that time ask for them. */
const gone = /^node:_stream_/;

describe('the exports of', () => {
  test.each(Object.keys(guestBuiltins).filter((name) => !gone.test(name)))(
    '%s are those of Node, but for those that are left out',
    async (name) => {
      const own = require(name) as object;
      const fn = functionOf(
        handler(`const m = require('${name}'); return Response.json([typeof m, Object.keys(m)])`),
        {},
        { trust: 'untrusted' },
      );
      const { text, ending } = await invoke(sandbox, fn);
      expect(ending.outcome).toEqual({ kind: 'ok' });
      const [type, names] = JSON.parse(text) as [string, string[]];
      expect(type).toBe(typeof own);
      const missing = Object.keys(own).filter((key) => !names.includes(key) && !ofThisProcess.includes(key));
      const patterns = Object.values(left[name] ?? {}).flatMap((list) => list.split(' '));
      expect(missing.filter((key) => !isLeft(patterns, key))).toEqual([]);
      // Nothing stands on the list that is there.
      expect(patterns.filter((pattern) => !missing.some((key) => isLeft([pattern], key)))).toEqual([]);
    },
  );
});

const same: Record<string, string> = {
  'util.inspect': `const u = require('node:util'); class A { #x = 1; y = new Map([[1, { a: [1, 2, { b: {} }] }]]) } return [u.inspect(new A()), u.inspect(new Set([1n, Symbol('s'), null])), u.format('%s %d %i %j %o %%', 'a', 1.5, 2.7, { x: 1 }, [1]), u.inspect({ [u.inspect.custom]: () => 'own' }), u.inspect(new Error('x')).split('\\n')[0], u.inspect('a\\'b')]`,
  'util.promisify': `const u = require('node:util'); const f = (x, cb) => x ? cb(null, x) : cb(new TypeError('no')); return [await u.promisify(f)(3), await u.promisify(f)(0).catch((e) => e.message), await u.promisify(setTimeout)(1, 'v'), u.promisify.custom.toString()]`,
  'util.callbackify': `const u = require('node:util'); return new Promise((r) => u.callbackify(async (x) => x + 1)(1, (e, v) => r([e, v])))`,
  'util.parseArgs': `const u = require('node:util'); return u.parseArgs({ args: ['-f', '--bar', 'b', 'p'], options: { foo: { type: 'boolean', short: 'f' }, bar: { type: 'string' } }, allowPositionals: true })`,
  'util.styleText': `const u = require('node:util'); return [u.styleText('red', 'x', { validateStream: false }), u.styleText(['bold', 'green'], 'x', { validateStream: false }), u.stripVTControlCharacters('\\u001b[31mx\\u001b[39m')]`,
  'util.styleText of no style': `require('node:util').styleText('nope', 'x')`,
  'util.MIMEType': `const { MIMEType } = require('node:util'); const t = new MIMEType('Text/HTML; charset="utf-8"; q=1'); t.params.set('a', 'b c'); t.subtype = 'plain'; return [String(t), t.essence, t.type, [...t.params], JSON.stringify(t)]`,
  'util.MIMEType of no type': `new (require('node:util').MIMEType)('nope')`,
  'util.parseEnv': `return require('node:util').parseEnv('# c\\nA=1\\nexport B = "x y"\\nC=\\'q#\\'\\nD=a # b\\nE="l\\\\nm"\\nF=')`,
  'util.isDeepStrictEqual': `const u = require('node:util'); return [u.isDeepStrictEqual({ a: [1, new Set([1])] }, { a: [1, new Set([1])] }), u.isDeepStrictEqual([1], ['1']), u.isDeepStrictEqual(new Map([[1, {}]]), new Map([[1, {}]]))]`,
  'util.types': `const { types: t } = require('node:util'); return [t.isPromise(Promise.resolve()), t.isRegExp(/x/), t.isDate(new Date()), t.isMap(new Map()), t.isUint8Array(new Uint8Array()), t.isNativeError(new TypeError()), t.isAsyncFunction(async () => {}), t.isTypedArray(new Float32Array()), t.isAnyArrayBuffer(new ArrayBuffer()), t.isBoxedPrimitive(Object(1)), t.isProxy({})]`,
  'util, and the rest of it': `const u = require('node:util'); class A {} function B() {} u.inherits(B, A); return [new B() instanceof A, u.toUSVString('a\\ud800'), u.getSystemErrorName(-2), u.convertProcessSignalToExitCode('SIGTERM'), u.types === require('node:util/types'), typeof u.getCallSites()[0].functionName, u.deprecate(() => 3, 'old')()]`,
  'util.aborted': `const u = require('node:util'); const c = new AbortController(); setTimeout(() => c.abort(), 1); return String(await u.aborted(c.signal, {}))`,
  'stream.Readable.toWeb': `const { Readable } = require('node:stream'); const w = Readable.toWeb(Readable.from(['a', 'b', { c: 1 }])); const out = []; for await (const x of w) out.push(x); return out`,
  'stream.Readable.toWeb of bytes': `const { Readable } = require('node:stream'); const { Buffer } = require('node:buffer'); const r = new Readable({ read() { this.push(Buffer.from('xyz')); this.push(null) } }); return await new Response(Readable.toWeb(r)).text()`,
  'stream.Readable.toWeb of an error': `const { Readable } = require('node:stream'); const r = new Readable({ read() { this.destroy(new RangeError('bad')) } }); for await (const x of Readable.toWeb(r)) void x`,
  'stream.Readable.toWeb, cancelled': `const { Readable } = require('node:stream'); const r = new Readable({ read() { this.push('x') } }); r.on('error', () => {}); const reader = Readable.toWeb(r).getReader(); await reader.read(); await reader.cancel(); return r.destroyed`,
  'stream.Readable.fromWeb': `const { Readable } = require('node:stream'); const r = Readable.fromWeb(new Blob(['some ', 'text']).stream()); let s = ''; for await (const c of r) s += c; return s`,
  'stream.Readable.fromWeb, destroyed': `const { Readable } = require('node:stream'); return new Promise((res) => { const r = Readable.fromWeb(new ReadableStream({ pull(c) { c.enqueue('x') }, cancel(e) { res(String(e)) } })); r.on('error', () => {}); r.once('data', () => r.destroy(new Error('enough'))) })`,
  'stream.Writable.toWeb': `const { Writable } = require('node:stream'); const out = []; const w = Writable.toWeb(new Writable({ write(c, e, d) { out.push(String(c)); setTimeout(d, 1) } })); const writer = w.getWriter(); await writer.write('a'); await writer.write('b'); await writer.close(); return out`,
  'stream.Writable.toWeb of an error': `const { Writable } = require('node:stream'); const w = Writable.toWeb(new Writable({ write(c, e, d) { d(new RangeError('full')) } })).getWriter(); w.write('a').catch(() => {}); await w.closed`,
  'stream.Writable.fromWeb': `const { Writable } = require('node:stream'); const out = []; const w = Writable.fromWeb(new WritableStream({ write(c) { out.push(String(c)) }, close() { out.push('end') } })); w.write('a'); return new Promise((r) => w.end('b', () => r(out)))`,
  'stream.Duplex.fromWeb': `const { Duplex } = require('node:stream'); const t = new TransformStream({ transform(c, k) { k.enqueue(String(c).toUpperCase()) } }); const d = Duplex.fromWeb(t); d.end('abc'); let s = ''; for await (const c of d) s += c; return s`,
  'stream.duplexPair': `const { duplexPair } = require('node:stream'); const [a, b] = duplexPair(); a.end('hello'); let s = ''; for await (const c of b) s += c; return s`,
  'stream/consumers': `const c = require('node:stream/consumers'); const { Readable } = require('node:stream'); const from = () => Readable.from(['{"a":', '1}']); return [await c.text(from()), await c.json(from()), (await c.buffer(from())).toString('hex'), (await c.arrayBuffer(from())).byteLength, (await c.blob(from())).size, await c.text(new Blob(['x']).stream())]`,
  'stream/promises': `const { pipeline, finished } = require('node:stream/promises'); const { Readable, Writable } = require('node:stream'); const out = []; const w = new Writable({ write(c, e, d) { out.push(String(c)); d() } }); await pipeline(Readable.from(['a', 'b']), async function* (s) { for await (const c of s) yield c + '!' }, w); await finished(w); return out`,
  'stream/web': `const w = require('node:stream/web'); return [w.ReadableStream === ReadableStream, w.TransformStream === TransformStream, w.TextDecoderStream === TextDecoderStream]`,
  'events.once': `const e = require('node:events'); const m = new e(); setTimeout(() => m.emit('x', 1, 2), 1); const a = await e.once(m, 'x'); const t = new EventTarget(); setTimeout(() => t.dispatchEvent(new Event('y')), 1); const [event] = await e.once(t, 'y'); return [a, event.type, m.listenerCount('x'), m.listenerCount('error')]`,
  'events.once, aborted': `const e = require('node:events'); await e.once(new e(), 'x', { signal: AbortSignal.abort() })`,
  'events.on': `const e = require('node:events'); const m = new e(); setTimeout(() => { m.emit('x', 1); m.emit('x', 2); m.emit('end') }, 1); const out = []; for await (const [v] of e.on(m, 'x', { close: ['end'] })) out.push(v); return [out, m.listenerCount('x')]`,
  'events, and the rest of it': `const e = require('node:events'); const m = new e(); const seen = []; m.on(e.errorMonitor, (x) => seen.push('m' + x.message)); m.on('error', (x) => seen.push('e' + x.message)); m.emit('error', new Error('!')); e.setMaxListeners(5, m); return [seen, e.getEventListeners(m, 'error').length, e.getMaxListeners(m), e.EventEmitter === e, typeof e.addAbortListener]`,
  'timers/promises': `const t = require('node:timers/promises'); const out = [await t.setTimeout(1, 'a'), await t.setImmediate('b')]; for await (const x of t.setInterval(1, 'c')) { out.push(x); if (out.length > 4) break } await t.scheduler.wait(1); return [out, require('node:timers').promises === t]`,
  'timers/promises, aborted': `const t = require('node:timers/promises'); const c = new AbortController(); setTimeout(() => c.abort(), 1); await t.setTimeout(10000, null, { signal: c.signal })`,
  diagnostics_channel: `const d = require('node:diagnostics_channel'); const out = []; const f = (m, n) => out.push([m, n]); d.subscribe('a', f); d.channel('a').publish(1); const one = d.hasSubscribers('a'); d.unsubscribe('a', f); d.channel('a').publish(2); return [out, one, d.hasSubscribers('a'), d.channel('a') === d.channel('a')]`,
  'tracing channels': `const d = require('node:diagnostics_channel'); const t = d.tracingChannel('t'); const out = []; t.subscribe(Object.fromEntries(['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((n) => [n, (m) => out.push(n + (m.result ?? '') + (m.error?.message ?? ''))]))); t.traceSync(() => 1, {}); await t.tracePromise(async () => 2, {}); await new Promise((r) => t.traceCallback((x, cb) => cb(null, x), 1, {}, null, 3, r)); try { t.traceSync(() => { throw new Error('e') }, {}) } catch {} return [out, t.hasSubscribers]`,
  'a store of a channel': `const d = require('node:diagnostics_channel'); const { AsyncLocalStorage } = require('node:async_hooks'); const als = new AsyncLocalStorage(); const c = d.channel('s'); c.bindStore(als, (m) => m.x); return [c.runStores({ x: 5 }, () => als.getStore()), als.getStore()]`,
  'async_hooks without awaits': `const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks'); const als = new AsyncLocalStorage(); const out = []; let snap, bound, res; als.run(1, () => { snap = AsyncLocalStorage.snapshot(); bound = AsyncLocalStorage.bind(() => als.getStore()); res = new AsyncResource('R'); als.run(2, () => out.push(als.getStore())); out.push(als.exit(() => als.getStore())); out.push(als.getStore()) }); out.push(als.getStore(), snap(() => als.getStore()), bound(), res.runInAsyncScope((a) => [als.getStore(), a], null, 'arg')); const d = new AsyncLocalStorage({ defaultValue: 9, name: 'n' }); return [out, d.getStore(), d.name, d.run(undefined, () => String(d.getStore()))]`,
  'async_hooks with promises': `const { AsyncLocalStorage } = require('node:async_hooks'); const als = new AsyncLocalStorage(); return als.run(7, () => new Promise((r) => setTimeout(() => Promise.resolve().then(() => queueMicrotask(() => r(als.getStore()))), 1)))`,
  'a scope of a store': `const { AsyncLocalStorage } = require('node:async_hooks'); const als = new AsyncLocalStorage(); const out = []; { using s = als.withScope(1); out.push(als.getStore()) } out.push(String(als.getStore())); return out`,
  'assert.partialDeepStrictEqual': `const a = require('node:assert'); const t = (x, y) => { try { a.partialDeepStrictEqual(x, y); return true } catch (e) { return e.code } }; return [t({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }), t({ a: 1 }, { a: 2 }), t([1, 2, 3], [1, 3]), t([1], [2]), t(new Map([[1, { a: 1, b: 2 }]]), new Map([[1, { a: 1 }]])), t(new Set([1, 2]), new Set([2]))]`,
  'assert/strict': `require('node:assert/strict').equal(1, '1')`,
  'path.matchesGlob': `const p = require('node:path'); return [['a/b.js', 'a/*.js'], ['a/b/c.js', 'a/*.js'], ['a/b/c.js', 'a/**/*.js'], ['a/c.js', 'a/**/*.js'], ['x.ts', '*.{js,ts}'], ['x1', 'x[0-9]'], ['xa', 'x[0-9]'], ['a.b', 'a?b']].map(([f, g]) => p.matchesGlob(f, g))`,
  'path/posix': `const p = require('node:path/posix'); return [p.join('a', '..', 'b'), p.relative('/a/b', '/a/c'), p.parse('/x/y.tar.gz'), p === require('node:path').posix]`,
  'path/win32': `const p = require('node:path/win32'); return [p.join('C:\\\\a', '..', 'b'), p.relative('C:\\\\a\\\\b', 'c:\\\\A\\\\c'), p.parse('\\\\\\\\host\\\\share\\\\x.tar.gz'), p.normalize('C:/x/./y'), p.isAbsolute('C:/'), p.matchesGlob('a\\\\b.js', 'a/*.js'), p === require('node:path').win32, p.posix === require('node:path')]`,
  'url, and the rest of it': `const u = require('node:url'); return [u.domainToASCII('español.com'), u.domainToUnicode('xn--espaol-zwa.com'), u.domainToASCII('xn--iñvalid.com'), u.format(new URL('http://a:b@x.y/p?q#h'), { auth: false, fragment: false, search: false }), u.urlToHttpOptions(new URL('http://a:b@[::1]:81/p?q#h')).auth, u.urlToHttpOptions(new URL('https://x/p?q')).path, u.fileURLToPathBuffer('file:///a%20b').toString(), u.URLPattern === URLPattern]`,
  'querystring, and the rest of it': `const q = require('node:querystring'); return [q.escape('a b&ü'), q.unescape('a%20b%'), q.unescapeBuffer('a%20').toString(), q.encode({ a: [1, 2] })]`,
  'buffer, and the rest of it': `const b = require('node:buffer'); return [b.isAscii(b.Buffer.from('abc')), b.isAscii(b.Buffer.from('ü')), b.isUtf8(b.Buffer.from('ü')), b.isUtf8(b.Buffer.from([255])), b.transcode(b.Buffer.from('€a'), 'utf8', 'latin1').toString('latin1'), b.kStringMaxLength > 1e8, b.Blob === Blob, b.File === File]`,
  'net.isIP': `const n = require('node:net'); return ['1.2.3.4', '1.2.3', '256.1.1.1', '01.2.3.4', '::1', '::', '1::2::3', 'fe80::1%eth0', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7', 'x', ''].map((t) => n.isIP(t))`,
  'http, and its names': `const h = require('node:http'); const t = (f) => { try { f(); return true } catch (e) { return e.code } }; return [h.METHODS, h.STATUS_CODES[418], t(() => h.validateHeaderName('a b')), t(() => h.validateHeaderValue('a', 'b\\n')), t(() => h.validateHeaderValue('a', undefined)), new h.Agent({ keepAlive: true }).protocol]`,
  perf_hooks: `const p = require('node:perf_hooks'); const h = p.createHistogram(); h.record(1); h.record(3); return [p.performance === performance, p.PerformanceObserver === PerformanceObserver, h.count, h.min, h.max, h.mean, p.timerify((x) => x + 1)(1)]`,
  'os.constants': `const o = require('node:os'); return [o.EOL, o.constants.signals.SIGTERM, o.constants.errno.ENOENT, o.devNull, o.platform()]`,
  'fs.constants': `return [require('node:fs').constants.O_CREAT, require('node:fs/promises').constants.R_OK, require('node:fs').promises === require('node:fs/promises')]`,
  worker_threads: `const w = require('node:worker_threads'); return [w.isMainThread, w.parentPort, w.threadId, w.MessageChannel === MessageChannel]`,
  process: `const p = require('node:process'); return [typeof p.hrtime.bigint(), p.hrtime([0, 0]).length, p.memoryUsage().heapUsed > 1000, p.cpuUsage().system >= 0, p.platform, typeof p.version, p.getBuiltinModule('node:path') === require('node:path'), p.getBuiltinModule('nope'), await new Promise((r) => p.nextTick(r, 4))]`,
};

test.each(Object.entries(same))('%s', async (_, body) => {
  await expectSame(sandbox, body);
});

describe('what a function cannot have says so at use:', () => {
  const code = 'ERR_METHOD_NOT_IMPLEMENTED';
  test.each([
    [
      `require('node:net').connect(1)`,
      code,
      'connect of node:net is not available in a function; there are no sockets; use fetch',
    ],
    [`new (class X extends require('node:net').Socket {})()`, code, 'Socket of node:net'],
    [`require('node:tls').connect(1)`, code, 'use fetch with an https: URL'],
    [`require('node:child_process').spawn('x')`, code, 'there are no processes'],
    [`new (require('node:worker_threads').Worker)('x')`, code, 'there are no threads'],
    [`require('node:dns').lookup('x', () => {})`, code, 'names are resolved by fetch'],
    [`require('node:vm').runInNewContext('1')`, code, 'import it, so that it is bundled'],
    [`require('node:async_hooks').createHook({}).enable()`, code, 'use AsyncLocalStorage'],
    [`require('node:process').chdir('/')`, code, 'chdir of node:process'],
    [`require('node:module').createRequire('/x')('lodash')`, 'MODULE_NOT_FOUND', "Cannot find module 'lodash'"],
    [
      `require('node:fs').readFileSync('/etc/passwd')`,
      'ENOSYS',
      "ENOSYS: function not implemented, readFile '/etc/passwd': functions have no files; import",
    ],
    [`await require('node:fs/promises').readFile('/x')`, 'ENOSYS', "readFile '/x'"],
    [`await require('node:fs').promises.stat(new URL('file:///x'))`, 'ENOSYS', "stat 'file:///x'"],
    [`await new Promise((_, j) => require('node:fs').writeFile('/x', '', j))`, 'ENOSYS', "writeFile '/x'"],
    [`await new Promise((_, j) => require('node:fs').createReadStream('/x').on('error', j))`, 'ENOSYS', "open '/x'"],
    [`for await (const x of require('node:fs/promises').glob('*')) x`, 'ENOSYS', "glob '*'"],
  ])('%s', async (use, expected, text) => {
    const answer = await evaluate(
      sandbox,
      `try { ${use}; return new Response('no error') } catch (e) { return new Response(e.code + ' ' + e.message) }`,
    );
    expect(answer).toContain(`${expected} `);
    expect(answer).toContain(text);
  });

  test('nothing exists', async () => {
    const body = `const fs = require('node:fs'); const out = [fs.existsSync('/'), fs.statSync('/', { throwIfNoEntry: false }) === undefined]; fs.exists('/', (e) => out.push(e)); await 0; await 0; return Response.json(out)`;
    expect(JSON.parse(await evaluate(sandbox, body))).toEqual([false, true, false]);
  });
});

test('the machine that a function sees is not the host', async () => {
  const body = `const os = require('node:os'); return Response.json([os.hostname(), os.cpus().length, os.totalmem(), os.userInfo().username, os.networkInterfaces(), os.release(), os.homedir()])`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual(['isohost', 1, 128 * 2 ** 20, 'isohost', {}, '', '/']);
});
