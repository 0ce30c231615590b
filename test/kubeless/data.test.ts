/** Request bodies, as the function finds them in `event.data`. */
import { fileURLToPath } from 'node:url';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, failure, html } from '../support/kubeless.ts';
import { parseExposition } from '../support/prometheus.ts';
import { exchange } from '../support/raw-http.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer(
    {
      data: 'return { type: typeof event.data, isBuffer: Buffer.isBuffer(event.data), data: event.data }',
      rawData: 'return event.data',
      string: 'return "<p>h\\u00e9</p>"',
      empty: 'return ""',
      body: 'const b = event.extensions.request.body; return { isBuffer: Buffer.isBuffer(b), hex: Buffer.isBuffer(b) ? b.toString("hex") : null, b: Buffer.isBuffer(b) ? null : b }',
      multipart:
        'return new Promise((resolve, reject) => { const { request } = event.extensions; const found = []; const bus = require("busboy")({ headers: request.headers }); bus.on("file", (name, file, info) => { const chunks = []; file.on("data", (c) => chunks.push(c)); file.on("end", () => found.push([name, info.filename, Buffer.concat(chunks).toString()])) }); bus.on("field", (name, value) => found.push([name, value])); bus.on("close", () => resolve({ data: event.data, found })); bus.on("error", reject); request.pipe(bus) })',
    },
    { env: { NODE_PATH: fileURLToPath(new URL('../../node_modules', import.meta.url)) } },
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);
const seen: CaseServer['seen'] = (...given) => server.seen(...given);

