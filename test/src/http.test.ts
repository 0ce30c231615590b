import { request as nodeRequest } from 'node:http';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvocationRecord } from '../../src/index.ts';
import { fn, testServer, type TestServer } from '../support/host.ts';
import { exchange } from '../support/raw-http.ts';

const functions = {
  hello: fn('return new Response("hello")'),
  echo: fn(
    'return new Response(await request.bytes(), { headers: { "x-type": String(request.headers.get("content-type")) } })',
  ),
  headers: fn('return Response.json([...request.headers])'),
  status: fn('return new Response(null, { status: Number(new URL(request.url).search.slice(1)) })'),
  cookies: fn(
    'const h = new Headers(); h.append("set-cookie", "a=1"); h.append("set-cookie", "b=2"); return new Response("x", { headers: h })',
  ),
  lies: fn(
    'return new Response("hello", { headers: { "content-length": "2", "transfer-encoding": "chunked", connection: "close", "x-isohost-outcome": "fake", "x-isohost-id": "fake" } })',
  ),
  binary: fn('return new Response(new Uint8Array([0, 255, 128]))'),
  url: fn('return new Response(request.url)'),
  stream: fn(
    'let n = 0; return new Response(new ReadableStream({ async pull(c) { if (n++ === 3) c.close(); else { await new Promise((r) => setTimeout(r, 20)); c.enqueue(new TextEncoder().encode("part" + n + ";")) } } }))',
  ),
  endless: fn('return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(100_000)) } }))'),
  breaks: fn(
    'let n = 0; return new Response(new ReadableStream({ pull(c) { if (n++ === 2) throw new Error("broke"); c.enqueue(new TextEncoder().encode("x")) } }))',
  ),
  waits: fn('await new Promise((r) => setTimeout(r, 60_000))'),
  throws: fn('throw new Error("secret <b>")'),
  loops: fn('for (;;);'),
};

let server: TestServer;
const records: InvocationRecord[] = [];
const ended = async (name: string, kind: string): Promise<void> => {
  await expect
    .poll(() => records.find((record) => record.function === name && record.outcome.kind === kind)?.function)
    .toBe(name);
};

