import { describe, expect, test } from 'vitest';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';

describe('an invocation', () => {
  test('answers with status, headers and body of the function', async () => {
    await using sandbox = await testSandbox();
    const { answer, ending, text } = await invoke(
      sandbox,
      handler('return new Response("hi", { status: 201, headers: { "x-a": "1", "x-b": "2" } })'),
    );
    expect(answer).toMatchObject({
      kind: 'response',
      response: {
        status: 201,
        headers: [
          ['x-a', '1'],
          ['x-b', '2'],
          ['content-type', 'text/plain;charset=UTF-8'],
        ],
      },
    });
    expect(text).toBe('hi');
    expect(ending.outcome).toEqual({ kind: 'ok' });
    expect(ending.usage.cpuTimeMs).toBeGreaterThan(0);
    expect(ending.usage.heapBytes).toBeGreaterThan(100_000);
  });

  test('begins in a fresh isolate: nothing of an earlier call is left', async () => {
    await using sandbox = await testSandbox();
    const counter = functionOf(`globalThis.n ??= 0; module.exports = () => new Response(String(++globalThis.n));`);
    for (let call = 0; call < 3; call += 1) {
      expect((await invoke(sandbox, counter)).text).toBe('1');
    }
  });

  test('sees the request: method, URL, headers and body', async () => {
    await using sandbox = await testSandbox();
    const { text } = await invoke(
      sandbox,
      handler(`
        return Response.json({
          method: request.method, url: request.url, a: request.headers.get('A'), cookies: request.headers.get('cookie'),
          body: await request.text(),
        });`),
      {
        method: 'POST',
        url: 'http://localhost:8080/f/x?q=%20y',
        headers: ['a', '1', 'a', '2', 'cookie', 'c=d'],
        body: Buffer.from('h\u00e9llo'),
      },
    );
    expect(JSON.parse(text)).toEqual({
      method: 'POST',
      url: 'http://localhost:8080/f/x?q=%20y',
      a: '1, 2',
      cookies: 'c=d',
      body: 'h\u00e9llo',
    });
  });

  test.each([
    ['text', Buffer.from('some text, \u00fc')],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0x00, 0xfe, 0x80])],
    ['a large text', Buffer.from('\u00e4bc'.repeat(100_000))],
    ['large binary data', Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256))],
    ['nothing', Buffer.from('')],
  ])('hands over a body of %s byte by byte', async (_, body) => {
    await using sandbox = await testSandbox();
    const fn = functionOf(handler('return new Response(await request.bytes())'));
    const { answer } = await invoke(sandbox, fn, { method: 'POST', body });
    const received = answer.kind === 'response' ? answer.response.body : undefined;
    expect(Buffer.from(received as Uint8Array).equals(body)).toBe(true);
  });

  test('gets what it asks the host for every time, however soon that comes', async () => {
    await using sandbox = await testSandbox();
    const fn = functionOf(handler('return new Response(String((await request.text()).length))'), { wallTimeMs: 5_000 });
    const request = { method: 'POST', body: Buffer.alloc(20_000, 'x') };
    for (let call = 0; call < 400; call += 1) expect((await invoke(sandbox, fn, request)).text).toBe('20000');
  });

  test('serves many at once', async () => {
    await using sandbox = await testSandbox();
    const fn = functionOf(
      handler('await new Promise((r) => setTimeout(r, 20)); return new Response(new URL(request.url).search)'),
    );
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => invoke(sandbox, fn, { url: `http://localhost/f?${index}` })),
    );
    expect(results.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, index) => `?${index}`));
  });

  test('says where in the sources a syntax error of the engine is', async () => {
    await using sandbox = await testSandbox();
    const fn = functionOf('\nconst = 5');
    const sourceMap = '{"version":3,"sources":["a.ts"],"names":[],"mappings":";AAIA"}';
    const { ending } = await invoke(sandbox, { ...fn, bundle: { ...fn.bundle, sourceMap } });
    expect(ending.outcome).toMatchObject({
      kind: 'exception',
      error: { name: 'SyntaxError', message: expect.stringMatching(/Unexpected token '=' \[a\.ts:5:1\]$/) },
    });
  });

  test('leaves no isolate behind', async () => {
    await using sandbox = await testSandbox();
    await Promise.all(Array.from({ length: 10 }, () => invoke(sandbox, handler('return new Response("x")'))));
    await invoke(sandbox, handler('throw new Error("x")'));
    await sandbox.close();
    expect(sandbox.status()).toMatchObject({ isolates: 0, stuckIsolates: 0 });
  });

  test('can be cancelled while it waits, and while it runs', async () => {
    await using sandbox = await testSandbox();
    for (const body of ['await new Promise((r) => setTimeout(r, 60_000))', 'for (;;);']) {
      const handle = sandbox.invoke({
        id: '1',
        function: functionOf(handler(body), { cpuTimeMs: 60_000 }),
        request: { method: 'GET', url: 'http://localhost/', headers: [], body: null, remoteAddress: '' },
        onLog() {},
      });
      setTimeout(() => handle.cancel(), 50);
      expect(await handle.answer).toMatchObject({ kind: 'failure', outcome: { kind: 'canceled' } });
    }
    await sandbox.close();
    expect(sandbox.status().isolates).toBe(0);
  });
});
