import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EgressPolicy, type Limits, openPolicy, parseHostRule } from '../../../sandbox/index.ts';
import { functionOf, handler, invoke, type TestResult, type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { loopbackPolicy, plainText, startUpstream, type Upstream } from '../../support/upstream.ts';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream[Symbol.asyncDispose]());

/** Ways to write addresses that only the host can reach. */
const forbidden = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '127.8.8.8',
  '0.0.0.0',
  '0',
  '%31%32%37.0.0.1',
  '\uff11\uff12\uff17.0.0.1',
  '127\u30020\u30020\u30021',
  '\u2460\u2461\u2466.\u24ea.\u24ea.\u2460',
  'localhost',
  'LocalHost',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '[::ffff:169.254.169.254]',
  '[fd00:ec2::254]',
  '10.0.0.1',
  '10.1',
  '0x0a000001',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[fe80::1]',
  '[fc00::1]',
  '[ff02::1]',
  '[64:ff9b::a00:1]',
];

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('fetch %s', (_where, cells) => {
  let sandbox: TestSandbox;
  let calls = 0;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());

  function call(
    body: string,
    limits: Partial<Limits> = {},
    egress: EgressPolicy = loopbackPolicy,
    env: Record<string, string> = {},
  ): Promise<TestResult> {
    calls += 1;
    const code = body.replaceAll('$UP', upstream.url);
    const fn = functionOf(handler(code), limits, { key: `test/f${calls}`, hash: String(calls), egress, env });
    return invoke(sandbox, fn, { method: 'POST', body: Buffer.from('hello') });
  }
  const json = async (...args: Parameters<typeof call>): Promise<unknown> => {
    const { text, ending } = await call(...args);
    expect(ending.outcome).toEqual({ kind: 'ok' });
    return JSON.parse(text);
  };
  /** The cause of a fetch that must fail. */
  const causeOf = (request: string, ...rest: [Partial<Limits>?, EgressPolicy?, Record<string, string>?]) =>
    json(
      `try { const r = await fetch(${request}); await r.text(); return Response.json('it was sent'); }
       catch (error) { return Response.json([error.name, error.message, error.cause?.code, error.cause?.message ?? '']); }`,
      ...rest,
    );

  test('leaves entries for those who look for them, whether it is answered or not', async () => {
    expect(
      await json(`const seen = new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().length)).observe({ type: 'resource' }));
        await fetch('$UP/a#b'); await fetch('http://127.0.0.1:1/').catch(() => {});
        const shown = performance.getEntriesByType('resource').map((e) => [e instanceof PerformanceResourceTiming, e.name, e.initiatorType,
          e.responseStatus, e.responseEnd - e.startTime === e.duration, e.toJSON().fetchStart === e.startTime]);
        const count = await seen;
        performance.clearResourceTimings();
        performance.setResourceTimingBufferSize(1);
        const full = new Promise((resolve) => performance.addEventListener('resourcetimingbufferfull', () => resolve('full')));
        await fetch('$UP/1'); await fetch('$UP/2');
        return Response.json([shown, count > 0, await full, performance.getEntriesByType('resource').map((e) => e.name)])`),
    ).toEqual([
      [
        [true, `${upstream.url}/a#b`, 'fetch', 200, true, true],
        [true, 'http://127.0.0.1:1/', 'fetch', 0, true, true],
      ],
      true,
      'full',
      [`${upstream.url}/1`],
    ]);
  });

  test('answers with status, headers, URL and body', async () => {
    expect(
      await json(`const r = await fetch('$UP/a?b=c#d', { method: 'PUT', headers: { 'X-A': '1' }, body: 'x' });
        const { method, url, headers } = await r.json();
        return Response.json([r.status, r.ok, r.type, r.redirected, r.url, r.headers.get('content-type'), method, url, headers['x-a'],
          headers['content-length'], headers['content-type'], headers['user-agent']])`),
    ).toEqual([
      200,
      true,
      'basic',
      false,
      `${upstream.url}/a?b=c`,
      'application/json',
      'PUT',
      '/a?b=c',
      '1',
      '1',
      'text/plain;charset=UTF-8',
      'isohost',
    ]);
  });

  test('reaches nothing that is not public, however it is written', async () => {
    const before = upstream.requests.length;
    const results = (await json(
      `const results = {};
       await Promise.all(${JSON.stringify(forbidden)}.map(async (host) => {
         try { await fetch('http://' + host + ':${upstream.port}/'); results[host] = 'it was sent'; }
         catch (error) { results[host] = error.cause?.code + ' ' + error.cause?.message; }
       }));
       return Response.json(results)`,
      { subrequests: 100 },
      openPolicy,
    )) as Record<string, string>;
    expect(Object.keys(results)).toHaveLength(forbidden.length);
    for (const [host, result] of Object.entries(results)) {
      expect(result, host).toMatch(
        /^ERR_EGRESS_DENIED .* address; if the function may reach it, add it to egress\.private$/,
      );
    }
    expect(upstream.requests.length).toBe(before);
  });

  test('reaches nothing of that by a redirect either', async () => {
    const policy = { ...openPolicy, private: [parseHostRule(`127.0.0.1:${upstream.port}`)] };
    const cause = await causeOf(
      `'$UP/redirect/302?to=' + encodeURIComponent('http://127.0.0.1:${upstream.port + 1}/')`,
      {},
      policy,
    );
    expect(cause).toMatchObject([
      'TypeError',
      'fetch failed',
      'ERR_EGRESS_DENIED',
      expect.stringContaining('loopback'),
    ]);
  });

  test('sends nothing that is denied or not allowed', async () => {
    const rules = (allow: string[], deny: string[] = []): EgressPolicy => ({
      ...loopbackPolicy,
      allow: [allow.map((text) => parseHostRule(text))],
      deny: deny.map((text) => parseHostRule(text)),
    });
    expect(await causeOf(`'$UP/'`, {}, rules(['example.com']))).toMatchObject({ 2: 'ERR_EGRESS_DENIED' });
    expect(await causeOf(`'$UP/'`, {}, rules(['*'], ['127.0.0.0/8']))).toMatchObject({ 2: 'ERR_EGRESS_DENIED' });
    expect(await causeOf(`'$UP/'`, {}, rules([]))).toMatchObject({ 2: 'ERR_EGRESS_DENIED' });
    expect(await causeOf(`'$UP/'`, {}, rules([`127.0.0.1:${upstream.port}`]))).toBe('it was sent');
    expect(await causeOf(`'http://127.0.0.1:22/'`)).toMatchObject({ 3: expect.stringContaining('port 22') });
    expect(await causeOf(`'ftp://127.0.0.1/'`)).toMatchObject({ 2: 'ERR_EGRESS_INVALID' });
  });

  test('leaves headers of the connection out, and refuses a wrong length', async () => {
    expect(
      await json(`const r = await fetch('$UP/', { headers: { host: 'evil', connection: 'upgrade', 'transfer-encoding': 'chunked',
          'proxy-authorization': 'x', te: 'trailers', upgrade: 'h2c', 'x-kept': '1' } });
        const { headers } = await r.json();
        return Response.json([headers.host, headers.connection, headers['transfer-encoding'], headers['proxy-authorization'], headers.te,
          headers.upgrade, headers['x-kept']])`),
    ).toEqual([`127.0.0.1:${upstream.port}`, 'keep-alive', null, null, null, null, '1']);
    const wrong = await causeOf(`'$UP/count', { method: 'POST', body: 'four', headers: { 'content-length': '5' } }`);
    expect(wrong).toMatchObject({ 2: 'ERR_EGRESS_INVALID', 3: expect.stringContaining('Content-Length of 5') });
  });

  test('follows redirects with the right method, body and headers', async () => {
    const via = (status: number, to: string, init: string): Promise<unknown> =>
      json(`const r = await fetch('$UP/redirect/${status}?to=' + encodeURIComponent('${to}'), ${init});
        const text = await r.text();
        return Response.json([r.status, r.redirected, text.startsWith('{') ? JSON.parse(text) : text])`);
    const post = `{ method: 'POST', body: 'b', headers: { authorization: 'a', cookie: 'c', 'x-own': 'o' } }`;
    expect(await via(302, '/x', post)).toMatchObject([
      200,
      true,
      { method: 'GET', headers: { authorization: 'a', 'x-own': 'o' } },
    ]);
    expect(await via(303, '/x', `{ method: 'PUT', body: 'b' }`)).toMatchObject([200, true, { method: 'GET' }]);
    expect(await via(307, '/count', post)).toEqual([200, true, '1']);
    expect(await via(301, '/x', `{ redirect: 'manual' }`)).toMatchObject([301, false, 'moved']);
    const [, , seen] = (await via(302, `http://localhost:${upstream.port}/x`, post)) as [0, 0, { headers: object }];
    expect(seen.headers).toHaveProperty('x-own', 'o');
    expect(seen.headers).not.toHaveProperty('authorization');
    expect(seen.headers).not.toHaveProperty('cookie');
    expect(await causeOf(`'$UP/redirect/302?to=/x', { redirect: 'error' }`)).toMatchObject({
      2: 'ERR_EGRESS_REDIRECT',
    });
    expect(await causeOf(`'$UP/loop'`)).toMatchObject({ 2: 'ERR_EGRESS_REDIRECT', 3: 'over 20 redirects' });
  });

  test.each(['gzip', 'deflate', 'deflate-raw', 'br', 'zstd'])('undoes the content coding %s', async (coding) => {
    const { text } = await call(`const r = await fetch('$UP/coded/${coding}');
      return new Response(await r.text(), { headers: { 'x-coding': String(r.headers.get('content-encoding')) } })`);
    expect(text).toBe(plainText);
    const passed = await call(`return fetch('$UP/coded/${coding}')`);
    expect(passed.text).toBe(plainText);
    expect(passed.answer).toMatchObject({ response: { status: 200 } });
  });

  test('keeps its limits', async () => {
    expect(
      await json(
        `const all = await Promise.allSettled([1, 2, 3].map(() => fetch('$UP/')));
      return Response.json(all.map(({ status }) => status))`,
        { subrequests: 2, subrequestConcurrency: 1 },
      ),
    ).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    const limit = (request: string, limits: Partial<Limits>) => causeOf(request, limits);
    expect(await limit(`'$UP/never'`, { subrequestTimeMs: 50 })).toMatchObject({ 2: 'ERR_EGRESS_LIMIT' });
    expect(
      await limit(`'$UP/count', { method: 'POST', body: 'x'.repeat(11) }`, { subrequestBodyBytes: 10 }),
    ).toMatchObject({
      2: 'ERR_EGRESS_LIMIT',
      3: expect.stringContaining('subrequestBodyBytes is 10'),
    });
    expect(await limit(`'$UP/count', { method: 'POST', body: 'x'.repeat(10) }`, { subrequestBodyBytes: 10 })).toBe(
      'it was sent',
    );
    const tooMuch = (path: string) =>
      json(
        `const r = await fetch('$UP${path}'); try { return Response.json((await r.text()).length) } catch (error) { return Response.json(error.message) }`,
        { subresponseBodyBytes: 39_999 },
      );
    expect(await tooMuch('/coded/gzip')).toContain('subresponseBodyBytes is 39999');
    expect(await tooMuch('/bytes/39999')).toBe(39_999);
    expect(await tooMuch('/bytes/40000')).toContain('subresponseBodyBytes is 39999');
  });

  test('tells a body that was cut off from a complete one', async () => {
    expect(
      await json(
        `const r = await fetch('$UP/cut'); return r.text().then(() => Response.json('whole'), (e) => Response.json(e.name))`,
      ),
    ).toBe('TypeError');
    const { ending, text } = await call(`return fetch('$UP/cut')`);
    expect(text).toBe('');
    expect(ending.outcome).toMatchObject({
      kind: 'exception',
      error: { message: expect.stringContaining('broke off') },
    });
  });

  test('ends when it is aborted, and with the invocation', async () => {
    expect(
      await json(`const c = new AbortController();
        setTimeout(() => c.abort(), 20);
        return fetch('$UP/never?aborted', { signal: c.signal }).then(() => 0, (e) => Response.json(e.name))`),
    ).toBe('AbortError');
    await expect.poll(() => upstream.broken).toContain('/never?aborted');
    expect(
      await json(`const c = new AbortController();
        const r = await fetch('$UP/bytes/100000000?late', { signal: c.signal });
        const reader = r.body.getReader();
        await reader.read();
        c.abort();
        try { for (;;) if ((await reader.read()).done) return Response.json('done') } catch (e) { return Response.json(e.name) }`),
    ).toBe('AbortError');
    const { ending } = await call(`await fetch('$UP/never?limit')`, { wallTimeMs: 200 });
    expect(ending.outcome.kind).toBe('exceededWallTime');
    await expect.poll(() => upstream.broken).toContain('/never?limit');
    await call(`void fetch('$UP/never?answered').catch(() => {}); await fetch('$UP/'); return new Response('')`);
    await expect.poll(() => upstream.broken).toContain('/never?answered');
  });

  test('sends streams, and bodies that the function has not looked at', async () => {
    const stream = `new ReadableStream({ async start(c) {
      for (let i = 0; i < 5; i += 1) { c.enqueue(new Uint8Array(70000)); await new Promise((r) => setTimeout(r)); } c.close(); } })`;
    const length = await call(`return fetch('$UP/count', { method: 'POST', duplex: 'half', body: ${stream} })`);
    expect(length.text).toBe('350000');
    const known = await call(
      `const r = await fetch('$UP/', { method: 'POST', body: new ReadableStream({ expectedLength: 5, start(c) { c.enqueue(new Uint8Array(5)); c.close(); } }) });
       return new Response((await r.json()).headers['content-length'])`,
    );
    expect(known.text).toBe('5');
    const whole = await call(`return fetch('$UP/echo', request)`);
    expect(whole).toMatchObject({ text: 'hello', ending: { outcome: { kind: 'ok' } } });
    expect((await call(`return fetch('$UP/echo', { method: 'POST', duplex: 'half', body: request.body })`)).text).toBe(
      'hello',
    );
    const through = await call(`const r = await fetch('$UP/bytes/1000000');
      return fetch('$UP/count', { method: 'POST', duplex: 'half', body: r.body })`);
    expect(through.text).toBe('1000000');
    const failing = await causeOf(
      `'$UP/count', { method: 'POST', duplex: 'half', body: new ReadableStream({ pull(c) { c.error(new Error('mine')) } }) }`,
    );
    expect(failing).toMatchObject({ 3: 'the stream that is the body of the request failed' });
  });

  test('lets others run while a body that is passed on is on its way', async () => {
    const passing = functionOf(
      handler(`for (let i = 0; i < 20; i += 1) setInterval(() => {}, 1); return fetch('${upstream.url}/hold')`),
      {},
      { egress: loopbackPolicy },
    );
    const handle = sandbox.invoke({
      id: 'x',
      function: passing,
      request: { method: 'GET', url: 'http://localhost/', headers: [], body: null, remoteAddress: '' },
      onLog() {},
    });
    const answer = await handle.answer;
    const body = answer.kind === 'response' ? (answer.response.body as ReadableStream<Uint8Array>) : undefined;
    const reader = body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('begun');
    expect((await call(`return new Response('other')`)).text).toBe('other');
    await reader.cancel();
    expect((await handle.ended).outcome).toEqual({ kind: 'canceled' });
  });

  test('gives a response in every form, to clones too', async () => {
    expect(
      await json(`const r = await fetch('$UP/bytes/200000');
        const copy = r.clone();
        let streamed = 0;
        for await (const piece of copy.body) streamed += piece.length;
        const other = await fetch('$UP/bytes/3');
        return Response.json([streamed, (await r.text()).length, [...await other.bytes()], r.bodyUsed, (await fetch('$UP/status/204')).body])`),
    ).toEqual([200_000, 200_000, [120, 120, 120], true, null]);
  });

  test('reads data: URLs without asking anybody', async () => {
    expect(
      await json(
        `const read = async (url) => { const r = await fetch(url); return [await r.text(), r.headers.get('content-type'), r.url] };
         return Response.json([await read('data:text/html;charset="utf-8",a%20b#c'), await read('data:;base64,aGk='), await read('data:x,y'),
           await fetch('data:no comma').then(() => 0, (e) => e.name)])`,
        { subrequests: 0 },
      ),
    ).toEqual([
      ['a b', 'text/html;charset=utf-8', 'data:text/html;charset="utf-8",a%20b'],
      ['hi', 'text/plain;charset=US-ASCII', 'data:;base64,aGk='],
      ['y', 'text/plain;charset=US-ASCII', 'data:x,y'],
      'TypeError',
    ]);
  });

  describe('with a secret', () => {
    const placeholder = 'isohost_secret_KEY_0123456789abcdef';
    const value = 'the-true-value-of-it';
    const secretFor = (...hosts: string[]): EgressPolicy => ({
      ...loopbackPolicy,
      secrets: [{ name: 'KEY', placeholder, value, hosts: hosts.map((host) => parseHostRule(host)) }],
    });
    const permitted = secretFor('http://127.0.0.1');
    const env = { KEY: placeholder };

    test('fills it in for its hosts only', async () => {
      const [seen, basic] = (await json(
        `const r = await fetch('$UP/', { headers: { authorization: 'Bearer ' + env.KEY } });
         const b = await fetch('$UP/', { headers: { authorization: 'Basic ' + btoa('user:' + env.KEY) } });
         return Response.json([await r.text(), await b.text()])`,
        {},
        permitted,
        env,
      )) as string[];
      // The answer repeats it: what the function sees is the placeholder again.
      expect(JSON.parse(seen!).headers.authorization).toBe(`Bearer ${placeholder}`);
      expect(JSON.parse(basic!).headers.authorization).toBe(`Basic ${btoa(`user:${value}`)}`);
      const elsewhere = await causeOf(
        `'http://localhost:${upstream.port}/', { headers: { 'x-key': env.KEY } }`,
        {},
        permitted,
        env,
      );
      expect(elsewhere).toMatchObject({ 2: 'ERR_EGRESS_DENIED', 3: expect.stringContaining('secrets.KEY.hosts') });
      const unencrypted = await causeOf(`'$UP/', { headers: { 'x-key': env.KEY } }`, {}, secretFor('127.0.0.1'), env);
      expect(unencrypted).toMatchObject({ 2: 'ERR_EGRESS_DENIED' });
      expect(await causeOf(`'$UP/?key=' + env.KEY`, {}, permitted, env)).toMatchObject({
        3: expect.stringContaining('in the URL'),
      });
    });

    test('keeps it out of what comes back, and does not take it where a redirect leads', async () => {
      const { text, answer } = await call(
        `return fetch('$UP/say', { headers: { 'x-say': env.KEY } })`,
        {},
        permitted,
        env,
      );
      expect(text).toBe(`you said ${placeholder}, undefined`);
      expect(JSON.stringify(answer)).not.toContain(value);
      const [followed] = (await json(
        `const r = await fetch('$UP/redirect/302?to=' + encodeURIComponent('http://localhost:${upstream.port}/x'), { headers: { 'x-key': env.KEY, 'x-own': '1' } });
         return Response.json([await r.json()])`,
        {},
        permitted,
        env,
      )) as { headers: object }[];
      expect(followed!.headers).toHaveProperty('x-own', '1');
      expect(followed!.headers).not.toHaveProperty('x-key');
    });
  });
});