beforeAll(async () => {
  server = await testServer(functions, {
    requestBodyBytes: 1_000,
    cpuTimeMs: 100,
    // It fills what the kernel has for a connection, which may be ten megabytes.
    functions: { endless: { cpuTimeMs: 10_000 } },
    onInvocation: (record) => records.push(record),
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (path: string, init?: RequestInit): Promise<Response> => fetch(server.url + path, init);

describe('requests', () => {
  test('reach the function with their body and headers', async () => {
    const response = await call('/echo', { method: 'POST', body: 'h\u00e9', headers: { 'content-type': 'text/x' } });
    expect([await response.text(), response.headers.get('x-type')]).toEqual(['h\u00e9', 'text/x']);
  });

  test('bring header lines of one name joined', async () => {
    const raw = await exchange(
      server.url,
      'GET /headers HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n',
    );
    expect(raw).toContain('["x-a","1, 2"]');
  });

  test('have an absolute URL, with the host that the client named', async () => {
    const raw = await exchange(
      server.url,
      'GET /url/a%20b?q=%22 HTTP/1.1\r\nHost: example.org:81\r\nConnection: close\r\n\r\n',
    );
    expect(raw).toContain('\r\n\r\nhttp://example.org:81/url/a%20b?q=%22');
  });

  test('may have the name of the function encoded', async () => {
    expect(await (await call('/%68ell%6f')).text()).toBe('hello');
    expect((await call('/hell%')).status).toBe(404);
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])('may have the method %s', async (method) => {
    const response = await call('/hello', { method });
    expect([response.status, await response.text()]).toEqual([200, method === 'HEAD' ? '' : 'hello']);
    expect(response.headers.get('content-length')).toBe('5');
  });

  test.each([
    ['no host', 'GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n', '400'],
    ['a host that is none', 'GET /hello HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', '400'],
    [
      'two lengths',
      'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nxx',
      '400',
    ],
    [
      'length and chunks',
      'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nx',
      '400',
    ],
    ['nonsense', 'hello\r\n\r\n', '400'],
    [
      'headers too large',
      `GET /hello HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(20_000)}\r\nConnection: close\r\n\r\n`,
      '431',
    ],
  ])('with %s are refused', async (_, raw, status) => {
    expect(await exchange(server.url, raw)).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    expect((await call('/hello')).status).toBe(200);
  });

  test('are served one after the other on a connection that is kept', async () => {
    const one = 'GET /hello HTTP/1.1\r\nHost: h\r\n\r\n';
    const last = 'GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';
    const raw = await exchange(server.url, one + one + last);
    expect(raw.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });
});

describe('request bodies', () => {
  test('of exactly the limit pass', async () => {
    const response = await call('/echo', { method: 'POST', body: 'x'.repeat(1_000) });
    expect(await response.text()).toHaveLength(1_000);
  });

  test('that announce more are refused before they are read', async () => {
    const raw = await exchange(server.url, 'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n');
    expect(raw).toMatch(/^HTTP\/1\.1 413/);
    expect(raw).toContain('"outcome":"requestTooLarge","limit":"requestBodyBytes","allowed":1000,"used":1001');
  });

  test('that turn out to be more are refused while they come in', async () => {
    const chunk = `1f4\r\n${'x'.repeat(500)}\r\n`;
    const raw = await exchange(
      server.url,
      `POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}`,
      '"used"',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 413/);
    // The rest of it would be taken for the next request.
    expect(raw.toLowerCase()).toContain('\r\nconnection: close\r\n');
  });

  test('that are refused may be sent to their end: the answer is there for who reads it only then', async () => {
    const { port } = new URL(server.url);
    const size = 8 * 2 ** 20;
    const received = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
        socket.write(Buffer.alloc(size), () => socket.on('data', (data) => (text += data.toString('latin1'))));
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(received).toMatch(/^HTTP\/1\.1 413/);
    expect(received).toContain(`"used":${size}`);
  });

  test('without end are cut off', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n');
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const sending = setInterval(() => socket.write(chunk), 20);
    await closed;
    clearInterval(sending);
  });

  test('that would be refused are not asked for', async () => {
    const raw = await exchange(
      server.url,
      'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 413/);
  });

  test('that are wanted are asked for', async () => {
    const { port } = new URL(server.url);
    const received = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          'POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
        );
      });
      socket.on('data', (data: Buffer) => {
        if (text === '') socket.write('hi');
        text += data.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*hi$/);
  });

  test('may come in chunks', async () => {
    const raw = await exchange(
      server.url,
      'POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect(raw).toMatch(/\r\n\r\nabcde$/);
  });

  test('that break off are nobody\u2019s call', async () => {
    const before = records.length;
    await new Promise<void>((resolve) => {
      const { port } = new URL(server.url);
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc', () => {
          socket.destroy();
          resolve();
        });
      });
    });
    await expect.poll(() => records.slice(before).map(({ outcome }) => outcome.kind)).toEqual(['canceled']);
  });

  test('with GET are read too', async () => {
    const raw = await exchange(
      server.url,
      'GET /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
    );
    expect(raw).toMatch(/\r\n\r\nhi$/);
  });
});

