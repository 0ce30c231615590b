/** Which requests the function gets, and which the server answers itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHost } from '../../src/index.ts';
import { bodyOf, type CaseServer, caseServer, html, kubelessServer } from '../support/kubeless.ts';
import { parseExposition } from '../support/prometheus.ts';
import { exchange } from '../support/raw-http.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
    string: 'return "<p>h\\u00e9</p>"',
    object: 'return { a: 1 }',
    throw: 'throw new Error("no")',
    target:
      'const { url, originalUrl, path } = event.extensions.request; return JSON.stringify([url, originalUrl, path])',
    host: 'return JSON.stringify([event.extensions.request.headers.host])',
    removed: 'event.extensions.response.removeHeader("Access-Control-Allow-Origin"); return "x"',
    removedThrow: 'event.extensions.response.removeHeader("Access-Control-Allow-Origin"); throw new Error("no")',
    read: 'const { response } = event.extensions; response.append("Access-Control-Allow-Origin", "x"); return response.get("Access-Control-Allow-Origin")',
    origin: 'event.extensions.response.setHeader("Access-Control-Allow-Origin", "https://a.example"); return "x"',
    request:
      'const r = event.extensions.request; return { method: r.method, url: r.url, originalUrl: r.originalUrl, path: r.path, query: r.query, params: r.params, hostname: r.hostname, protocol: r.protocol, ip: typeof r.ip, ua: r.get("User-Agent"), header: r.header("x-a"), topic: r.headers["event-topic"], json: r.is("json"), any: r.is("text/*", "application/*"), none: r.is("html") }',
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);

describe('routes', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
    '%s of any path reaches the function',
    async (method) => {
      const response = await call('request', { method }, '/any/path%20x?a=1&a=2&b[c]=3');
      expect(await response.json()).toMatchObject({
        method,
        url: '/any/path%20x?a=1&a=2&b[c]=3',
        path: '/any/path%20x',
        query: { a: ['1', '2'], b: { c: '3' } },
        params: { 0: '/any/path x' },
      });
    },
  );

  test('HEAD runs the function and drops the body', async () => {
    const response = await call('object', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '7', '']);
  });

  test('/healthz and /metrics are the runtime\u2019s for GET and HEAD, and the function\u2019s otherwise', async () => {
    for (const path of ['/healthz', '/HEALTHZ/', '/metrics']) {
      expect(await (await call('string', {}, path)).text()).not.toContain('<p>');
      expect(await (await call('string', { method: 'POST' }, path)).text()).toBe('<p>h\u00e9</p>');
    }
  });

  test.each([
    ['GET /a/../b/./c HTTP/1.1', '/a/../b/./c', '/a/../b/./c'],
    ['GET /%2e%2e/x HTTP/1.1', '/%2e%2e/x', '/%2e%2e/x'],
    ['GET /a^b`{}"<>|?^ HTTP/1.1', '/a^b`{}"<>|?^', '/a^b`{}"<>|'],
    ['GET /a\\b HTTP/1.1', '/a\\b', '/a\\b'],
    ['GET //x//y?a#b HTTP/1.1', '//x//y?a#b', '//x//y'],
    ['GET http://other/abs?x=1 HTTP/1.1', 'http://other/abs?x=1', '/abs'],
    ['GET HTTP://Other:80/x/../y HTTP/1.1', 'HTTP://Other:80/x/../y', '/x/../y'],
    ['GET * HTTP/1.1', '*', '*'],
    ['GET /%68ealthz HTTP/1.1', '/%68ealthz', '/%68ealthz'],
    ['GET /healthz// HTTP/1.1', '/healthz//', '/healthz//'],
  ])('%s reaches it as it was sent', async (line, url, path) => {
    expect(bodyOf(await server.ask('target', line))).toBe(JSON.stringify([url, url, path]));
  });

  test.each(['', 'h:', 'h:abc', 'u@h', 'a b', 'h/p'])('the host may be %j', async (host) => {
    const raw = await exchange(
      server.url,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nEvent-Type: host\r\nConnection: close\r\n\r\n`,
    );
    expect(bodyOf(raw)).toBe(JSON.stringify([host]));
  });

  test('HTTP/1.0 needs none', async () => {
    const ask = (path: string) => exchange(server.url, `GET ${path} HTTP/1.0\r\nEvent-Type: string\r\n\r\n`);
    expect(await ask('/')).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(bodyOf(await ask('/healthz'))).toBe('OK');
  });

  test('OPTIONS of everything is answered', async () => {
    expect(await server.ask('throw', 'OPTIONS * HTTP/1.1')).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('a path that cannot be decoded is refused with a page', async () => {
    const response = await call('string', {}, '/%');
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('access-control-allow-origin'),
    ]).toEqual([400, html, null]);
  });
});

describe('other origins', () => {
  test('may call: every answer of the function says so', async () => {
    for (const name of ['string', 'object', 'throw'])
      expect((await call(name)).headers.get('access-control-allow-origin')).toBe('*');
    expect((await call('string', {}, '/healthz')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await call('string', {}, '/metrics')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('are asked for by OPTIONS, which the function does not see', async () => {
    for (const path of ['/', '/healthz', '/x/y']) {
      const response = await call(
        'throw',
        {
          method: 'OPTIONS',
          headers: { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a, x-b' },
        },
        path,
      );
      expect([response.status, await response.text()]).toEqual([200, '']);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-a, x-b',
      });
    }
    const bare = await call('throw', { method: 'OPTIONS' });
    expect([bare.status, bare.headers.get('access-control-allow-methods')]).toEqual([200, null]);
  });

  test('are restricted by the function when it wants to', async () => {
    expect((await call('origin')).headers.get('access-control-allow-origin')).toBe('https://a.example');
    for (const name of ['removed', 'removedThrow'])
      expect((await call(name)).headers.get('access-control-allow-origin')).toBeNull();
    expect(await (await call('read')).json()).toEqual(['*', 'x']);
  });
});

test('a host of many functions says itself who may call them', async () => {
  await using host = await createHost();
  const source = 'module.exports = { handler: (event) => (event.extensions.response.status(201), "x") }';
  await host.deploy({ name: 'one', source, config: { dialect: 'kubeless' } });
  const response = await host.fetch(new Request('http://localhost/one'));
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([201, null]);
});

describe('/healthz and /metrics', () => {
  test('answer as the original', async () => {
    const health = await call('string', {}, '/healthz');
    expect([health.status, health.headers.get('content-type'), await health.text()]).toEqual([200, html, 'OK']);
    const metrics = await call('string', {}, '/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; charset=utf-8; version=0.0.4');
    expect([...parseExposition(await metrics.text()).keys()]).toEqual([
      'function_duration_seconds',
      'function_calls_total',
      'function_failures_total',
    ]);
  });

  test('have an ETag and a length, for HEAD too', async () => {
    const tag = 'W/"2-nOO9QiTIwXgNtWtBJezz8kv3SLc"';
    const health = await call('string', { method: 'HEAD' }, '/healthz');
    expect([health.headers.get('etag'), health.headers.get('content-length'), await health.text()]).toEqual([
      tag,
      '2',
      '',
    ]);
    const metrics = await call('string', { method: 'HEAD' }, '/metrics');
    expect(metrics.headers.get('etag')).toMatch(/^W\//);
    expect(Number(metrics.headers.get('content-length'))).toBeGreaterThan(100);
    const known = await server.ask('string', 'GET /healthz HTTP/1.1', `If-None-Match: ${tag}`);
    expect(known).toMatch(/^HTTP\/1\.1 304 /);
  });

  test('label by module and method, after failures to load too', async () => {
    await using broken = await kubelessServer({ 'my-mod.js': 'throw new Error("x")' }, { MOD_NAME: 'my-mod' });
    await fetch(broken.url, { method: 'PATCH' });
    const metrics = parseExposition(await (await fetch(`${broken.url}/metrics`)).text());
    for (const { samples } of metrics.values())
      for (const { labels } of samples) expect(labels['method']).toBe('my-mod-PATCH');
    expect(metrics.get('function_failures_total')!.samples[0]!.value).toBe(1);
  });
});
