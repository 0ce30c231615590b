/** Servers and requests of `node:http` in functions: what a server answers is the function's answer, requests are sent by `fetch`. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireRequest } from '../../../sandbox/index.ts';
import { functionOf, invoke, type TestResult, type TestSandbox, testSandbox } from '../../support/sandbox.ts';
import { loopbackPolicy } from '../../support/upstream.ts';

let sandbox: TestSandbox;
let upstream: Server;
beforeAll(async () => {
  sandbox = await testSandbox();
  upstream = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (request.url === '/never') return;
      if (request.url === '/cut') {
        response.write('part', () => request.socket.destroy());
        return;
      }
      const isMoved = request.url === '/moved';
      const headers = isMoved ? { location: '/', 'set-cookie': ['a=1', 'b=2'] } : { 'content-encoding': 'gzip' };
      response.writeHead(isMoved ? 302 : 200, headers);
      const { method, url } = request;
      const { authorization, 'x-own': own } = request.headers;
      const seen = JSON.stringify([method, url, own, authorization, Buffer.concat(pieces).toString()]);
      response.end(isMoved ? 'elsewhere' : gzipSync(seen));
    });
  });
  await new Promise<void>((resolve) => {
    upstream.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await sandbox.close();
});

function call(code: string, request: Partial<WireRequest> = {}): Promise<TestResult> {
  const fn = functionOf(
    `const http = require('node:http'); ${code}`,
    { cpuTimeMs: 10_000 },
    { egress: loopbackPolicy },
  );
  return invoke(sandbox, fn, request);
}

/** A function that exports a server with this handler. */
function serving(body: string): string {
  return `module.exports = http.createServer((req, res) => {${body}\n})`;
}

describe('a server', () => {
  test('that listens serves the function', async () => {
    const { answer, text, logs } = await call(
      `http.createServer((req, res) => { res.writeHead(201, { 'X-Own': ['a', 'b'] }); res.end([req.method, req.url, req.headers['x-in'], req.socket.remoteAddress].join()) }).listen(3000, () => console.log('listens'))`,
      { url: 'http://localhost/f/x?y=1', headers: ['x-in', 'z'] },
    );
    expect(text).toBe('GET,/f/x?y=1,z,127.0.0.1');
    expect(answer).toMatchObject({ response: { status: 201 } });
    expect(answer).toMatchObject({
      response: {
        headers: [
          ['x-own', 'a'],
          ['x-own', 'b'],
        ],
      },
    });
    expect(logs.map((entry) => entry.text)).toEqual(['listens']);
  });

  test.each([
    ['is exported', `module.exports = http.createServer((q, s) => s.end('yes'))`],
    [
      'is of an exported application',
      `module.exports = { listen: (o) => http.createServer((q, s) => s.end('yes')).listen(o) }`,
    ],
    [
      'is of an application that is a function',
      `const app = (q, s) => s.end('yes'); app.listen = (...a) => http.createServer(app).listen(...a); module.exports = app`,
    ],
    [
      'listens late',
      `module.exports = { listen: async (o) => { await new Promise((r) => setTimeout(r, 1)); http.createServer((q, s) => s.end('yes')).listen(o) } }`,
    ],
    ['is of node:https', `module.exports = require('node:https').createServer({}, (q, s) => s.end('yes'))`],
    ['took its listener later', `const s = new http.Server(); s.on('request', (q, r) => r.end('yes')); s.listen()`],
  ])('that %s serves the function', async (_, code) => {
    expect((await call(code)).text).toBe('yes');
  });

  test('serves where nothing else is exported only', async () => {
    const { text } = await call(
      `http.createServer((q, s) => s.end('no')).listen(1); module.exports = () => new Response('yes')`,
    );
    expect(text).toBe('yes');
  });

  test('that does not listen serves nothing', async () => {
    const { ending } = await call(`http.createServer((q, s) => s.end('no'))`);
    expect(JSON.stringify(ending.outcome)).toContain('f exports no handler');
    const { ending: other } = await call(`module.exports = { listen() {} }`);
    expect(JSON.stringify(other.outcome)).toContain('did not make a server of node:http listen');
  });

  test('streams in and out', async () => {
    const { text } = await call(
      serving(
        `req.setEncoding('utf8'); (async () => { for await (const t of req) res.write(t + '.'); res.end('!') })()`,
      ),
      { method: 'POST', body: Buffer.from('in') },
    );
    expect(text).toBe('in.!');
  });

  test('writes at the pace of the client, and hears that all was sent', async () => {
    const { text, logs } = await call(
      serving(
        `const { pipeline, Readable } = require('node:stream'); pipeline(Readable.from([1, 2, 3].map((n) => String(n).repeat(100000))), res, (e) => console.log('piped', String(e))); res.on('finish', () => console.log('finish'))`,
      ),
    );
    expect(text).toHaveLength(300_000);
    expect(logs.map((entry) => entry.text)).toEqual(['finish', 'piped undefined']);
  });

  test.each([
    ['204', `res.statusCode = 204; res.end()`, 204, ''],
    ['a body that may not be', `res.statusCode = 304; res.write('x'); res.end('y')`, 304, ''],
    ['headers first', `res.writeHead(418, 'Teapot', ['x-a', '1']); res.flushHeaders(); res.end()`, 418, ''],
    ['bytes', `res.end(new Uint8Array([104, 105]))`, 200, 'hi'],
    ['another encoding', `res.end('aGk=', 'base64')`, 200, 'hi'],
  ])('answers %s', async (_, body, status, text) => {
    const result = await call(serving(body));
    expect(result.answer).toMatchObject({ kind: 'response', response: { status } });
    expect(result.text).toBe(text);
  });

  test.each([
    ['throws', `throw new RangeError('boom')`, 'boom'],
    ['destroys its answer', `res.destroy(new Error('given up'))`, 'given up'],
    ['destroys the connection', `req.socket.destroy()`, 'destroyed before it was complete'],
    ['sets headers too late', `res.end(); res.setHeader('a', 'b')`, 'Cannot set headers after they are sent'],
    ['answers no status', `res.writeHead(42)`, 'Invalid status code: 42'],
    ['smuggles a header', String.raw`res.setHeader('a', 'b\r\nc: d')`, 'Invalid character in header content'],
  ])('that %s fails', async (_, body, message) => {
    const { ending } = await call(serving(body));
    expect(ending.outcome.kind).toBe('exception');
    expect(JSON.stringify(ending.outcome)).toContain(message);
  });

  test('that never answers is told so at once', async () => {
    expect((await call(serving(''))).ending.outcome).toEqual({ kind: 'neverSettles' });
  });

  test('knows its port, and shares it with no other', async () => {
    const { text } = await call(
      `const a = http.createServer().listen(80), b = http.createServer(); module.exports = async () => { const out = [a.address().port, a.listening]; out.push(await new Promise((r) => b.on('error', (e) => r(e.code)).listen(80))); await a[Symbol.asyncDispose](); out.push(a.listening, a.address()); try { b.listen(99999) } catch (e) { out.push(e.code) } return Response.json(out) }`,
    );
    expect(JSON.parse(text)).toEqual([80, true, 'EADDRINUSE', false, null, 'ERR_SOCKET_BAD_PORT']);
  });
});

