/** `node:crypto` and `node:zlib`, as Node has them. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  // The snippets run in Node, too.
  (globalThis as { require?: unknown }).require = createRequire(import.meta.url);
  sandbox = await testSandbox();
});
afterAll(async () => {
  delete (globalThis as { require?: unknown }).require;
  await sandbox.close();
});

const c = `const c = require('node:crypto'); const { Buffer } = require('node:buffer');`;
const pair = `const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']); const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)); const secret = c.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });`;
/** Of the name example.com and the address 127.0.0.1, for a hundred years. */
const certificate =
  '-----BEGIN CERTIFICATE-----\\nMIIBoTCCAUegAwIBAgIUJ+bq/ojSIVhgzDcAtkK+C6Sv2SwwCgYIKoZIzj0EAwIw\\nFjEUMBIGA1UEAwwLZXhhbXBsZS5jb20wIBcNMjYxMTI1MDExNTQ0WhgPMjEyNjEx\\nMDEwMTE1NDRaMBYxFDASBgNVBAMMC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYI\\nKoZIzj0DAQcDQgAERE3bXbACIGBeztvG4xnvSA0uDpkqEw+eTzTvbmp8oK57o1YB\\nFSKGyD3pWm2QP/BjECSWd2dOvbD8Sv7MtvoDOKNxMG8wHQYDVR0OBBYEFGfkie/S\\nbHxlTN3TARqh532ePFQtMB8GA1UdIwQYMBaAFGfkie/SbHxlTN3TARqh532ePFQt\\nMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4ILZXhhbXBsZS5jb22HBH8AAAEw\\nCgYIKoZIzj0EAwIDSAAwRQIhAPI3QIyvPrVB+DsroWs0/BYGPf3eQ1abjS1xCzBL\\nTFzTAiAKPSI3iSt6riM3VOgKZnJzsEWBKqOCWQqcwq8nYByXDg==\\n-----END CERTIFICATE-----';
