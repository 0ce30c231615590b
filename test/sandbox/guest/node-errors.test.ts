/** What Node's modules refuse, functions' refuse too: by the same error, code and message, or else with the same result. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const tell = `const show = (v) => v instanceof Uint8Array ? [...v] : typeof v === 'bigint' ? v + 'n' : v;
  const tell = (f) => { try { return show(f()) ?? null } catch (e) { return [e.name, e.code ?? null, e.message, String(e).startsWith(e.name + ' [ERR_')] } };`;

/** Modules, and calls of theirs. */
const calls: Record<string, readonly [module: string, calls: readonly string[]]> = {
  'Buffer: making': [
    'node:buffer',
    [
      `m.Buffer.from(5)`,
      `m.Buffer.from(null)`,
      `m.Buffer.from({})`,
      `m.Buffer.from('a', 'nope')`,
      `m.Buffer.from(new ArrayBuffer(4), 5)`,
      `m.Buffer.from(new ArrayBuffer(4), 1, 4)`,
      `m.Buffer.from(new ArrayBuffer(4), 'x')`,
      `m.Buffer.from({ length: 2, 0: 1, 1: 300 })`,
      `m.Buffer.from({ type: 'Buffer', data: [1, 2] })`,
      `m.Buffer.from(new String('ab'))`,
      `m.Buffer.from({ [Symbol.toPrimitive]: () => 'ab' })`,
      `m.Buffer.from([1.9, -1, 'a', '7'])`,
      `m.Buffer.alloc('5')`,
      `m.Buffer.alloc(-1)`,
      `m.Buffer.alloc(5, 'ab')`,
      `m.Buffer.alloc(5, 'zz', 'hex')`,
      `m.Buffer.alloc(5, m.Buffer.from('xy'))`,
      `m.Buffer.alloc(3, 'YQ==', 'base64')`,
      `m.Buffer.concat('x')`,
      `m.Buffer.concat([1])`,
      `m.Buffer.concat([m.Buffer.from('abc'), m.Buffer.from('de')], 4)`,
      `m.Buffer.concat([m.Buffer.from('abc')], 5)`,
      `m.Buffer.byteLength(5)`,
      `m.Buffer.byteLength('é€😀')`,
      `m.Buffer.byteLength('YWI=', 'base64')`,
      `m.Buffer.compare(1, m.Buffer.alloc(1))`,
      `m.Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), 1, 1)`,
      `m.Buffer.isEncoding('UTF-16LE')`,
      `m.Buffer.isEncoding('nope')`,
      `m.Buffer('a').constructor.name`,
    ],
  ],
  'Buffer: encodings': [
    'node:buffer',
    [
      ...['utf8', 'ucs2', 'latin1', 'ascii', 'base64', 'base64url', 'hex'].flatMap((encoding) => [
        `m.Buffer.from(${encoding.startsWith('base64') ? "'YWJj*ZGVm-_ +/=YQ'" : "'zé€😀\\\\ud800YWJj='"}, '${encoding}')`,
        `m.Buffer.from([0x61, 0xf0, 0xb8, 0x41, 0xe2, 0x82, 0xff, 0xed, 0xa0, 0x80]).toString('${encoding}')`,
        `m.Buffer.alloc(5).write('a€😀', 1, '${encoding}')`,
      ]),
      `m.Buffer.from('616g', 'hex')`,
      `m.Buffer.from('abc').toString('nope')`,
      `m.Buffer.from('abc').toString('latin1', 1, 99)`,
      `m.Buffer.from('abc').toString('latin1', -1, 2.9)`,
      `m.Buffer.alloc(3).write(1)`,
      `m.Buffer.alloc(3).write('a', 4)`,
      `m.Buffer.alloc(3).write('a', 'nope')`,
      `m.Buffer.alloc(3).write('abc', 1, 1)`,
      `m.transcode(m.Buffer.from('€a'), 'utf8', 'ascii')`,
      `m.transcode(m.Buffer.from('a'), 'utf8', 'hex')`,
      `m.isUtf8('x')`,
    ],
  ],
  'Buffer: numbers': [
    'node:buffer',
    [
      ...['UInt8', 'Int8', 'UInt16LE', 'Int16BE', 'UInt32BE', 'Int32LE', 'FloatLE', 'DoubleBE', 'BigInt64LE'].flatMap(
        (name) => [
          `m.Buffer.from([255, 254, 3, 4, 5, 6, 7, 8]).read${name}()`,
          `m.Buffer.alloc(8).read${name}('0')`,
          `m.Buffer.alloc(8).read${name}(1.5)`,
          `m.Buffer.alloc(8).read${name}(-1)`,
          `m.Buffer.alloc(0).read${name}(0)`,
        ],
      ),
      ...['UInt8', 'Int16LE', 'UInt32BE'].flatMap((name) => [
        `m.Buffer.alloc(4).write${name}(2 ** 40)`,
        `m.Buffer.alloc(4).write${name}(-(2 ** 40))`,
        `m.Buffer.alloc(4).write${name}(1, 4)`,
        `m.Buffer.alloc(4).write${name}('7', '0')`,
      ]),
      `m.Buffer.from([1, 2, 3, 4, 5, 250]).readIntBE(0, 6)`,
      `m.Buffer.from([255, 2, 3]).readIntBE(0, 3)`,
      `m.Buffer.alloc(8).readUIntLE(0, 7)`,
      `m.Buffer.alloc(8).readUIntLE(undefined, 2)`,
      `m.Buffer.alloc(8).readUIntLE(7, 2)`,
      `(b => (b.writeIntLE(-123456, 1, 5), b))(m.Buffer.alloc(6))`,
      `m.Buffer.alloc(8).writeUIntBE(2 ** 48, 0, 6)`,
      `m.Buffer.alloc(8).writeBigUInt64LE(2n ** 64n)`,
      `m.Buffer.alloc(8).writeBigInt64BE(-(2n ** 63n))`,
      `(b => (b.writeFloatBE(-0.5), b.writeDoubleLE(Math.PI, 4), b))(m.Buffer.alloc(12))`,
    ],
  ],
  'Buffer: the rest': [
    'node:buffer',
    [
      `m.Buffer.from('abcabc').indexOf('c', -2)`,
      `m.Buffer.from('abcabc').lastIndexOf('b')`,
      `m.Buffer.from('abcabc').lastIndexOf('b', 3)`,
      `m.Buffer.from('abc').indexOf('')`,
      `m.Buffer.from('abc').indexOf('', 9)`,
      `m.Buffer.from('abc').indexOf({})`,
      `m.Buffer.from('abc').indexOf('a', 0, 'nope')`,
      `m.Buffer.from('aXbX', 'ucs2').indexOf('X', 3, 'ucs2')`,
      `m.Buffer.from('abc').includes(99)`,
      `m.Buffer.alloc(4).fill('abc', 1, 3)`,
      `m.Buffer.alloc(4).fill('a', 5)`,
      `m.Buffer.alloc(4).fill('a', 0, 5)`,
      `m.Buffer.alloc(4).fill('a', 0, 4, 'nope')`,
      `m.Buffer.alloc(4).fill(300, 1)`,
      `m.Buffer.alloc(4).equals('x')`,
      `m.Buffer.alloc(4).compare(m.Buffer.alloc(4), 0, 9)`,
      `m.Buffer.from('abcd').compare(m.Buffer.from('bc'), 0, 2, 1, 3)`,
      `m.Buffer.alloc(4).copy('x')`,
      `m.Buffer.alloc(4).copy(m.Buffer.alloc(4), -1)`,
      `m.Buffer.alloc(4).copy(m.Buffer.alloc(4), 0, 5)`,
      `m.Buffer.from('abcd').copy(m.Buffer.alloc(2), 1, 1)`,
      `m.Buffer.alloc(3).swap16()`,
      `m.Buffer.from([1, 2, 3, 4]).swap32()`,
      `require('node:util').inspect(Object.assign(m.Buffer.from('ab'), { x: 1 }))`,
      `m.Buffer.from('ab').subarray(1).constructor.name`,
    ],
  ],
  crypto: [
    'node:crypto',
    [
      `m.createHash()`,
      `m.createHash('sha1').update()`,
      `m.createHash('sha1', { outputLength: 'x' })`,
      `m.createHash('sha1', { outputLength: -1 })`,
      `m.createHash('nope')`,
      `(h => (h.digest(), h.digest()))(m.createHash('sha1'))`,
      `m.createHmac(null)`,
      `m.createHmac('sha1', null)`,
      `(h => (h.digest(), h.digest()))(m.createHmac('sha1', 'k'))`,
      `m.Hash('sha1') instanceof m.Hash`,
      `m.hash('sha1', 12)`,
      `m.hash('sha1', 'a', 'nope')`,
      `m.pbkdf2('p', 's', 1, 20, 'sha1')`,
      `m.pbkdf2Sync('p', 's', 1, 20)`,
      `m.pbkdf2Sync('p', 's', 0, 20, 'sha1')`,
      `m.pbkdf2Sync('p', 's', 1, Infinity, 'sha1')`,
      `m.pbkdf2Sync(1, 's', 1, 10, 'sha1')`,
      `m.hkdfSync('sha1', 1, 'b', 'c', 10)`,
      `m.hkdfSync('sha1', 'k', 1, 'c', 10)`,
      `m.hkdfSync('sha1', 'k', 's', m.randomBytes(1025), 10)`,
      `m.scryptSync('p', 's', 64, { N: 16, cost: 16 })`,
      `m.scryptSync('p', 's', 64, { N: 'x' })`,
      `m.scrypt('p', 's', 64)`,
      `m.randomBytes('1')`,
      `m.randomBytes(-1)`,
      `m.randomFillSync('x')`,
      `m.randomFillSync(new Uint8Array(5), 0, 6)`,
      `m.randomInt()`,
      `m.randomInt(5, 1)`,
      `m.randomInt(0, 2 ** 49)`,
      `m.randomUUID(1)`,
      `m.createSecretKey(1)`,
      `m.createSecretKey('a').constructor.name`,
      `m.createPrivateKey(1)`,
      `m.createPublicKey({ key: 1 })`,
      `m.createPublicKey({ key: 'x', format: 'q' })`,
      `m.createPrivateKey({ key: 'x', format: 'jwk' })`,
      `m.createPublicKey(m.createSecretKey('a'))`,
      `m.KeyObject.from(1)`,
      `m.generateKeySync('hmac', { length: 0 })`,
      `m.generateKeySync('aes', { length: 1 })`,
      `m.generateKeySync('x', {})`,
      `m.generateKeyPairSync('x')`,
      `m.generateKeyPairSync('rsa')`,
      `m.generateKeyPairSync('rsa', { modulusLength: 'x' })`,
      `m.createCipheriv('aes-128-cbc', 1)`,
      `m.createCipheriv('aes-128-cbc', '1'.repeat(16), 1)`,
      `m.getCipherInfo('aes-128-cbc', { ivLength: -1 })`,
      `m.getCipherInfo(null)`,
      `m.createSign(1)`,
      `m.createSign('sha1').sign()`,
      `m.sign(1, 'a', 'k')`,
      `m.createECDH(1)`,
      `m.createDiffieHellman()`,
      `m.createDiffieHellmanGroup(1)`,
      `m.diffieHellman()`,
      `m.checkPrimeSync(1)`,
      `m.generatePrimeSync(0)`,
      `m.generatePrimeSync(8, { safe: 1 })`,
    ],
  ],
  zlib: [
    'node:zlib',
    [
      `m.gzipSync(1)`,
      `m.gzipSync('a', { level: 10 })`,
      `m.gzipSync('a', { level: 'x' })`,
      `m.gzipSync('a', { windowBits: 8 })`,
      `m.deflateSync('a', { windowBits: 16 })`,
      `m.deflateSync('a', { memLevel: 0 })`,
      `m.deflateSync('a', { strategy: 5 })`,
      `m.deflateSync('a', { chunkSize: 1 })`,
      `m.deflateSync('a', { flush: 9 })`,
      `m.deflateSync('a', { level: Infinity })`,
      `m.deflateSync('a', { dictionary: 'x' })`,
      `m.brotliCompressSync('a', { params: { 99: 1 } })`,
      `m.gzip('a')`,
      `m.crc32('a', -1)`,
      `m.Z_BEST_SPEED`,
      `m.Gzip() instanceof m.Gzip`,
      `m.gunzipSync(m.gzipSync('a', { info: true }).buffer)`,
    ],
  ],
  'path and url': [
    'node:url',
    [
      `require('node:path').join(1)`,
      `require('node:path').resolve('a', null)`,
      `require('node:path').basename('a', 1)`,
      `require('node:path').relative('a')`,
      `require('node:path').format(null)`,
      `require('node:path').format({ name: 'a', ext: 'b' })`,
      `m.fileURLToPath(1)`,
      `m.fileURLToPath('http://x/')`,
      `m.fileURLToPath('file://host/x')`,
      `m.fileURLToPath('file:///a%2fb')`,
      `m.fileURLToPath('file:///C:/a%20b', { windows: true })`,
      `m.pathToFileURL(1)`,
      `m.pathToFileURL('/a b#?%\\\\/').href`,
      `m.pathToFileURL('\\\\\\\\host\\\\a b', { windows: true }).href`,
      `m.domainToASCII()`,
      `m.format(1)`,
    ],
  ],
  'url of old': [
    'node:url',
    [
      ...[
        'http://a:b%40@H.com:80/p a?q=1#h',
        '//user@host/path',
        'javascript:alert(1)',
        'file:///x',
        ' http:\\\\\\\\x\\\\y?z\\\\ ',
        'mailto:a@b.c?s=1',
        'http://[::1]:8/x',
        'http://a.b\\tc/',
        '/only/path?x=y',
        'http://español.com',
        'coap:u:p@[::1]:61616/.well-known/r?n=T#c',
      ].map((url) => `({ ...m.parse('${url}') })`),
      `m.parse(1)`,
      `m.parse('http://a b/')`,
      `m.parse('http://[zz%]/')`,
      `m.parse('/a?b=1&b=2', true).query`,
      `m.parse('//h/p', false, true).host`,
      `m.format({ protocol: 'http', hostname: '::1', port: 5, pathname: 'a#b', query: { x: [1, 2] }, auth: 'u:p@' })`,
      `m.format({ pathname: '/x', search: 'a#b', hash: 'c' })`,
      ...[
        ['/one/two/three', 'four'],
        ['http://example.com/', '/one'],
        ['http://a.com/b/c/d', '../../../e/./f/..'],
        ['http://u:p@a/b', '//c/d'],
        ['http://a/b', 'https:c'],
        ['mailto:a@b', 'mailto:c@d'],
        ['http://a/b?c', '?d'],
        ['.', '../x'],
        ['http://localhost', 'file:///Users/foo'],
      ].map(([from, to]) => `m.resolve('${from}', '${to}')`),
    ],
  ],
  'querystring and string_decoder': [
    'node:querystring',
    [
      `m.parse('a=1&a=2&b=%zz&c+d=e+f&&g')`,
      `m.parse('&a', null, null, { maxKeys: 1 })`,
      `m.parse('a:b;c:d', ';', ':')`,
      `m.stringify({ a: [1, 'x y'], b: null, c: true, d: 5n, e: {} })`,
      `m.escape('\\ud801test')`,
      `m.escape('\\ud801')`,
      `m.unescapeBuffer('a%20%d3%zz')`,
      `new (require('node:string_decoder').StringDecoder)('nope')`,
      `new (require('node:string_decoder').StringDecoder)().write(1)`,
      `['utf8', 'base64', 'base64url', 'hex'].map((e) => { const d = new (require('node:string_decoder').StringDecoder)(e); return [0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82, 0x3d, 0xd8, 0x41].map((b) => d.write(Uint8Array.of(b))).concat(d.end()) })`,
    ],
  ],
  util: [
    'node:util',
    [
      `m.inherits(class {}, null)`,
      `m.inherits(class {}, {})`,
      `m.callbackify(1)`,
      `m.callbackify(async function f(a) {}).name`,
      `m.callbackify(async () => {})(1)`,
      `m.promisify(1)`,
      `m.styleText('red', 1)`,
      `m.styleText('red', 'a', { validateStream: 1 })`,
    ],
  ],
};

