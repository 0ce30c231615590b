/** `event.extensions.request`, as Express 4 and Node have it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type CaseServer, caseServer, json } from '../support/kubeless.ts';
import { exchange } from '../support/raw-http.ts';

const q = 'const q = event.extensions.request, r = event.extensions.response;';
const collect = 'let n = 0; q.on("data", (c) => { n += c.length });';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
    query: `${q} return q.query`,
    headers: `${q} return q.headers`,
    raw: `${q} return q.rawHeaders`,
    distinct: `${q} return { ...q.headersDistinct }`,
    accepts: `${q} return [q.accepts(), q.accepts("html"), q.accepts("json", "text"), q.accepts(["html", "json"]), q.accepts("png"), q.accepts("yaml")]`,
    acceptsOthers: `${q} return [q.acceptsEncodings("br", "gzip"), q.acceptsEncoding("deflate"), q.acceptsCharsets("utf-8"), q.acceptsCharset("latin1"), q.acceptsLanguages(), q.acceptsLanguages("fr", "en"), q.acceptsLanguage("fr")]`,
    range: `${q} return [q.range(5), q.range(1000, { combine: true })]`,
    param: `${q} return [q.param("0"), q.param("a"), q.param("z", "default")]`,
    is: `${q} return [q.is(), q.is("json"), q.is("*/*"), q.is("text/*"), q.is(["html", "+json"]), q.is("application/*+json"), q.is("yaml"), q.is(""), q.is("nonsense")]`,
    fresh: `${q} r.set("ETag", '"x"'); return JSON.stringify([q.fresh, q.stale])`,
    names: `${q} return [q.hostname, q.host, q.subdomains, q.protocol, q.secure, q.ips]`,
    connection: `${q} const { socket } = q; return [q.ip === socket.remoteAddress, typeof socket.remotePort, socket.remotePort > 0, q.connection === socket, r.socket === socket, typeof socket.encrypted]`,
    objects: `${q} return [typeof q.app, q.app === r.app, q.app.get("etag"), q.route.path, q.res === r, r.req === q, typeof q.next, q.complete, q.upgrade]`,
    version: `${q} return [q.httpVersion, q.httpVersionMajor, q.httpVersionMinor]`,
    assigned: `"use strict"; ${q} q.url = "/z?b=1"; q.user = { a: 1 }; return [q.path, q.originalUrl, q.query, q.user]`,
    replaced:
      '(function () { "use strict"; event.extensions.request = 5; event.extensions.response = 6 })(); return [event.extensions.request, event.extensions.response]',
    circular: 'try { return JSON.stringify(event) } catch (error) { return error.name }',
    wrongName: `${q} const e = []; for (const name of [undefined, 5]) try { q.get(name) } catch (error) { e.push(error.message) } return e`,
    ends: `${q} return new Promise((resolve) => { ${collect} q.on("end", () => resolve([n, q.complete])) })`,
    pipes: `${q} return new Promise((resolve) => { const { PassThrough } = require("stream"); const s = new PassThrough(); s.resume(); s.on("end", () => resolve("piped")); q.pipe(s) })`,
    iterates: `${q} return (async () => { let n = 0; for await (const c of q) n += c.length; return [n] })()`,
    consumed: `${q} return new Promise((resolve) => { ${collect} q.on("end", () => resolve("ended")); setTimeout(() => resolve("was read"), 30) })`,
    isStream: `const { Readable } = require("stream"); ${q} return [q instanceof Readable, q.readable, q.readableEnded, q.destroyed]`,
    listens: `${q} let heard = ""; q.on("mine", (text) => { heard = text }); q.emit("mine", "x"); q.once("data", () => {}); q.emit("mine", heard + "y"); return heard`,
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = async (name: string, path: string, ...headers: string[]): Promise<unknown> =>
  JSON.parse(bodyOf(await server.ask(name, `GET ${path} HTTP/1.1`, ...headers)));
const get = (name: string, ...headers: string[]): Promise<unknown> => ask(name, '/', ...headers);
const post = async (name: string, body: string, headers: Record<string, string> = {}): Promise<unknown> =>
  (await server.call(name, { method: 'POST', body, headers })).json();

describe('the query', () => {
  const many = Array.from({ length: 25 }, (_, index) => String(index));

  test.each<[string, unknown]>([
    [many.map((value) => `a=${value}`).join('&'), { a: many }],
    [many.map((value) => `a[]=${value}`).join('&'), { a: many }],
    ['a[b]=1&a=2', { a: { b: '1', 2: true } }],
    ['a[=1', { 'a[': '1' }],
    ['a[b=1', { 'a[b': '1' }],
    ['a[b][c]=d&e=%zz', { a: { b: { c: 'd' } }, e: '%zz' }],
    ['', {}],
  ])('%s is parsed as by the parser of that time', async (query, value) => {
    expect(await ask('query', `/?${query}`)).toEqual(value);
  });
});

describe('headers', () => {
  test('are joined as Node joins them', async () => {
    expect(
      await get(
        'headers',
        'Cookie: a=1',
        'Cookie: b=2',
        'Set-Cookie: x',
        'Set-Cookie: y',
        'Referer: 1',
        'Referer: 2',
        'X-Y: 1',
        'x-y: 2',
      ),
    ).toMatchObject({ cookie: 'a=1; b=2', 'set-cookie': ['x', 'y'], referer: '1', 'x-y': '1, 2', host: 'h' });
  });

  test('are there as the client wrote them', async () => {
    expect(await get('raw', 'X-Aa: B', 'x-bb: C')).toEqual([
      'Host',
      'h',
      'Event-Type',
      'raw',
      'Connection',
      'close',
      'X-Aa',
      'B',
      'x-bb',
      'C',
    ]);
    expect(await get('distinct', 'X-A: 1', 'x-a: 2')).toMatchObject({ 'x-a': ['1', '2'] });
  });

  test('are asked for by a name', async () => {
    expect(await get('wrongName')).toEqual([
      'name argument is required to req.get',
      'name must be a string to req.get',
    ]);
  });
});

describe('negotiation', () => {
  test('chooses a type', async () => {
    expect(await get('accepts', 'Accept: text/*;q=.5, application/json')).toEqual([
      ['application/json', 'text/*'],
      'html',
      'json',
      'json',
      false,
      'yaml',
    ]);
    expect(await get('accepts')).toEqual([['*/*'], 'html', 'json', 'html', 'png', 'yaml']);
  });

  test('chooses encodings, charsets and languages', async () => {
    expect(
      await get('acceptsOthers', 'Accept-Encoding: gzip', 'Accept-Charset: utf-8', 'Accept-Language: de, en;q=0.8'),
    ).toEqual(['gzip', false, 'utf-8', false, ['de', 'en'], 'en', false]);
  });

  test('reads ranges', async () => {
    expect(await get('range', 'Range: bytes=0-10,5-20')).toEqual([[{ start: 0, end: 4 }], [{ start: 0, end: 20 }]]);
    expect(await get('range')).toEqual([null, null]);
  });

  test('tells whether the client has the response', async () => {
    expect(await get('fresh', 'If-None-Match: "x"')).toEqual([true, false]);
    expect(await get('fresh', 'If-None-Match: "y"')).toEqual([false, true]);
  });
});

