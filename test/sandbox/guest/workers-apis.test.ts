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
    const body = `const w = new IdentityTransformStream().writable.getWriter(); return new Response(await w.write(5).catch((e) => e.name))`;
    expect(await evaluate(sandbox, body)).toBe('TypeError');
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