test.each(Object.entries(calls))('%s', async (_, [module, list]) => {
  const lines = list.map((call) => `tell(() => ${call})`);
  await expectSame(sandbox, `${tell} const m = require('${module}'); return [${lines.join(',\n')}]`);
});

const later: Record<string, string> = {
  'what is written after the end of what was compressed is ignored': `const z = require('node:zlib'); const g = z.createInflate(); let out = ''; g.on('data', (c) => (out += c)); const end = new Promise((r, j) => g.on('end', r).on('error', j)); g.write(z.deflateSync('hello')); g.write('garbage'); g.end('more'); await end; return out`,
  'a stream ends where what was compressed ends, though nobody ends it': `const z = require('node:zlib'); const told = []; for (const [data, g] of [[z.deflateSync('hello'), z.createInflate()], [z.brotliCompressSync('hello'), z.createBrotliDecompress()]]) { let out = ''; g.on('data', (c) => (out += c)); const end = new Promise((r, j) => g.on('end', r).on('error', j)); g.write(data); g.write('garbage'); await end; told.push(out, g.bytesWritten === data.length) } return told`,
  'level and strategy change under way': `const z = require('node:zlib'); const g = z.createDeflate({ level: 9 }); const out = []; g.on('data', (c) => out.push(c)); const end = new Promise((r, j) => g.on('end', r).on('error', j)); g.write('a'.repeat(1000)); await new Promise((r) => g.params(0, z.constants.Z_DEFAULT_STRATEGY, r)); g.end('b'.repeat(1000)); await end; const all = require('node:buffer').Buffer.concat(out); return [all.length > 1000, all.length < 1100, g._level, String(z.inflateSync(all)) === 'a'.repeat(1000) + 'b'.repeat(1000)]`,
  'parameters of zlib that are none': `const z = require('node:zlib'); const told = []; for (const f of [() => z.createDeflate().params('x'), () => z.createDeflate().params(10), () => z.createDeflate().params(0, 9), () => z.createBrotliCompress({ params: { 0: 0, '00': 0 } }), () => z.createBrotliCompress({ params: { [z.constants.BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING]: 42 } })]) try { f(); told.push('done') } catch (e) { told.push([e.name, e.code, e.message]) } return told`,
  'a decoder that is called on an object of another class': `const { StringDecoder } = require('node:string_decoder'); function Own(e) { StringDecoder.call(this, e) } Own.prototype = StringDecoder.prototype; const d = new Own('utf8'); return [d.encoding, d.write(new Uint8Array([0xc3])), d.write(new Uint8Array([0xa9])), d.end()]`,
  'bytes that are no text, one by one': `const { StringDecoder } = require('node:string_decoder'); const told = []; for (const [encoding, ...pieces] of [['utf8', 'f69b', 'd1'], ['utf8', 'f4', 'bde5'], ['utf8', 'c0', '80'], ['utf16le', '3dd84d'], ['utf16le', '3d', 'd84d', 'dc'], ['utf16le', '3dd8', '4d', 'dc']]) { const d = new StringDecoder(encoding); told.push([pieces.map((p) => escape(d.write(Uint8Array.fromHex(p)))), escape(d.end())]) } return told`,
  'a duplex that is destroyed while corked': `const { Duplex } = require('node:stream'); const d = new Duplex({ read() {}, write(c, e, done) { done() } }); d.cork(); const told = new Promise((r) => d.write('x', (e) => r(e.code))); d.destroy(); return told`,
  'who ends a stream is told of no error by null': `const { Writable } = require('node:stream'); return [await new Promise((r) => new Writable({ write(c, e, done) { done() } }).end('x', (e) => r([e]))), await new Promise((r) => new Writable({ write(c, e, done) { done(new Error('no')) } }).on('error', () => {}).end('x', (e) => r(e.message)))]`,
  'a buffer of a stream of the standard stays what it is': `const { Buffer } = require('node:buffer'); const { Readable } = require('node:stream'); const chunk = Buffer.from('x'); const r = Readable.fromWeb(new ReadableStream({ start(c) { c.enqueue(chunk); c.close() } })); for await (const each of r) return each === chunk`,
  'signed keys with a challenge': `const { Certificate } = require('node:crypto'); const told = [new Certificate().verifySpkac('nothing'), Certificate() instanceof Certificate, String(Certificate.exportChallenge('nothing')), String(Certificate.exportPublicKey('nothing'))]; try { Certificate.verifySpkac(1) } catch (e) { told.push(e.code) } return told`,
  'a group of Diffie and Hellman by the prime of another': `const c = require('node:crypto'); const prime = c.getDiffieHellman('modp2').getPrime(); const a = c.createDiffieHellman(prime), b = c.getDiffieHellman('modp2'); a.generateKeys(); b.generateKeys(); return [a.verifyError, a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey()))]`,
  'headers that are added one by one': `const { IncomingMessage } = require('node:http'); const m = new IncomingMessage(); const to = {}; for (const [n, v] of [['Host', 'a'], ['host', 'b'], ['Cookie', 'a=1'], ['cookie', 'b=2'], ['Set-Cookie', 'x'], ['set-cookie', 'y'], ['Accept', 'a'], ['accept', 'b']]) m._addHeaderLine(n, v, to); m.connection = 'c'; return [to, m.socket]`,
  'an emitter without a count of its own': `const { Stream } = require('node:stream'); const s = new Stream(); s.listenerCount = undefined; return new Promise((r) => { s.on('error', (e) => r(e.message)); s.emit('error', new Error('told')) })`,
  'timers/promises': `const t = require('node:timers/promises'); const told = []; for (const f of [() => t.setTimeout('1'), () => t.setTimeout(1, 0, 1), () => t.setImmediate(0, { signal: 1 }), () => t.setInterval(1, 0, { ref: 1 }).next()]) told.push(await f().catch((e) => [e.code, e.message])); return told`,
  timers: `const t = require('node:timers'); const x = t.setTimeout(() => {}, 5); const told = [x.hasRef(), x.unref().hasRef(), typeof +x, x[Symbol.dispose]()]; const i = t.setImmediate(() => {}); t.clearImmediate(i); try { t.setTimeout(1) } catch (e) { told.push(e.code) } return [told, i.constructor.name]`,
  'callbackify of what is not true': `return new Promise((r) => require('node:util').callbackify(() => Promise.reject(null))((e) => r([e.code, e.message, e.reason])))`,
  'keys of both kinds': `const c = require('node:crypto'); const k = c.createSecretKey('0123456789abcdef'); const w = k.toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']); const s = await crypto.subtle.sign('HMAC', w, new Uint8Array(1)); return [w.type, w.extractable, w.usages, [...new Uint8Array(s)], c.KeyObject.from(w).equals(k), c.createHmac('sha256', w).update(new Uint8Array(1)).digest('hex')]`,
  receiveMessageOnPort: `const w = require('node:worker_threads'); const { port1, port2 } = new w.MessageChannel(); port1.postMessage({ a: 1 }); const told = [w.receiveMessageOnPort(port2), w.receiveMessageOnPort(port2) === undefined]; port1.close(); return told`,
  'a path that names another host': `try { require('node:http').request({ hostname: 'a.test', path: '@b.test/' }).on('error', () => {}).destroy() } catch (e) { return e.code } return 'kept apart'`,
};