test('is() goes by the body\u2019s type', async () => {
  expect(await post('is', '{}', { 'content-type': 'application/vnd.api+json; x=y' })).toEqual([
    'application/vnd.api+json',
    false,
    'application/vnd.api+json',
    false,
    'application/vnd.api+json',
    'application/vnd.api+json',
    false,
    false,
    false,
  ]);
  expect(await post('is', 'x', { 'content-type': 'text/yaml' })).toContain('yaml');
  expect(await post('is', 'x', { 'content-type': 'text/html; broken' })).not.toContain('text/html');
  expect(await get('is', 'Content-Type: application/json')).toEqual(Array.from({ length: 9 }, () => null));
});

test('param() looks in path, body and query', async () => {
  expect(await ask('param', '/p?a=1')).toEqual(['/p', '1', 'default']);
});

test('says what it knows of the connection', async () => {
  expect(await get('names', 'X-Forwarded-Proto: https', 'X-Forwarded-For: 1.2.3.4')).toEqual([
    'h',
    'h',
    [],
    'http',
    false,
    [],
  ]);
  expect(await get('connection')).toEqual([true, 'number', true, true, true, 'undefined']);
  expect(await get('version')).toEqual(['1.1', 1, 1]);
  const old = await exchange(server.url, 'GET / HTTP/1.0\r\nEvent-Type: version\r\n\r\n');
  expect(bodyOf(old)).toBe('["1.0",1,0]');
});

test('has the objects around it', async () => {
  expect(await get('objects')).toEqual(['function', true, 'weak', '*', true, true, 'function', false, false]);
  expect((await server.seen('circular'))[2]).toBe('TypeError');
});

test('can be changed, and replaced', async () => {
  expect(await ask('assigned', '/p?a=1')).toEqual(['/z', '/p?a=1', { a: '1' }, { a: 1 }]);
  expect(await get('replaced')).toEqual([5, 6]);
});

describe('the stream', () => {
  test('ends when there is no body', async () => {
    expect(await get('ends')).toEqual([0, true]);
    expect(await get('iterates')).toEqual([0]);
    expect((await server.seen('pipes'))[2]).toBe('piped');
  });

  test('of a body in event.data has been read', async () => {
    const init = { method: 'POST', body: 'abc' };
    expect(await server.seen('consumed', init)).toEqual([200, null, 'was read']);
    expect(await server.seen('iterates', init)).toEqual([200, json, '[0]']);
    expect(await server.seen('pipes', init)).toEqual([200, null, 'piped']);
  });

  test('of a multipart body is for the function to read', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expect(await post('ends', 'abc', headers)).toEqual([3, true]);
    expect(await post('iterates', 'abc', headers)).toEqual([3]);
  });

  test('is one to those who ask', async () => {
    expect(await get('isStream')).toEqual([true, true, false, false]);
    expect((await server.seen('listens'))[2]).toBe('xy');
  });
});
