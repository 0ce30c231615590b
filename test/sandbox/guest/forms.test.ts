/** Blob, File, FormData and multipart bodies, as Node has them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const same: Record<string, string> = {
  'a blob of many things': `const b = new Blob(['a\\u20ac', new Uint8Array([98, 99]), new Blob(['d']), new ArrayBuffer(1)], { type: 'Text/X' }); return [b.size, b.type, await b.text(), (await b.arrayBuffer()).byteLength]`,
  'slices of a blob': `const b = new Blob(['0123456789']); return Promise.all([b.slice(2, 4), b.slice(-3), b.slice(5, 2), b.slice(-99, 99)].map((s) => s.text()))`,
  'the stream of a blob': `const out = []; for await (const c of new Blob(['abc']).stream()) out.push(...c); return out`,
  'a file': `const f = new File(['x'], 'a/b.txt', { type: 'text/plain', lastModified: 5 }); return [f.name, f.lastModified, f.size, f instanceof Blob, Object.prototype.toString.call(f)]`,
  'a clone of a file': `const f = structuredClone(new File(['x'], 'n', { type: 'a/b' })); return [f.name, f.type, await f.text()]`,
  'a form': `const f = new FormData(); f.append('a', 1); f.append('a', 'two'); f.set('b', new Blob(['x']), 'n'); f.set('a', 'only'); return [[...f].map(([k, v]) => [k, v.name ?? v]), f.getAll('a'), f.has('c'), f.get('c')]`,
  'a form both ways': `const f = new FormData(); f.append('text "quoted"', 'line\\nbreak \\u20ac'); f.append('file', new File([new Uint8Array([0, 13, 10, 45, 45, 255])], 'n".bin', { type: 'x/y' })); const r = await new Response(f).formData(); const g = r.get('file'); return [[...r.keys()], r.get('text "quoted"'), g.name, g.type, [...new Uint8Array(await g.arrayBuffer())]]`,
  'a form of another sender': `const body = ['--b', 'Content-Disposition: form-data; name="x"', '', 'one', '--b', 'content-disposition: form-data; name=f; filename="a.txt"', 'Content-Type: text/html', '', '<p>', '--b--', ''].join('\\r\\n'); const r = await new Response(body, { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData(); return [r.get('x'), r.get('f').name, r.get('f').type, await r.get('f').text()]`,
  'a form that is cut off': `await new Response('--b\\r\\nContent-Disposition: form-data; name="x"\\r\\n\\r\\none', { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData()`,
  'a form in a URL': `const r = await new Response(new URLSearchParams({ a: '1 & 2', b: '' })).formData(); return [...r]`,
  'no form': `await new Response('x').formData()`,
  'a body of a blob': `const r = new Response(new Blob(['x'], { type: 'a/b' })); const b = await r.clone().blob(); return [r.headers.get('content-type'), b.type, await b.text()]`,
};

test.each(Object.entries(same))('%s', async (_, body) => {
  await expectSame(sandbox, body);
});

test('a blob by its URL, until that is revoked', async () => {
  const text = await evaluate(
    sandbox,
    `const url = URL.createObjectURL(new Blob(['content'], { type: 'a/b' })); const r = await fetch(url + '#x'); URL.revokeObjectURL(url);
     return Response.json([await r.text(), r.headers.get('content-type'), await fetch(url).catch((e) => e.name)])`,
  );
  expect(JSON.parse(text)).toEqual(['content', 'a/b', 'TypeError']);
});

test('a form that the client sends', async () => {
  const form = new FormData();
  form.append('name', 'Ada');
  form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
  const request = new Request('http://localhost/', { method: 'POST', body: form });
  const headers = ['content-type', request.headers.get('content-type')!];
  const body = new Uint8Array(await request.arrayBuffer());
  const text = await evaluate(
    sandbox,
    `const f = await request.formData(); return Response.json([f.get('name'), f.get('file').name, await f.get('file').text()])`,
    { method: 'POST', headers, body },
  );
  expect(JSON.parse(text)).toEqual(['Ada', 'a.txt', 'content']);
});
