import { expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, testSandbox } from '../../support/sandbox.ts';

const snippets = {
  'Headers: names, values and order': `
    const h = new Headers({ 'X-B': '1', a: ' 2 ' }); h.append('x-b', '3'); h.append('Set-Cookie', 'a=1'); h.append('set-cookie', 'b=2');
    const out = [[...h], h.get('X-B'), h.get('none'), h.has('A'), h.getSetCookie()];
    h.set('x-b', '4'); h.delete('A'); out.push([...h.keys()], [...h.values()]);
    h.forEach((value, name) => out.push([name, value])); return out`,
  'Headers: from pairs': `return [...new Headers([['b', '1'], ['a', '2'], ['b', '3']])]`,
  'Headers: invalid name': `new Headers({ 'a b': '1' })`,
  'Headers: invalid value': `new Headers({ a: '1\\n2' })`,
  'Headers: value outside of Latin-1': `new Headers({ a: '\\u20ac' })`,
  'Headers: pair of one': `new Headers([['a']])`,
  'Headers: no object': `new Headers(5)`,
  'Headers: iterator': `return Object.prototype.toString.call(new Headers().entries())`,
  'Response: defaults': `const r = new Response(); return [r.status, r.ok, r.statusText, r.type, r.url, r.redirected, r.body, r.bodyUsed, [...r.headers]]`,
  'Response: text': `const r = new Response('h\\u00e9'); return [await r.text(), r.bodyUsed, [...r.headers]]`,
  'Response: read twice': `const r = new Response('x'); await r.text(); await r.text()`,
  'Response: json': `const r = Response.json({ a: 1 }, { status: 201 }); return [r.status, await r.json(), [...r.headers]]`,
  'Response: json of undefined': `Response.json(undefined)`,
  'Response: bytes': `const r = new Response(new Uint8Array([1, 2, 3]).subarray(1)); return [[...new Uint8Array(await r.arrayBuffer())], [...r.headers]]`,
  'Response: from a buffer': `const b = new ArrayBuffer(2); new Uint8Array(b)[0] = 65; return [(await new Response(b).text()).length]`,
  'Response: search params': `const r = new Response(new URLSearchParams('a=b&c=d')); return [await r.text(), [...r.headers]]`,
  'Response: status range': `return [100, 199, 200, 599, 600, 1000].map((status) => { try { return new Response(null, { status }).status } catch (e) { return e.name } })`,
  'Response: null body status': `new Response('x', { status: 204 })`,
  'Response: bad status text': `new Response(null, { statusText: 'a\\nb' })`,
  'Response: redirect': `const r = Response.redirect('http://x/y', 301); return [r.status, r.headers.get('location')]`,
  'Response: redirect with a wrong status': `Response.redirect('http://x', 200)`,
  'Response: redirect headers are fixed': `Response.redirect('http://x').headers.set('a', 'b')`,
  'Response: error': `const r = Response.error(); return [r.status, r.type]`,
  'Response: clone': `const r = new Response('x', { headers: { a: 'b' } }); const c = r.clone(); return [await r.text(), await c.text(), c.headers.get('a')]`,
  'Response: clone after use': `const r = new Response('x'); await r.text(); r.clone()`,
  'Response: body stream': `const r = new Response('abc'); const reader = r.body.getReader(); const { value } = await reader.read(); return [r.bodyUsed, new TextDecoder().decode(value), (await reader.read()).done]`,
  'Response: of a stream': `return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('a')); c.enqueue(new TextEncoder().encode('b')); c.close() } })).text()`,
  'Response: of a locked stream': `const s = new ReadableStream(); s.getReader(); new Response(s)`,
  'Response: of a stream of strings': `await new Response(new ReadableStream({ start(c) { c.enqueue('a'); c.close() } })).text()`,
  'Response: number as body': `return new Response(5).text()`,
  'Request: fields': `const r = new Request('http://x/a?b', { method: 'post', headers: { A: 'b' }, body: 'c' }); return [r.method, r.url, [...r.headers], await r.text(), r.redirect, r.bodyUsed]`,
  'Request: from a request': `const r = new Request('http://x', { method: 'POST', body: 'a' }); const s = new Request(r, { headers: { b: 'c' } }); return [s.method, await s.text(), r.bodyUsed, s.headers.get('b')]`,
  'Request: invalid URL': `new Request('/x')`,
  'Request: credentials in the URL': `new Request('http://a:b@x')`,
  'Request: GET with a body': `new Request('http://x', { body: 'a' })`,
  'Request: forbidden method': `new Request('http://x', { method: 'TRACE' })`,
  'Request: method is no token': `new Request('http://x', { method: 'a b' })`,
  'Request: method case': `return ['get', 'patch', 'PATCH', 'x'].map((method) => new Request('http://x', { method }).method)`,
  'Request: full duplex': `new Request('http://x', { method: 'POST', body: new ReadableStream(), duplex: 'full' })`,
  'Request: wrong redirect': `new Request('http://x', { redirect: 'maybe' })`,
  'Request: signal': `const c = new AbortController(); const r = new Request('http://x', { signal: c.signal }); const before = r.signal.aborted; c.abort('why'); return [before, r.signal.aborted, r.signal.reason]`,
  'Request: clone': `const r = new Request('http://x', { method: 'POST', body: 'a' }); const c = r.clone(); return [await r.text(), await c.text(), c.method]`,
  tags: `return [new Headers(), new Request('http://x'), new Response()].map((o) => Object.prototype.toString.call(o))`,
};

test.each(Object.entries(snippets))('%s', async (_, body) => {
  await using sandbox = await testSandbox();
  await expectSame(sandbox, body);
});

test('a body can be read as a stream, from a request too', async () => {
  await using sandbox = await testSandbox();
  const read = `
    let size = 0; for await (const chunk of request.body) size += chunk.length;
    return new Response(size + ' ' + request.bodyUsed)`;
  for (const size of [10, 100_000]) {
    expect(await evaluate(sandbox, read, { method: 'POST', body: Buffer.alloc(size, 'x') })).toBe(`${size} true`);
  }
});

test('a byte order mark is dropped from text and kept in bytes', async () => {
  await using sandbox = await testSandbox();
  const body = Buffer.from('\ufeffx');
  expect(
    await evaluate(sandbox, 'return new Response(String((await request.text()).length))', { body, method: 'POST' }),
  ).toBe('1');
  expect(
    await evaluate(sandbox, 'return new Response(String((await request.bytes()).length))', { body, method: 'POST' }),
  ).toBe('4');
});