describe('data', () => {
  const post = (
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<unknown> =>
    call('data', { method, headers, ...(body !== undefined && { body }) }).then((response) => response.json());
  const text = (data: unknown) => ({ type: 'string', isBuffer: false, data });

  test('is {} without a body', async () => {
    expect(await (await call('data')).json()).toEqual({ type: 'object', isBuffer: false, data: {} });
  });

  test('is an empty buffer when the length is 0', async () => {
    expect(await post('')).toEqual({ type: 'object', isBuffer: true, data: { type: 'Buffer', data: [] } });
  });

  test.each([
    ['{"a":[1]}', { a: [1] }],
    ['[1,2]', [1, 2]],
    ['"text"', 'text'],
    ['5', 5],
    ['true', true],
    ['null', null],
    ['  {"a":1} ', { a: 1 }],
  ])('is the value of JSON: %s', async (body, value) => {
    for (const type of ['application/json', 'Application/JSON', 'application/json; charset=utf-8; x=y']) {
      expect(await post(body, { 'content-type': type })).toMatchObject({ data: value });
    }
  });

  test('keeps __proto__ as an own key', async () => {
    expect(
      await (
        await call('rawData', {
          method: 'POST',
          body: '{"__proto__":{"x":1}}',
          headers: { 'content-type': 'application/json' },
        })
      ).text(),
    ).toBe('{"__proto__":{"x":1}}');
  });

  test.each(['{', ' ', 'x', '\ufeff{}', 'undefined'])('that is no JSON is a failure, never 400: %j', async (body) => {
    expect(await seen('data', { method: 'POST', body, headers: { 'content-type': 'application/json' } })).toEqual(
      failure,
    );
  });

  test.each([
    'application/cloudevents+json',
    'text/json',
    'application/x-www-form-urlencoded',
    'application/xml',
    'text/plain',
    'application/octet-stream',
  ])('of the type %s is the text', async (type) => {
    expect(await post('{"a":"\u00e9"}', { 'content-type': type })).toEqual(text('{"a":"\u00e9"}'));
  });

  test('without a type is the text, a byte order mark too', async () => {
    expect(await post(new TextEncoder().encode('\ufeffx'))).toEqual(text('\ufeffx'));
  });

  test('that is binary is damaged, as it was; the buffer in the request is not', async () => {
    const bytes = new Uint8Array([0xff, 0x41, 0x00]);
    expect(await post(bytes)).toEqual(text('\ufffdA\u0000'));
    expect(await (await call('body', { method: 'POST', body: bytes })).json()).toEqual({
      isBuffer: true,
      hex: 'ff4100',
      b: null,
    });
    expect(await (await call('body')).json()).toEqual({ isBuffer: false, hex: null, b: {} });
  });

  test('of any method is read', async () => {
    expect(await post('x', {}, 'DELETE')).toEqual(text('x'));
    const raw = await exchange(
      server.url,
      'GET / HTTP/1.1\r\nHost: h\r\nEvent-Type: data\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx',
    );
    expect(raw).toContain('"data":"x"');
  });

  test('of multipart is {}, and the request a stream that the function reads', async () => {
    const form = new FormData();
    form.set('field', 'value');
    form.set('file', new Blob(['content of the file']), 'a.txt');
    expect(await (await call('multipart', { method: 'POST', body: form })).json()).toEqual({
      data: {},
      found: [
        ['field', 'value'],
        ['file', 'a.txt', 'content of the file'],
      ],
    });
  });

  test.each([
    'application/json;',
    'application/json; x',
    'application/json; charset',
    'multipart/',
    'multipart/form-data; charset',
  ])('of the malformed type %j is the text', async (type) => {
    expect(await post('{"a":1}', { 'content-type': type })).toEqual(text('{"a":1}'));
  });

  test('that is compressed is inflated', async () => {
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      expect(
        await post(new Uint8Array(compress('{"a":1}')), {
          'content-encoding': encoding,
          'content-type': 'application/json',
        }),
      ).toMatchObject({ data: { a: 1 } });
    }
  });

  test('in another coding is refused', async () => {
    const response = await call('data', { method: 'POST', body: 'x', headers: { 'content-encoding': 'br' } });
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('access-control-allow-origin'),
    ]).toEqual([415, html, null]);
  });

  test('without the name of a coding is taken as it is', async () => {
    const raw = await exchange(
      server.url,
      'POST / HTTP/1.1\r\nHost: h\r\nEvent-Type: data\r\nContent-Encoding:\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx',
    );
    expect(raw).toContain('"data":"x"');
  });

  test.each([
    ['gzip', 'not gzip'],
    ['gzip', ''],
    ['gzip', gzipSync('{"a":1}').subarray(0, 10)],
    ['deflate', 'zz'],
    ['deflate', deflateRawSync('{"a":1}')],
  ])('that is no %s is refused with a page', async (encoding, body) => {
    for (const path of ['/', '/healthz']) {
      const response = await call(
        'data',
        { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers: { 'content-encoding': encoding } },
        path,
      );
      expect([response.status, response.headers.get('content-type')]).toEqual([400, html]);
      expect(await response.text()).toMatch(/<pre>Error: (?:incorrect header check|unexpected end of file)<\/pre>/);
    }
  });

  test('that its client does not finish keeps nobody', async () => {
    const before = server.out.length;
    await exchange(
      server.url,
      'POST /left HTTP/1.1\r\nHost: h\r\nEvent-Type: data\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\nx',
      undefined,
      100,
    );
    await expect.poll(() => server.out.slice(before).join('\n')).toContain('"POST /left HTTP/1.1" - -');
  });

  test('is waited for when the client asks first whether to send it', async () => {
    const raw = await exchange(
      server.url,
      'POST / HTTP/1.1\r\nHost: h\r\nEvent-Type: data\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
      '100 Continue',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 100 Continue/);
  });

  test('that is refused is refused for every path', async () => {
    const long = { method: 'POST', body: 'x'.repeat(1_048_577) };
    const coded = { method: 'POST', body: 'x', headers: { 'content-encoding': 'br' } };
    for (const path of ['/%', '/healthz', '/metrics']) {
      expect((await call('data', long, path)).status).toBe(413);
      expect((await call('data', coded, path)).status).toBe(415);
    }
    const raw = await exchange(
      server.url,
      'GET /healthz HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 415 /);
  });

  test('may be exactly as large as the limit, and no byte larger', async () => {
    expect((await call('empty', { method: 'POST', body: 'x'.repeat(1_048_576) })).status).toBe(200);
    const before = await (await call('string', {}, '/metrics')).text();
    const response = await call('empty', { method: 'POST', body: 'x'.repeat(1_048_577) });
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('access-control-allow-origin'),
    ]).toEqual([413, html, null]);
    const page = await response.text();
    expect(page).toContain('PayloadTooLargeError: request entity too large');
    expect(page).not.toMatch(/\n\s+at /);
    const callsIn = (exposition: string) =>
      parseExposition(exposition)
        .get('function_calls_total')!
        .samples.reduce((sum, { value }) => sum + value, 0);
    expect(callsIn(await (await call('string', {}, '/metrics')).text())).toBe(callsIn(before));
  });

  test('is limited by its inflated size', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(
      (await call('empty', { method: 'POST', body: new Uint8Array(bomb), headers: { 'content-encoding': 'gzip' } }))
        .status,
    ).toBe(413);
  });
});