const read = `const read = async (m) => { m.setEncoding('utf8'); let t = ''; for await (const p of m) t += p; return t };`;

/** What the callback `r` is called with, or name and code of the error that `j` is called with. */
async function client(body: string): Promise<unknown> {
  const { port } = upstream.address() as AddressInfo;
  const { text, ending } = await call(
    `${read} const port = ${port}, url = 'http://127.0.0.1:' + port; module.exports = async () => Response.json(await new Promise((r, j) => {${body}\n}).catch((e) => [e.name, e.code]))`,
  );
  return text === '' ? ending.outcome : JSON.parse(text);
}

describe('a request', () => {
  test('is sent with method, headers and body', async () => {
    const body = `const q = http.request(url + '/p?q', { method: 'put', headers: { 'X-Own': 'y' } }, async (m) => r([m.statusCode, m.headers['content-encoding'], JSON.parse(await read(m))])); q.on('error', j); q.write('a'); q.end('b')`;
    expect(await client(body)).toEqual([200, null, ['PUT', '/p?q', 'y', null, 'ab']]);
  });

  test('takes options, and credentials', async () => {
    const body = `http.get({ host: '127.0.0.1', port, path: '/x', auth: 'a:b' }, async (m) => r(JSON.parse(await read(m)))).on('error', j)`;
    expect(await client(body)).toEqual(['GET', '/x', null, 'Basic YTpi', '']);
  });

  test('follows no redirect', async () => {
    const body = `http.get(url + '/moved', async (m) => r([m.statusCode, m.headers.location, m.headers['set-cookie'], await read(m)])).on('error', j)`;
    expect(await client(body)).toEqual([302, '/', ['a=1', 'b=2'], 'elsewhere']);
  });

  test('tells what happens to it', async () => {
    const body = `const out = []; const q = http.request(url); for (const e of ['socket', 'finish', 'response', 'close']) q.on(e, (m) => { out.push(e); if (e === 'response') m.resume(); if (e === 'close') r(out) }); q.end()`;
    expect(await client(body)).toEqual(['socket', 'finish', 'response', 'close']);
  });

  test.each([
    ['is destroyed', `http.get(url + '/never').on('error', j).destroy()`, ['Error', 'ECONNRESET']],
    [
      'takes too long',
      `const q = http.get(url + '/never', { timeout: 20 }); q.on('error', j).on('timeout', () => q.destroy())`,
      ['Error', 'ECONNRESET'],
    ],
    [
      'is aborted',
      `http.get(url + '/never', { signal: AbortSignal.timeout(20) }).on('error', j)`,
      ['AbortError', 'ABORT_ERR'],
    ],
    ['may not be sent', `http.get('http://10.0.0.1/').on('error', j)`, ['Error', 'ERR_EGRESS_DENIED']],
    [
      'is of another protocol',
      `try { http.get('https://x/') } catch (e) { j(e) }`,
      ['TypeError', 'ERR_INVALID_PROTOCOL'],
    ],
    [
      'has more in its host',
      `try { http.get({ host: '127.0.0.1/x?' }) } catch (e) { j(e) }`,
      ['TypeError', 'ERR_INVALID_ARG_VALUE'],
    ],
    [
      'splits its path',
      `try { http.get({ path: '/a b' }) } catch (e) { j(e) }`,
      ['TypeError', 'ERR_UNESCAPED_CHARACTERS'],
    ],
  ])('that %s fails', async (_, body, error) => {
    expect(await client(body)).toEqual(error);
  });

  test('whose answer is cut short fails where that is read', async () => {
    const body = `http.get(url + '/cut', (m) => read(m).then(r, () => r('cut'))).on('error', () => {})`;
    expect(await client(body)).toBe('cut');
  });

  test('goes to its host, whatever its path begins with', async () => {
    const body = `http.get({ host: '127.0.0.1', port, path: '@example.com/' }, async (m) => r(JSON.parse(await read(m))[1])).on('error', j)`;
    expect(await client(body)).toBe('/@example.com/');
  });
});