const same: Record<string, string> = {
  hashes: `${c} return ['md5', 'sha1', 'sha256', 'sha512'].map((n) => c.createHash(n).update('a').update(Buffer.from('b')).digest('hex'))`,
  'a hash in one call': `${c} return c.hash('sha256', 'x', 'base64')`,
  'a hash that was digested': `${c} const h = c.createHash('sha1'); h.digest(); h.update('x')`,
  'a hash that is unknown': `${c} c.createHash('nope')`,
  'a large hash': `${c} return c.createHash('sha256').update(Buffer.alloc(3000000, 7)).digest('base64url')`,
  HMAC: `${c} return [c.createHmac('sha256', 'key').update('x').digest('hex'), c.createHmac('sha1', c.createSecretKey(Buffer.from('key'))).update('x').digest('base64')]`,
  ciphers: `${c} const k = Buffer.alloc(32, 1), iv = Buffer.alloc(16, 2); const e = c.createCipheriv('aes-256-cbc', k, iv); const t = e.update('some text', 'utf8', 'hex') + e.final('hex'); const d = c.createDecipheriv('aes-256-cbc', k, iv); return [t, d.update(t, 'hex', 'utf8') + d.final('utf8')]`,
  'an authenticated cipher': `${c} const k = Buffer.alloc(16, 1), iv = Buffer.alloc(12, 2); const e = c.createCipheriv('aes-128-gcm', k, iv); e.setAAD(Buffer.from('a')); const t = Buffer.concat([e.update('x'), e.final()]); const tag = e.getAuthTag(); const d = c.createDecipheriv('aes-128-gcm', k, iv); d.setAAD(Buffer.from('a')); d.setAuthTag(tag); return [t.toString('hex'), tag.toString('hex'), d.update(t, null, 'utf8') + d.final('utf8')]`,
  'a tag that is wrong': `${c} const d = c.createDecipheriv('aes-128-gcm', Buffer.alloc(16), Buffer.alloc(12)); d.setAuthTag(Buffer.alloc(16)); d.update('x'); d.final()`,
  PBKDF2: `${c} return [c.pbkdf2Sync('p', 's', 1000, 20, 'sha256').toString('hex'), (await new Promise((r) => c.pbkdf2('p', 's', 10, 8, 'sha1', (e, k) => r(k)))).toString('hex')]`,
  scrypt: `${c} return c.scryptSync('p', 's', 16, { N: 1024 }).toString('hex')`,
  'a comparison': `${c} return [c.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), c.timingSafeEqual(Buffer.from('a'), Buffer.from('b'))]`,
  'a comparison of lengths': `${c} c.timingSafeEqual(Buffer.from('a'), Buffer.from('bc'))`,
  signatures: `${c} ${pair} const s = c.createSign('SHA256').update('x').sign(secret); const p = c.createPublicKey(secret); return [c.createVerify('SHA256').update('x').verify(p, s), c.verify('sha256', Buffer.from('y'), p, s), secret.type, p.type, p.asymmetricKeyType, secret.export({ type: 'pkcs8', format: 'pem' }).slice(0, 27), Object.keys(p.export({ format: 'jwk' })).sort()]`,
  'no key': `${c} c.createPrivateKey('nothing')`,
  random: `${c} return [c.randomBytes(5).length, c.randomUUID().length, typeof c.randomInt(10), c.randomInt(3, 4)]`,
  'a copy of a hash': `${c} const h = c.createHash('sha256').update('a'); const k = h.copy(); return [h.update('b').digest('hex'), k.digest('hex')]`,
  'a hash as a stream': `${c} const { pipeline } = require('node:stream/promises'); const { Readable } = require('node:stream'); const h = c.createHash('sha1'); await pipeline(Readable.from([Buffer.from('a'), Buffer.from('b')]), h); return [h.read().toString('hex'), h.digest('hex')]`,
  'a signature as a stream': `${c} const { privateKey, publicKey } = c.generateKeyPairSync('ec', { namedCurve: 'P-256' }); const s = c.createSign('sha256'); s.write('x'); s.end('y'); const v = c.createVerify('sha256'); v.end('xy'); return v.verify(publicKey, s.sign(privateKey))`,
  'base64url in a buffer': `${c} const b = Buffer.alloc(4); return [b.write('_-8', 'base64url'), b.write('_-8', 1, 'base64url'), b.toString('hex')]`,
  'a cipher as a stream': `${c} const e = c.createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)); e.write('some'); e.end(' text'); const out = []; for await (const piece of e) out.push(piece); return Buffer.concat(out).toString('hex')`,
  HKDF: `${c} return [Buffer.from(c.hkdfSync('sha512', 'key', 'salt', 'info', 40)).toString('hex'), await new Promise((r) => c.hkdf('sha256', 'k', '', '', 8, (e, b) => r([e, b instanceof ArrayBuffer, b.byteLength])))]`,
  'derivations later': `${c} const { promisify } = require('node:util'); return [(await promisify(c.pbkdf2)('p', 's', 300000, 16, 'sha256')).toString('hex'), (await promisify(c.scrypt)('p', 's', 16, { N: 65536, r: 4, maxmem: 2 ** 26 })).toString('hex')]`,
  'pairs of keys': `${c} const { promisify } = require('node:util'); const make = promisify(c.generateKeyPair); const shown = []; for (const [type, options] of [['ec', { namedCurve: 'P-256' }], ['ed25519'], ['rsa', { modulusLength: 2048 }]]) { const { privateKey, publicKey } = await make(type, options); const s = c.sign(type === 'ed25519' ? null : 'sha256', Buffer.from('x'), privateKey); shown.push(publicKey.asymmetricKeyType, publicKey.asymmetricKeyDetails, c.verify(type === 'ed25519' ? null : 'sha256', Buffer.from('x'), publicKey, s)) } return require('node:util').inspect(shown)`,
  'a pair of keys at once': `${c} const k = c.generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' } }); return [k.publicKey.length, k.privateKey.slice(0, 37), c.createPrivateKey({ key: k.privateKey, passphrase: 'p' }).asymmetricKeyType]`,
  'new secrets': `${c} return [c.generateKeySync('aes', { length: 256 }).symmetricKeySize, c.generateKeySync('hmac', { length: 100 }).symmetricKeySize]`,
  RSA: `${c} const { privateKey, publicKey } = c.generateKeyPairSync('rsa', { modulusLength: 1024 }); const e = c.publicEncrypt({ key: publicKey, oaepHash: 'sha256', oaepLabel: Buffer.from('l') }, Buffer.from('x')); return [e.length, c.privateDecrypt({ key: privateKey, oaepHash: 'sha256', oaepLabel: Buffer.from('l') }, e).toString(), c.publicDecrypt(publicKey, c.privateEncrypt(privateKey, Buffer.from('y'))).toString()]`,
  'agreement on a curve': `${c} const a = c.createECDH('secp256k1'), b = c.createECDH('secp256k1'); a.setPrivateKey('01'.repeat(32), 'hex'); b.generateKeys(); return [a.getPublicKey('hex', 'compressed'), a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey())), c.ECDH.convertKey(a.getPublicKey('hex', 'compressed'), 'secp256k1', 'hex', 'hex')]`,
  'no curve': `${c} c.createECDH('nope')`,
  'agreement in a group': `${c} const a = c.getDiffieHellman('modp14'), b = c.getDiffieHellman('modp14'); a.generateKeys(); b.generateKeys(); return [a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey())), a.getPrime('hex').length, a.getGenerator('hex'), a.verifyError]`,
  'agreement in a group of its own': `${c} const p = c.getDiffieHellman('modp2').getPrime(); const a = c.createDiffieHellman(p, 2), b = c.createDiffieHellman(p.toString('hex'), 'hex'); a.generateKeys(); b.generateKeys(); return [a.computeSecret(b.getPublicKey(), null, 'hex') === b.computeSecret(a.getPublicKey('hex'), 'hex', 'hex'), a.verifyError]`,
  'agreement of keys': `${c} const a = c.generateKeyPairSync('x25519'), b = c.generateKeyPairSync('x25519'); return c.diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey }).equals(c.diffieHellman({ privateKey: b.privateKey, publicKey: a.publicKey }))`,
  primes: `${c} const p = c.generatePrimeSync(64, { bigint: true }); return [c.checkPrimeSync(p), c.checkPrimeSync(p * 3n), c.checkPrimeSync(Buffer.from([7])), c.generatePrimeSync(32).byteLength]`,
  'a certificate': `${c} const x = new c.X509Certificate("${certificate}"); return [x.subject, x.issuer, x.subjectAltName, x.validFrom, x.fingerprint256, x.serialNumber, x.ca, x.checkHost('example.com'), x.checkHost('other.com'), x.checkIP('127.0.0.1'), x.verify(x.publicKey), x.checkIssued(x), x.raw.length, x.toString().length, x.toLegacyObject().subject.CN, x.validToDate.getTime()]`,
  'no certificate': `${c} try { new c.X509Certificate('nothing') } catch (e) { return [e.name, e.code] }`,
  names: `${c} return [c.getHashes(), c.getCurves(), c.getCiphers(), c.getCipherInfo('aes-256-gcm'), c.getCipherInfo('nope'), Object.keys(c.constants).length > 50]`,
  zlib: `${c} const z = require('node:zlib'); const data = Buffer.alloc(5000, 'ab'); return [z.gunzipSync(z.gzipSync(data)).length, z.inflateSync(z.deflateSync(data)).length, z.inflateRawSync(z.deflateRawSync('x')).toString(), z.brotliDecompressSync(z.brotliCompressSync(data)).length, z.unzipSync(z.gzipSync('u')).toString(), z.deflateSync(data, { level: 9 }).toString('hex')]`,
  'zlib with a callback': `${c} const z = require('node:zlib'); return new Promise((r) => z.gzip('x', (e, d) => z.gunzip(d, (f, t) => r(t.toString()))))`,
  'zlib as a stream': `${c} const z = require('node:zlib'); return new Promise((r, j) => { const g = z.createGzip(), out = []; g.on('data', (d) => out.push(d)); g.on('end', () => r(z.gunzipSync(Buffer.concat(out)).toString())); g.on('error', j); g.write('a'); g.end('b') })`,
  'zlib in pieces': `${c} const z = require('node:zlib'); const data = c.createHash('shake256', { outputLength: 60000 }).update('x').digest(); const g = z.createGzip(); for (let i = 0; i < 5; i++) g.write(data); g.end(); const out = []; for await (const piece of g.pipe(z.createGunzip())) out.push(piece); return [Buffer.concat(out).equals(Buffer.concat([data, data, data, data, data])), g.bytesWritten]`,
  'zlib flushed': `${c} const z = require('node:zlib'); const d = z.createDeflate(); d.write('some text'); await new Promise((r) => d.flush(z.constants.Z_SYNC_FLUSH, r)); const out = []; for (let piece; (piece = d.read()) !== null; ) out.push(piece); return z.inflateSync(Buffer.concat(out), { finishFlush: z.constants.Z_SYNC_FLUSH }).toString()`,
  'zlib with a dictionary': `${c} const z = require('node:zlib'); const dictionary = Buffer.from('some text'); const e = z.deflateSync('some text', { dictionary }); let missing; try { z.inflateSync(e) } catch (x) { missing = [x.code, x.errno] } return [e.toString('hex'), z.inflateSync(e, { dictionary }).toString(), missing]`,
  zstd: `${c} const z = require('node:zlib'); const e = z.zstdCompressSync('x'.repeat(1000)); const s = z.createZstdDecompress(); s.end(e); let text = ''; for await (const piece of s) text += piece; return [e.length < 50, z.zstdDecompressSync(e).length, text.length]`,
  'zlib classes': `${c} const z = require('node:zlib'); return [new z.Gzip() instanceof require('node:stream').Transform, z.createBrotliCompress() instanceof z.BrotliCompress, z.Inflate.name, z.crc32('hello'), z.crc32(Buffer.from('lo'), z.crc32('hel')), z.codes.Z_DATA_ERROR, z.codes['-3']]`,
  'options of zlib': `${c} require('node:zlib').createGzip({ level: 10 })`,
  'a stream of no compressed data': `${c} const z = require('node:zlib'); const g = z.createGunzip(); g.end('nothing'); try { for await (const piece of g); } catch (e) { return [e.code, e.errno, e.message] }`,
  'zlib of no compressed data': `${c} require('node:zlib').gunzipSync(Buffer.from('x'))`,
};