test.each(Object.entries(later))('%s', async (_, body) => {
  await expectSame(sandbox, body);
});

test('a key object of a key that is not extractable shows nothing of it', async () => {
  const body = `const c = require('node:crypto'); const told = [];
    const secret = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    for (const key of [secret, privateKey]) {
      const object = c.KeyObject.from(key);
      told.push([object.type, object.asymmetricKeyType, object.asymmetricKeyDetails, object.equals(object), object.equals(c.KeyObject.from(key))]);
      const uses = [() => object.export(), () => object.symmetricKeySize, () => object.toCryptoKey('HMAC', true, ['sign']), () => c.createHmac('sha256', object), () => c.createPublicKey(object), () => c.sign('sha256', new Uint8Array(), object)];
      for (const use of uses) { let shown; try { shown = use() } catch (e) { continue } if (shown !== undefined) told.push(String(use)) }
    }
    return Response.json(told)`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual([
    ['secret', null, null, true, false],
    ['private', 'ec', { namedCurve: 'prime256v1' }, true, false],
  ]);
});

test('a request goes to no other host than its own, whatever its path says', async () => {
  const body = `const told = []; for (const path of ['http://evil.test/x', '\\\\\\\\evil.test/x', 'https://evil.test/']) try { require('node:http').request({ hostname: 'a.test', path }); told.push('sent') } catch (e) { told.push(e.code) } return Response.json(told)`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual(Array.from({ length: 3 }, () => 'ERR_INVALID_ARG_VALUE'));
});

