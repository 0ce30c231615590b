/** What functions find as on Workers, beside the standards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluate, functionOf, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

async function json(body: string): Promise<unknown> {
  return JSON.parse(await evaluate(sandbox, body));
}

describe('IdentityTransformStream', () => {
  test('gives what is written, as bytes of its own, and a write is done when it was read', async () => {
    const body = `const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(), r = readable.getReader(); const told = [];
      const bytes = new Uint8Array([1, 2]); const written = w.write(bytes).then(() => told.push('written')); await 0; await 0; told.push('reading');
      const { value } = await r.read(); bytes[0] = 9; await written; w.write('é'); const text = (await r.read()).value; w.close(); const end = await r.read();
      return Response.json([told, [...value], [...text], end.done])`;
    expect(await json(body)).toEqual([['reading', 'written'], [1, 2], [0xc3, 0xa9], true]);
  });

  test('is read with a buffer of the reader, piece by piece', async () => {
    const body = `const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(), r = readable.getReader({ mode: 'byob' }); w.write(new Uint8Array([1, 2, 3, 4, 5])); w.close();
      const out = []; for (;;) { const { value, done } = await r.read(new Uint8Array(2)); if (done) break; out.push([...value]) } return Response.json(out)`;
    expect(await json(body)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('tells either side of what the other did, though nobody has read', async () => {
    const body = `const name = (e) => e?.message ?? String(e);
      const a = new IdentityTransformStream(); const aw = a.writable.getWriter(); const write = aw.write('x').catch(name); const read = aw.abort(new Error('no')).then(() => a.readable.getReader().read()).catch(name);
      const b = new IdentityTransformStream(); const bw = b.writable.getWriter(); const lost = bw.write('x').catch(name); b.readable.cancel(new Error('gone'));
      return Response.json([await write, await read, await lost, await bw.closed.catch(name)])`;
    expect(await json(body)).toEqual(['no', 'no', 'gone', 'gone']);
  });

  test('takes no other chunks', async () => {
    const body = `const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); w.closed.catch(() => {}); const read = readable.getReader().read().catch((e) => e.name);
      return Response.json([await w.write(5).catch((e) => e.name), await read])`;
    expect(await json(body)).toEqual(['TypeError', 'TypeError']);
  });
});

test('FixedLengthStream takes as many bytes as it says, and no more and no fewer', async () => {
  const body = `const of = async (length, ...chunks) => { const { readable, writable } = new FixedLengthStream(length); const text = new Response(readable).text().catch((e) => e.name); const w = writable.getWriter(); try { for (const chunk of chunks) await w.write(chunk); await w.close() } catch (e) { await text; return e.name } return text };
    const wrong = (length) => { try { new FixedLengthStream(length); return 'made' } catch (e) { return e.name } };
    return Response.json([await of(3, 'a', 'bc'), await of(3n, 'abcd'), await of(3, 'ab'), [-1, 0.5, '3', 2n ** 64n].map(wrong)])`;
  expect(await json(body)).toEqual([
    'abc',
    'RangeError',
    'RangeError',
    ['RangeError', 'RangeError', 'TypeError', 'RangeError'],
  ]);
});

test('readAtLeast waits for as many elements', async () => {
  const body = `const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); for (const c of ['a', 'bc', 'd']) w.write(c); w.close();
    const r = readable.getReader({ mode: 'byob' }); const { value } = await r.readAtLeast(3, new Uint8Array(8));
    return Response.json([value.length >= 3, await r.readAtLeast(0, new Uint8Array(8)).catch((e) => e.name)])`;
  expect(await json(body)).toEqual([true, 'TypeError']);
});

test('scheduler.wait waits, and ends by a signal', async () => {
  const body = `const start = performance.now(); await scheduler.wait(20); const waited = performance.now() - start >= 19;
    const c = new AbortController(); const ended = scheduler.wait(60_000, { signal: c.signal }).catch((e) => e); c.abort('enough');
    return Response.json([waited, await ended, await scheduler.wait(1, { signal: AbortSignal.abort('before') }).catch((e) => e)])`;
  expect(await json(body)).toEqual([true, 'enough', 'before']);
});

describe('crypto.DigestStream', () => {
  test.each([
    ['MD5', '3e25960a79dbc69b674cd4ec67a72c62'],
    ['SHA-256', '64ec88ca00b268e5ba1a35678a1b5316d212f4f366b2477232534a8aeca37f3c'],
    ['crc32', '8bd69e52'],
    ['crc32c', '72b51f78'],
    ['crc64nvme', '38e259d03f312adb'],
  ])('%s of what is written', async (algorithm, expected) => {
    const body = `const s = new crypto.DigestStream('${algorithm}'); const w = s.getWriter(); w.write('Hello wor'); w.write(new Uint8Array([108, 100])); w.close(); const hex = new Uint8Array(await s.digest).toHex(); return Response.json([hex, String(s.bytesWritten)])`;
    const [hex, written] = (await json(body)) as [string, string];
    expect(written).toBe('11');
    expect(hex).toBe(expected);
  });

  test('an unknown digest, a stream that is given up, and one that is disposed of', async () => {
    const body = `const told = []; try { new crypto.DigestStream('nope') } catch (e) { told.push(e.name) }
      const a = new crypto.DigestStream('SHA-1'); a.getWriter().abort(new Error('given up')); told.push(await a.digest.catch((e) => e.message));
      const b = new crypto.DigestStream('SHA-1'); b[Symbol.dispose](); told.push(await b.getWriter().write('x').catch((e) => e.message)); return Response.json(told)`;
    expect(await json(body)).toEqual(['NotSupportedError', 'given up', 'The DigestStream was disposed.']);
  });
});

test('crypto.subtle.timingSafeEqual', async () => {
  const body = `const b = (...x) => new Uint8Array(x); const same = (x, y) => { try { return crypto.subtle.timingSafeEqual(x, y) } catch (e) { return e.name } };
    return Response.json([same(b(1, 2), b(1, 2).buffer), same(b(1, 2), b(1, 3)), same(b(1), b(1, 2)), same('a', 'a')])`;
  expect(await json(body)).toEqual([true, false, 'TypeError', 'TypeError']);
});

test('a pair of sockets can be taken apart, and the body of an answer be an async iterable', async () => {
  const fn = functionOf(
    handler(
      `const [a, b] = new WebSocketPair(); return new Response((async function* () { const e = new TextEncoder(); yield e.encode(String(a instanceof WebSocket && b instanceof WebSocket)); yield e.encode('!') })())`,
    ),
  );
  expect((await invoke(sandbox, fn)).text).toBe('true!');
});

test('a write to a CompressionStream is done though nobody reads yet', async () => {
  const body = `const c = new CompressionStream('deflate'); const w = c.writable.getWriter(); await w.write(new Uint8Array(1000)); await w.close(); const bytes = await new Response(c.readable).bytes();
    const d = new DecompressionStream('deflate'); const v = d.writable.getWriter(); await v.write(bytes); const { value } = await d.readable.getReader().read(); return new Response(String(value.length))`;
  expect(await evaluate(sandbox, body)).toBe('1000');
});

test('compressed data begins with more than its head, and what waits for a reader keeps no write', async () => {
  const body = `const c = new CompressionStream('gzip'); const w = c.writable.getWriter(); await w.write(new Uint8Array(500)); await w.close(); const { value } = await c.readable.getReader().read();
    const d = new DecompressionStream('gzip'); const v = d.writable.getWriter(); for (const byte of value) await v.write(new Uint8Array([byte])); await v.close();
    const bad = new DecompressionStream('gzip'); const b = bad.writable.getWriter(); b.write(value); const written = b.write(new Uint8Array(9)).catch((e) => e.message); bad.readable.pipeTo(new WritableStream()).catch(() => {});
    return Response.json([(await new Response(d.readable).bytes()).length, await written])`;
  expect(await json(body)).toEqual([500, 'Trailing bytes after end of compressed data']);
});

describe('streams', () => {
  test('a source of bytes is given room where the runtime reads it, and its other readers see no more than the standard has', async () => {
    const body = `const source = () => ({ type: 'bytes', pull(c) { told.push(c.byobRequest === null); const bytes = new TextEncoder().encode('hello'); if (c.byobRequest) { new Uint8Array(c.byobRequest.view.buffer).set(bytes); c.byobRequest.respond(5) } else c.enqueue(bytes); c.close() } }); const told = [];
      const text = await new Response(new ReadableStream(source())).text(); const [branch] = new ReadableStream(source()).tee(); const other = await new Response(branch).text();
      const read = await new ReadableStream(source()).getReader().read(); return Response.json([text, other, read.value.length, told])`;
    expect(await json(body)).toEqual(['hello', 'hello', 5, [false, false, true]]);
  });

  test('a request for bytes tells how many are still wanted', async () => {
    const body = `const told = []; let count = 0; const s = new ReadableStream({ type: 'bytes', pull(c) { told.push(c.byobRequest.atLeast); c.byobRequest.respond(2); if (++count === 2) kept = c.byobRequest } }); let kept;
      const { value } = await s.getReader({ mode: 'byob' }).readAtLeast(4, new Uint8Array(10)); return Response.json([told, value.length, kept?.atLeast ?? null])`;
    expect(await json(body)).toEqual([[4, 2], 4, null]);
  });

  test('readAtLeast refuses what does not fit, whatever the number', async () => {
    const body = `const told = []; for (const n of [9, 2 ** 31, 2 ** 53]) told.push(await new IdentityTransformStream().readable.getReader({ mode: 'byob' }).readAtLeast(n, new Float64Array(8)).catch((e) => e.name)); return Response.json(told)`;
    expect(await json(body)).toEqual(['TypeError', 'TypeError', 'TypeError']);
  });

  test('an expected length becomes a header, and nothing else does', async () => {
    const body = `const lengths = [10, 10n, 0, -1, 1.5, '10', NaN, 2 ** 60]; const of = (expectedLength) => new Request('http://x', { method: 'POST', body: new ReadableStream({ expectedLength }) }).headers.get('content-length');
      const own = new Request('http://x', { method: 'POST', headers: { 'content-length': '7' }, body: new ReadableStream({ expectedLength: 8 }) });
      return Response.json([lengths.map(of), new Response(new TransformStream({ expectedLength: 3 }).readable).headers.get('content-length'), new Response(new FixedLengthStream(4).readable).headers.get('content-length'), new Response(new IdentityTransformStream().readable).headers.get('content-length'), own.headers.get('content-length')])`;
    expect(await json(body)).toEqual([['10', '10', '0', null, null, null, null, null], '3', '4', null, '7']);
  });
});

describe('bodies', () => {
  test('a stream needs no duplex, and an iterable is one', async () => {
    const body = `const r = new Request('http://x', { method: 'POST', body: new Response('a').body });
      const bytes = (t) => new TextEncoder().encode(t); const list = { *[Symbol.iterator]() { yield bytes('b'); yield Promise.resolve(bytes('c')) } };
      return Response.json([r.duplex, await r.text(), await new Response(list).text(), await new Response([1, 2]).text(), await new Response(new String('s')).text()])`;
    expect(await json(body)).toEqual(['half', 'a', 'bc', '1,2', 's']);
  });

  test('lines of a form may end in LF alone', async () => {
    const body = `const read = (text, type = 'multipart/form-data; boundary=b') => new Response(text, { headers: { 'content-type': type } }).formData().then((f) => [...f].map(([k, v]) => [k, v.name ?? v]), (e) => e.message);
      const head = 'Content-Disposition: form-data; name="a"';
      return Response.json([await read('--b\\n' + head + '\\n\\n1\\n--b\\r\\n' + head + '\\n\\r\\n2\\r\\n--b--'), await read('--b\\n' + head + '\\n\\n\\n--b--\\n'), await read('--b\\n' + head + '; filename="f"\\n\\nx\\n--b--'), await read('--b\\n' + head + '\\n\\n1\\n--b'), await read('--b\\n' + head + '\\n\\r1\\n--b--'), await read('--b\\nContent-Disposition: other\\n\\n1\\n--b--'), await read('a=1', 'text/plain, application/x-www-form-urlencoded')])`;
    const unparsed = 'the body cannot be parsed as multipart/form-data';
    expect(await json(body)).toEqual([
      [
        ['a', '1'],
        ['a', '2'],
      ],
      [['a', '']],
      [['a', 'f']],
      unparsed,
      unparsed,
      'Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. Got: "other"',
      [['a', '1']],
    ]);
  });

  test('headers and requests can be cloned by structuredClone, but none with a body', async () => {
    const body = `const h = structuredClone(new Headers({ a: 'b' })); const r = structuredClone(new Request('http://x/', { method: 'DELETE', headers: { c: 'd' } })); const told = [h.get('a'), h instanceof Headers, r.url, r.method, r.headers.get('c'), r instanceof Request];
      for (const each of [new Request('http://x', { method: 'POST', body: 'x' }), new Response(), new TextEncoder()]) try { structuredClone(each); told.push('cloned') } catch (e) { told.push(e.name + ': ' + e.message) }
      const error = new DOMException('a', 'NotFoundError'); told.push(structuredClone(error).stack === error.stack); return Response.json(told)`;
    const refusal = (type: string) =>
      `DataCloneError: Could not serialize object of type "${type}". This type does not support serialization.`;
    expect(await json(body)).toEqual([
      'b',
      true,
      'http://x/',
      'DELETE',
      'd',
      true,
      ...['Request', 'Response', 'TextEncoder'].map(refusal),
      true,
    ]);
  });
});

test('blobs read what a conversion has changed, and show their size', async () => {
  const body = `const buffer = new ArrayBuffer(8, { maxByteLength: 16 }); const view = new Uint8Array(buffer).fill(65); const blob = new Blob([view, { toString() { buffer.resize(2); return 'b' } }]);
    return Response.json([await blob.text(), require('node:util').inspect(new Blob(['abc'], { type: 'a/b' })), require('node:util').inspect({ f: new File(['1'], 'n', { lastModified: 5 }) })])`;
  expect(await json(body)).toEqual([
    'AAb',
    "Blob { size: 3, type: 'a/b' }",
    "{ f: File { name: 'n', lastModified: 5, size: 1, type: '' } }",
  ]);
});

test('crypto.subtle makes digests of MD5, and tells what is wrong with keys and data of AES', async () => {
  const body = `const told = [new Uint8Array(await crypto.subtle.digest('md5', new TextEncoder().encode('a'))).toHex(), new Uint8Array(await crypto.subtle.digest({ name: 'MD5' }, new Uint8Array(3_000_000))).toHex()]; const tell = (p) => p.catch((e) => told.push(e.name + ': ' + e.message));
    const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']);
    await tell(crypto.subtle.importKey('raw', new Uint8Array(5), 'AES-GCM', false, ['encrypt']));
    await tell(crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, key, new Uint8Array(1)));
    await tell(crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(0) }, key, new Uint8Array(1)));
    await tell(crypto.subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1]) }, false, ['sign']));
    return Response.json(told)`;
  expect(await json(body)).toEqual([
    '0cc175b9c0f1b6a831c399e269772661',
    'c9fc2d3dd83ab67a129ac10b09c9ebbb',
    'DataError: Imported AES key length must be 128, 192, or 256 bits but provided 40.',
    'OperationError: Ciphertext length of 8 bits must be greater than or equal to the size of the AES-GCM authentication tag of 128 bits.',
    'OperationError: AES-GCM IV must not be empty.',
    'OperationError: The "publicExponent" must be either 3 or 65537, but got 1.',
  ]);
});