test.each(Object.entries(same))('%s', async (_, body) => {
  await expectSame(sandbox, body);
});

describe('bounds', () => {
  test.each([
    ['iterations', `require('node:crypto').pbkdf2Sync('p', 's', 1e9, 32, 'sha256')`],
    ['memory', `require('node:crypto').scryptSync('p', 's', 32, { N: 2 ** 24 })`],
    [
      'output',
      `const z = require('node:zlib'); z.gunzipSync(z.gzipSync(new Uint8Array(2 ** 20)), { maxOutputLength: 1000 })`,
    ],
    ['the size of a key', `require('node:crypto').generateKeyPairSync('rsa', { modulusLength: 4096 })`],
    ['the size of a prime', `require('node:crypto').generatePrimeSync(4096)`],
    ['a search for a prime', `require('node:crypto').createDiffieHellman(2048)`],
    [
      'scrypt, later',
      `await new Promise((r, j) => require('node:crypto').scrypt('p', 's', 8, { N: 2 ** 22 }, (e) => j(e)))`,
    ],
    ['input', `require('node:zlib').gzipSync(new Uint8Array(5 * 2 ** 20))`],
  ])('of %s', async (_, call) => {
    expect(
      await evaluate(sandbox, `try { ${call}; return new Response('done') } catch (e) { return new Response(e.name) }`),
    ).toBe('RangeError');
  });
});
