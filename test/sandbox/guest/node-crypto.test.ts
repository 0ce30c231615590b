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
  zlib: `${c} const z = require('node:zlib'); const data = Buffer.alloc(5000, 'ab'); return [z.gunzipSync(z.gzipSync(data)).length, z.inflateSync(z.deflateSync(data)).length, z.inflateRawSync(z.deflateRawSync('x')).toString(), z.brotliDecompressSync(z.brotliCompressSync(data)).length, z.unzipSync(z.gzipSync('u')).toString(), z.deflateSync(data, { level: 9 }).toString('hex')]`,
  'zlib with a callback': `${c} const z = require('node:zlib'); return new Promise((r) => z.gzip('x', (e, d) => z.gunzip(d, (f, t) => r(t.toString()))))`,
  'zlib as a stream': `${c} const z = require('node:zlib'); return new Promise((r, j) => { const g = z.createGzip(), out = []; g.on('data', (d) => out.push(d)); g.on('end', () => r(z.gunzipSync(Buffer.concat(out)).toString())); g.on('error', j); g.write('a'); g.end('b') })`,
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
    ['input', `require('node:zlib').gzipSync(new Uint8Array(5 * 2 ** 20))`],
  ])('of %s', async (_, call) => {
    expect(
      await evaluate(sandbox, `try { ${call}; return new Response('done') } catch (e) { return new Response(e.name) }`),
    ).toBe('RangeError');
  });
});
