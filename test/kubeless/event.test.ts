/** What the function is called with. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, kubelessServer } from '../support/kubeless.ts';
import { exchange } from '../support/raw-http.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer(
    {
      keys: 'return Object.keys(event).concat(Object.keys(event.extensions))',
      event:
        'return { t: event["event-type"], i: event["event-id"], w: event["event-time"], n: event["event-namespace"], missing: event["event-time"] === undefined }',
      context: 'return context',
      contextKeys: 'return Object.entries(context).map(([k, v]) => k + ":" + typeof v)',
      request:
        'const r = event.extensions.request; return { method: r.method, url: r.url, originalUrl: r.originalUrl, path: r.path, query: r.query, params: r.params, hostname: r.hostname, protocol: r.protocol, ip: typeof r.ip, ua: r.get("User-Agent"), header: r.header("x-a"), topic: r.headers["event-topic"], json: r.is("json"), any: r.is("text/*", "application/*"), none: r.is("html") }',
    },
    { env: { FUNC_RUNTIME: 'nodejs14', FUNC_MEMORY_LIMIT: '128Mi' } },
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);

describe('event', () => {
  test('has the fields of the original, in its order', async () => {
    expect(await (await call('keys')).json()).toEqual([
      'event-type',
      'event-id',
      'event-time',
      'event-namespace',
      'data',
      'extensions',
      'request',
      'response',
    ]);
  });

  test('takes its fields from the headers of the same names', async () => {
    const response = await call('event', { headers: { 'Event-Id': 'i', 'event-namespace': 'n' } });
    expect(await response.json()).toEqual({ t: 'event', i: 'i', n: 'n', missing: true });
  });

  test('joins header lines of one name', async () => {
    const raw = await exchange(
      server.url,
      'GET / HTTP/1.1\r\nHost: h\r\nEvent-Type: event\r\nEvent-Id: a\r\nEvent-Id: b\r\nConnection: close\r\n\r\n',
    );
    expect(raw).toContain('"i":"a, b"');
  });

  test('has the request of Express in its extensions', async () => {
    const response = await call('request', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json; x=y', 'x-a': '1', 'event-topic': 't', 'user-agent': 'me' },
    });
    expect(await response.json()).toMatchObject({
      hostname: '127.0.0.1',
      protocol: 'http',
      ip: 'string',
      ua: 'me',
      header: '1',
      topic: 't',
      json: 'json',
      any: 'application/json',
      none: false,
    });
  });
});

describe('context', () => {
  test('has the four fields of the original', async () => {
    expect(await (await call('context')).json()).toEqual({
      'function-name': 'foo',
      timeout: 180,
      runtime: 'nodejs14',
      'memory-limit': '128Mi',
    });
    expect(await (await call('contextKeys')).json()).toEqual([
      'function-name:string',
      'timeout:number',
      'runtime:string',
      'memory-limit:string',
    ]);
  });

  test('leaves out what the environment does not say', async () => {
    await using bare = await kubelessServer({
      'mod.js': 'module.exports = { foo: (e, c) => Object.entries(c).map(([k, v]) => k + ":" + v) }',
    });
    expect(await (await fetch(bare.url)).json()).toEqual([
      'function-name:foo',
      'timeout:180',
      'runtime:undefined',
      'memory-limit:undefined',
    ]);
  });
});