test('an interval of timers/promises goes on while nobody asks, and what came until its end is given', async () => {
  const body = `const t = require('node:timers/promises'); const c = new AbortController(); let n = 0, ticks = 0; const id = setInterval(() => { ticks += 1 }, 5);
    try { for await (const _ of t.setInterval(5, 0, { signal: c.signal })) { n += 1; if (n === 1) { while (ticks < 6) await t.setTimeout(5); c.abort() } } } catch (e) { clearInterval(id); return Response.json([e.name, n > 2]) }`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual(['AbortError', true]);
});

test('a web key tells which of its members is missing', async () => {
  const body = `const c = require('node:crypto'); const told = [];
    for (const key of [{ kty: 'EC' }, { kty: 'EC', crv: 'P-256', x: 'a' }, { kty: 'RSA', n: 'a' }, { kty: 'OKP' }]) try { c.createPublicKey({ key, format: 'jwk' }) } catch (e) { told.push(e.code + ' ' + e.message) }
    try { c.createPrivateKey({ key: { kty: 'RSA', n: 'a', e: 'AQAB' }, format: 'jwk' }) } catch (e) { told.push(e.message) }
    return Response.json(told)`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual([
    'ERR_CRYPTO_INVALID_JWK EC JWK missing crv parameter',
    'ERR_CRYPTO_INVALID_JWK EC JWK missing y parameter',
    'ERR_CRYPTO_INVALID_JWK RSA JWK missing e parameter',
    'ERR_CRYPTO_INVALID_JWK OKP JWK missing crv parameter',
    'RSA JWK missing d parameter',
  ]);
});

test('what Node has taken out of node:util is there for old packages', async () => {
  const body = `const u = require('node:util'); const lines = []; const { log } = console; console.log = (...args) => lines.push(args.length); u.log('x'); console.log = log;
    const values = [null, undefined, 1, 'a', true, Symbol.iterator, {}, [], new Date(), /x/, new Error('x'), () => {}];
    const names = ['isArray', 'isBoolean', 'isDate', 'isError', 'isFunction', 'isNull', 'isNullOrUndefined', 'isNumber', 'isObject', 'isPrimitive', 'isRegExp', 'isString', 'isSymbol', 'isUndefined'];
    return Response.json([lines, names.map((name) => values.map((value) => (u[name](value) ? 1 : 0)).join(''))])`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual([
    [3],
    [
      '000000010000',
      '000010000000',
      '000000001000',
      '000000000010',
      '000000000001',
      '100000000000',
      '110000000000',
      '001000000000',
      '000000111110',
      '111111000000',
      '000000000100',
      '000100000000',
      '000001000000',
      '010000000000',
    ],
  ]);
});