describe('responses', () => {
  test.each([200, 201, 204, 205, 304, 404, 418, 500, 599])('may have the status %i', async (status) => {
    const response = await call(`/status?${status}`);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test('keep cookies on lines of their own', async () => {
    expect((await call('/cookies')).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test('have the length that they have, and the headers that are the host\u2019s to set', async () => {
    const raw = await exchange(server.url, 'GET /lies HTTP/1.1\r\nHost: h\r\n\r\n', 'hello');
    expect(raw).toContain('content-length: 5\r\n');
    expect(raw).not.toMatch(/transfer-encoding|fake|connection: close/i);
    expect(raw).toContain('x-isohost-outcome: ok');
  });

  test('get no content type that the function did not give', async () => {
    const response = await call('/binary');
    expect([response.headers.get('content-type'), [...(await response.bytes())]]).toEqual([null, [0, 255, 128]]);
  });

  test('can be streamed', async () => {
    const response = await call('/stream');
    const parts: string[] = [];
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) parts.push(chunk);
    expect(parts.join('')).toBe('part1;part2;part3;');
    expect(parts.length).toBeGreaterThan(1);
  });

  test('that break in the middle are cut, so that nobody takes them for complete', async () => {
    await expect(call('/breaks').then((response) => response.text())).rejects.toThrow();
    await ended('breaks', 'exception');
  });

  test('are held back when the client does not read', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET /endless HTTP/1.1\r\nHost: h\r\n\r\n'));
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = process.memoryUsage().rss;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 2 ** 20);
    socket.destroy();
    await ended('endless', 'canceled');
  });
});

describe('a client that goes away', () => {
  test('ends the invocation', async () => {
    const controller = new AbortController();
    const waiting = call('/waits', { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(waiting).rejects.toThrow();
    await ended('waits', 'canceled');
    await expect.poll(() => server.host.status().isolates).toBe(0);
  });
});

describe('failures', () => {
  test('are problem details, without what the function threw', async () => {
    const response = await call('/throws');
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-isohost-outcome')).toBe('exception');
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: 500, outcome: 'exception', title: 'The function failed' });
    expect(problem['instance']).toBe(`urn:uuid:${response.headers.get('x-isohost-id')!}`);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  test('are a page for those who ask for one', async () => {
    const response = await call('/throws', { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('<title>500 The function failed</title>');
  });

  test('show the error where the host is told to, escaped', async () => {
    await using open = await testServer({ throws: functions.throws }, { exposeErrors: true });
    const json = (await (await fetch(`${open.url}/throws`)).json()) as { detail: string; error: { stack: string } };
    expect(json.detail).toBe('Error: secret <b>');
    expect(json.error.stack).toMatch(/throws\.ts:1:\d+/);
    const page = await (await fetch(`${open.url}/throws`, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('secret &#60;b&#62;');
    expect(page).not.toContain('<b>');
  });

  test.each([
    ['/loops', 408, 'exceededCpu'],
    ['/none', 404, 'notFound'],
    ['/status?600', 500, 'exception'],
  ])('of %s have the status %i', async (path, status, outcome) => {
    const response = await call(path);
    expect([response.status, response.headers.get('x-isohost-outcome')]).toEqual([status, outcome]);
    await response.body?.cancel();
  });

  test('of HEAD requests have no body', async () => {
    const response = await call('/throws', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([500, '']);
  });
});

describe('the host\u2019s own paths', () => {
  test.each([
    ['/healthz', 'OK'],
    ['/readyz', 'OK'],
  ])('%s answers %s', async (path, text) => {
    const response = await call(path);
    expect([response.status, await response.text()]).toEqual([200, text]);
  });

  test('/healthz answers while functions burn all the CPU that they get', async () => {
    let areBurning = true;
    const burning = Promise.all(Array.from({ length: 10 }, () => call('/loops'))).then(() => {
      areBurning = false;
    });
    for (let round = 0; round < 5; round += 1) {
      expect((await call('/healthz')).status).toBe(200);
      expect(areBurning).toBe(true);
    }
    await burning;
  });

  test('/readyz says so while the host is draining', async () => {
    await using other = await testServer({});
    await other.host.drain();
    expect((await fetch(`${other.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200);
  });
});

describe('other origins', () => {
  const ask = (url: string) =>
    fetch(`${url}/hello`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://a.example',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'x-y',
      },
    });

  test('get no leave unless the host is told to give it', async () => {
    const response = await call('/hello', { headers: { origin: 'https://a.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('get it when they are listed', async () => {
    await using open = await testServer({ hello: functions.hello }, { corsOrigins: ['https://a.example'] });
    const preflight = await ask(open.url);
    expect([
      preflight.status,
      preflight.headers.get('access-control-allow-origin'),
      preflight.headers.get('access-control-allow-headers'),
    ]).toEqual([204, 'https://a.example', 'x-y']);
    const listed = await fetch(`${open.url}/hello`, { headers: { origin: 'https://a.example' } });
    expect([await listed.text(), listed.headers.get('access-control-allow-origin')]).toEqual([
      'hello',
      'https://a.example',
    ]);
    const other = await fetch(`${open.url}/hello`, { headers: { origin: 'https://b.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    // A cache must not give the answer for one to the other.
    for (const response of [preflight, listed, other]) expect(response.headers.get('vary')).toBe('Origin');
  });

  test.each(['https://a.example', '*'])(
    'are answered for %s as the host says; what a function varies by stays',
    async (origin) => {
      await using open = await testServer(
        {
          varies: fn('return new Response(request.method, { headers: { vary: "accept" } })'),
          own: fn('return new Response("", { headers: { "access-control-allow-origin": "https://mine.example" } })'),
        },
        { corsOrigins: [origin] },
      );
      const varies = await fetch(`${open.url}/varies`, { method: 'OPTIONS', headers: { origin: 'https://a.example' } });
      expect(await varies.text()).toBe('OPTIONS');
      expect(varies.headers.get('vary')).toBe(origin === '*' ? 'accept' : 'accept, Origin');
      expect(varies.headers.get('access-control-allow-origin')).toBe(origin);
      const own = await fetch(`${open.url}/own`, { headers: { origin: 'https://a.example' } });
      expect(own.headers.get('access-control-allow-origin')).toBe('https://mine.example');
    },
  );
});

test.each([0, 2])('with %i cells a hundred calls of a neighbour are answered while others misbehave', async (cells) => {
  await using busy = await testServer(
    {
      hello: functions.hello,
      loop: fn('for (;;);'),
      never: fn('await new Promise(() => {})'),
      later: fn('await null; for (;;);'),
      timer: fn('await new Promise(() => setTimeout(() => { for (;;); }, 1))'),
      regexp: fn('return new Response(String(/(a+)+$/.test("a".repeat(40) + "b")))'),
      memory: fn('const a = []; for (;;) a.push(new Array(1000))'),
    },
    {
      // In one process a call waits for the CPU time of all others, which takes a multiple of itself on a busy machine, and not for ever.
      cpuTimeMs: cells === 0 ? 100 : 400,
      functions: { memory: { cpuTimeMs: 2_000 } },
      wallTimeMs: 10_000,
      queueAgeMs: 60_000,
      memoryMiB: 32,
      isolation: { cells },
    },
  );
  for (let round = 0; round < 15; round += 1) await (await fetch(`${busy.url}/hello`)).text();
  const hostile = ['loop', 'never', 'later', 'timer', 'regexp', 'memory'].map(async (name) => {
    const response = await fetch(`${busy.url}/${name}`);
    return [name, response.status];
  });
  let isOver = false;
  void Promise.all(hostile).then(() => {
    isOver = true;
  });
  const healthy = Array.from({ length: 100 }, async () => (await fetch(`${busy.url}/hello`)).text());
  expect(new Set(await Promise.all(healthy))).toEqual(new Set(['hello']));
  // In one process they take turns with the others; beside cells, they need not wait for any of them.
  if (cells > 0) expect(isOver).toBe(false);
  expect(await Promise.all(hostile)).toEqual([
    ['loop', 408],
    ['never', 500],
    ['later', 408],
    ['timer', 408],
    ['regexp', 408],
    ['memory', 500],
  ]);
});

test('a stream of single bytes holds up nobody', async () => {
  await using busy = await testServer({
    hello: functions.hello,
    drip: fn('return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1)) } }))'),
  });
  const dripping = new AbortController();
  const response = await fetch(`${busy.url}/drip`, { signal: dripping.signal });
  const reader = response.body!.getReader();
  const reading = (async () => {
    for (;;) if ((await reader.read()).done) return;
  })().catch(() => {});
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  for (let round = 0; round < 20; round += 1) expect(await (await fetch(`${busy.url}/hello`)).text()).toBe('hello');
  delays.disable();
  dripping.abort();
  await reading;
  // It took twenty seconds when every byte was a message of its own.
  expect(delays.max / 1e6).toBeLessThan(1_000);
});

test('large streams pass at constant memory', async () => {
  await using big = await testServer(
    {
      big: fn(
        'let n = 0; const chunk = new Uint8Array(65_536); return new Response(new ReadableStream({ pull(c) { if (n++ === 1_600) c.close(); else c.enqueue(chunk) } }))',
      ),
    },
    { cpuTimeMs: 30_000 },
  );
  const before = process.memoryUsage.rss();
  const bytes = await new Promise<number>((resolve, reject) => {
    nodeRequest(`${big.url}/big`, (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => (size += chunk.length));
      response.on('end', () => resolve(size));
      response.on('error', reject);
    }).end();
  });
  expect(bytes).toBe(1_600 * 65_536);
  // A hundred megabytes went through.
  expect(process.memoryUsage.rss() - before).toBeLessThan(60 * 2 ** 20);
});
