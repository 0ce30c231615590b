/** Work that the host does for a guest: Web Crypto and compression, as Node has them, within bounds, and charged. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const hex = 'const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");';
const text = 'const bytes = new TextEncoder().encode("some text");';
const same: Record<string, string> = {
  digest: `${hex}${text} return Promise.all(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].map(async (n) => hex(await crypto.subtle.digest(n, bytes))))`,
  HMAC: `${hex}${text} const k = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']); const s = await crypto.subtle.sign('HMAC', k, bytes); return [hex(s), await crypto.subtle.verify('HMAC', k, s, bytes), k.algorithm, k.usages, k.type, (await crypto.subtle.exportKey('jwk', k)).k]`,
  'AES-GCM': `${hex}${text} const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']); const a = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: bytes }; const c = await crypto.subtle.encrypt(a, k, bytes); return [hex(c), hex(await crypto.subtle.decrypt(a, k, c))]`,
  'a tag that is wrong': `const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['decrypt']); await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(32))`,
  PBKDF2: `${hex}${text} const k = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']); return hex(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: bytes, iterations: 1000 }, k, 256))`,
  'keys of elliptic curves': `${text} const a = { name: 'ECDSA', namedCurve: 'P-256' }; const { privateKey, publicKey } = await crypto.subtle.generateKey(a, true, ['sign', 'verify']); const s = await crypto.subtle.sign({ ...a, hash: 'SHA-256' }, privateKey, bytes); const again = await crypto.subtle.importKey('jwk', await crypto.subtle.exportKey('jwk', publicKey), a, true, ['verify']); return [await crypto.subtle.verify({ ...a, hash: 'SHA-256' }, again, s, bytes), Object.prototype.toString.call(privateKey), privateKey instanceof CryptoKey]`,
  'a key that is not to be exported': `const k = await crypto.subtle.generateKey({ name: 'AES-CBC', length: 128 }, false, ['encrypt']); await crypto.subtle.exportKey('raw', k)`,
  'a clone of a key': `${hex}${text} const k = structuredClone(await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])); return [hex(await crypto.subtle.sign('HMAC', k, bytes)), k.extractable]`,
  'HMAC by other names, and what is not signed': `${hex}${text} const s = crypto.subtle; const k = await s.importKey('raw', bytes, { name: 'hmac', hash: { name: 'sha-512' } }, false, ['verify', 'sign']); const mac = await s.sign({ name: 'HMAC' }, k, bytes); const wrong = [new Uint8Array(64), new Uint8Array(3), mac.slice(1)]; return [k, k.algorithm, k.usages, hex(mac), await s.verify('Hmac', k, mac, bytes), await Promise.all(wrong.map((w) => s.verify('HMAC', k, w, bytes))), hex(await s.sign('HMAC', k, new Uint8Array(20000)))]`,
  'HMAC of so many bits': `${hex}${text} const k = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1', length: 70 }, true, ['sign']); return [k.algorithm, hex(await crypto.subtle.exportKey('raw', k)), hex(await crypto.subtle.sign('HMAC', k, bytes))]`,
  'what is done with a secret': `${hex}${text} const s = crypto.subtle; const a = { name: 'HMAC', hash: 'SHA-256' }; const k = await s.importKey('raw', bytes, a, true, ['sign', 'verify']); const aes = await s.importKey('raw', new Uint8Array(16), 'AES-KW', true, ['wrapKey', 'unwrapKey']); const same = await s.importKey('raw', new Uint8Array(16).fill(7), a, true, ['sign']); const wrapped = await s.wrapKey('raw', same, aes, 'AES-KW'); const back = await s.unwrapKey('raw', wrapped, aes, 'AES-KW', a, true, ['sign']); k.algorithm.hash.name = 'SHA-1'; return [(await s.exportKey('jwk', k)).k, hex(await s.exportKey('raw', structuredClone(k))), hex(wrapped), hex(await s.exportKey('raw', back)), hex(await s.sign('HMAC', k, bytes)), hex(await s.sign('HMAC', same, new Uint8Array(20000))), await s.exportKey('raw', await s.importKey('raw', bytes, a, false, ['sign'])).catch((e) => e.name)]`,
  'what HMAC refuses': `${text} const s = crypto.subtle; const k = await s.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']); const aes = await s.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['encrypt']); const tries = [() => s.importKey('raw', new Uint8Array(), { name: 'HMAC', hash: 'SHA-1' }, true, ['sign']), () => s.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, true, ['encrypt']), () => s.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, true, []), () => s.importKey('raw', bytes, { name: 'HMAC', hash: 'no' }, true, ['sign']), () => s.sign('AES-GCM', k, bytes), () => s.verify('HMAC', k, bytes, bytes), () => s.sign('HMAC', aes, bytes)]; const out = []; for (const one of tries) out.push(await one().catch((e) => e.name + ': ' + e.message)); return out`,
  'digests of what is long, by a name in lower case': `${hex} return Promise.all([0, 16384, 16385, 200000].map(async (n) => hex(await crypto.subtle.digest({ name: 'sha-256' }, new Uint8Array(n)))))`,
  'an algorithm that is unknown': `await crypto.subtle.digest('SHA-0', new Uint8Array())`,
  'too few arguments': `await crypto.subtle.digest('SHA-1')`,
  'compression both ways': `const data = new Blob([new Uint8Array(300000).map((_, i) => (i * i) % 251)]); const out = []; for (const f of ['gzip', 'deflate', 'deflate-raw', 'brotli']) { const c = await new Response(data.stream().pipeThrough(new CompressionStream(f))).blob(); const d = await new Response(c.stream().pipeThrough(new DecompressionStream(f))).arrayBuffer(); out.push(d.byteLength, new Uint8Array(d)[299999]) } return out`,
  'compressed data that is cut off': `await new Response(new Blob([new Uint8Array([31, 139, 8, 0])]).stream().pipeThrough(new DecompressionStream('gzip'))).text()`,
  'a format that is unknown': `new CompressionStream('zip')`,
};

test.each(Object.entries(same))('%s', async (_, body) => {
  await expectSame(sandbox, body);
});

describe('bounds', () => {
  test.each([
    ['iterations', `{ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 2 ** 31 }`, '256'],
    ['bits', `{ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 1 }`, '2 ** 25'],
  ])('of what deriveBits does: %s', async (_, algorithm, bits) => {
    const code = `const k = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
      try { await crypto.subtle.deriveBits(${algorithm}, k, ${bits}); return new Response('derived') } catch (e) { return new Response(e.name + e.message) }`;
    expect(await evaluate(sandbox, code)).toMatch(/^OperationError.* is over the limit of \d+$/);
  });

  test('of the size of RSA keys', async () => {
    const code = `try { await crypto.subtle.generateKey({ name: 'RSA-PSS', modulusLength: 65536, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, false, ['sign']) } catch (e) { return new Response(e.message) }`;
    expect(await evaluate(sandbox, code)).toContain('modulusLength is over the limit');
  });

  test('of compressors at once, of which each stream takes one', async () => {
    const code = `const results = await Promise.allSettled(Array.from({ length: 40 }, () => {
        const { readable, writable } = new CompressionStream('gzip');
        const writer = writable.getWriter();
        // More than is kept back: the streams stay open.
        return Promise.all([readable.getReader().read(), writer.write(crypto.getRandomValues(new Uint8Array(60_000)))]);
      }));
      return Response.json(results.filter((r) => r.status === 'rejected').length)`;
    expect(Number(await evaluate(sandbox, code))).toBeGreaterThan(0);
  });

  test('of memory hold for data that grows a thousandfold', async () => {
    const bomb = gzipSync(new Uint8Array(300 * 2 ** 20));
    const fn = functionOf(
      handler(
        `return new Response(await new Response(request.body.pipeThrough(new DecompressionStream('gzip'))).bytes())`,
      ),
      { memoryMiB: 32, cpuTimeMs: 20_000 },
    );
    const { ending } = await invoke(sandbox, fn, { method: 'POST', body: bomb });
    expect(['exceededMemory', 'exception']).toContain(ending.outcome.kind);
  });
});

test('more digests than the host makes at once are made all the same', async () => {
  const code = `
    const last = new Uint8Array(await crypto.subtle.digest('SHA-1', new Uint8Array(1)));
    for (let count = 0; count < 21_000; count += 1) await crypto.subtle.digest('SHA-1', new Uint8Array(1));
    return new Response(last.length)`;
  const fn = functionOf(handler(code), { cpuTimeMs: 30_000 });
  expect((await invoke(sandbox, fn)).text).toBe('20');
});

test('what an ended invocation left with the host is little, and charged to nobody else', async () => {
  const fn = functionOf(
    handler(
      `const k = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
       await Promise.all(Array.from({ length: 500 }, () =>
         crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: 500000 }, k, 256)))`,
    ),
    { cpuTimeMs: 200 },
  );
  const { ending } = await invoke(sandbox, fn);
  expect(ending.outcome.kind).toBe('exceededCpu');
  const digest = `await crypto.subtle.digest('SHA-256', new Uint8Array(8)); return new Response('unharmed')`;
  const after = await invoke(sandbox, functionOf(handler(digest), { wallTimeMs: 20_000 }));
  expect([after.text, after.ending.outcome.kind]).toEqual(['unharmed', 'ok']);
});

test('the time that the host takes is the function’s own', async () => {
  const fn = functionOf(
    handler(
      `const k = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
       for (;;) await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: 100000 }, k, 512)`,
    ),
    { cpuTimeMs: 300 },
  );
  const { ending } = await invoke(sandbox, fn);
  expect(ending.outcome.kind).toBe('exceededCpu');
  expect(await evaluate(sandbox, `return new Response('unharmed')`)).toBe('unharmed');
});

test('the host of a cell does the same', async () => {
  await using cells = await testSandbox(1);
  const code = `const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, new Uint8Array(100));
    const packed = await new Response(new Blob([sealed]).stream().pipeThrough(new CompressionStream('gzip'))).bytes();
    return new Response([sealed.byteLength, packed[0], require('node:crypto').createHash('md5').update('a').digest('hex')].join())`;
  expect(await evaluate(cells, code)).toBe('116,31,0cc175b9c0f1b6a831c399e269772661');
});
