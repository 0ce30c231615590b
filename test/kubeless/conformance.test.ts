/** The contract of the Kubeless Node.js runtime, as its functions and its tools see it. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readKubelessEnvironment } from '../../src/kubeless/environment.ts';
import { kubelessServer, type KubelessTestServer } from '../support/kubeless.ts';
import { parseExposition } from '../support/prometheus.ts';
import { exchange } from '../support/raw-http.ts';

/** What the function does is named by the header event-type, so that one server is enough for most of the contract. */
const cases: Record<string, string> = {
  data: 'return { type: typeof event.data, isBuffer: Buffer.isBuffer(event.data), data: event.data }',
  rawData: 'return event.data',
  keys: 'return Object.keys(event).concat(Object.keys(event.extensions))',
  event:
    'return { t: event["event-type"], i: event["event-id"], w: event["event-time"], n: event["event-namespace"], missing: event["event-time"] === undefined }',
  context: 'return context',
  contextKeys: 'return Object.entries(context).map(([k, v]) => k + ":" + typeof v)',
  string: 'return "<p>h\\u00e9</p>"',
  empty: 'return ""',
  undefined: 'return undefined',
  number: 'return 42',
  zero: 'return 0',
  true: 'return true',
  false: 'return false',
  nan: 'return NaN',
  infinity: 'return -Infinity',
  function: 'return () => 1',
  symbol: 'return Symbol("x")',
  bigint: 'return 10n',
  null: 'return null',
  object: 'return { a: 1 }',
  array: 'return [1, "a", null]',
  date: 'return new Date(0)',
  map: 'return new Map([[1, 2]])',
  error: 'return new Error("x")',
  buffer: 'return Buffer.from("a")',
  typedArray: 'return new Uint8Array([1, 2])',
  boxed: 'return new String("x")',
  instance: 'return new (class A { constructor() { this.x = 1 } get y() { return 2 } })()',
  toJSON: 'return { toJSON() { return { b: 2 } } }',
  circular: 'const a = {}; a.a = a; return a',
  promise: 'return Promise.resolve("later")',
  thenable: 'return { then(r) { r({ then: undefined, x: 1 }) } }',
  async: 'return (async () => { await null; return 5 })()',
  throw: 'throw new Error("no")',
  throwNull: 'throw null',
  throwString: 'throw "text"',
  throwStatus: 'throw Object.assign(new Error("no"), { status: 404, statusCode: 404 })',
  reject: 'return Promise.reject(new Error("no"))',
  rejectUndefined: 'return Promise.reject()',
  statusThenThrow: 'event.extensions.response.status(201).setHeader("x-kept", "yes"); throw new Error("no")',
  unhandled: 'Promise.reject(new Error("nobody")); return "fine"',
  timerThrow: 'return new Promise(() => setTimeout(() => { throw new Error("in a timer") }, 1))',
  exit: 'process.exit(3)',
  never: 'return new Promise(() => {})',
  status: 'event.extensions.response.status(201); return "made"',
  setHeader:
    'event.extensions.response.setHeader("X-A", "b"); event.extensions.response.setHeader("Content-Type", "text/x"); return "x"',
  typeKept: 'event.extensions.response.setHeader("Content-Type", "application/vnd.api+json"); return { a: 1 }',
  send: 'event.extensions.response.send("<b>x</b>"); return "ignored"',
  sendObject: 'event.extensions.response.send({ a: 1 })',
  sendBuffer: 'event.extensions.response.send(Buffer.from([0, 255]))',
  sendStatus: 'event.extensions.response.sendStatus(404)',
  json: 'event.extensions.response.status(202).json({ a: 1 }); return "ignored"',
  redirect: 'event.extensions.response.redirect("/there?x=\\u00e9")',
  redirectStatus: 'event.extensions.response.redirect(301, "https://example.org/")',
  cookie:
    'event.extensions.response.cookie("a", "b c", { maxAge: 60000, httpOnly: true, sameSite: "lax" }); event.extensions.response.cookie("j", { x: 1 }); return "x"',
  clearCookie: 'event.extensions.response.clearCookie("a"); return "x"',
  write: 'event.extensions.response.write("a"); event.extensions.response.write(Buffer.from("b")); return "c"',
  writeThenNothing: 'event.extensions.response.write("a"); return undefined',
  writeHead:
    'event.extensions.response.writeHead(203, { "x-y": "z" }); event.extensions.response.end("done"); return "ignored"',
  endEarly:
    'event.extensions.response.end("early"); return new Promise((r) => setTimeout(() => { console.log("after the answer"); r() }, 30))',
  headersSent:
    'const r = event.extensions.response; const before = r.headersSent; r.write("x"); let e; try { r.setHeader("a", "b") } catch (error) { e = error.code } r.end(String([before, r.headersSent, r.finished, e]))',
  badHeader: 'event.extensions.response.setHeader("x", "a\\nb"); return "x"',
  badStatus: 'event.extensions.response.status(99); return "x"',
  origin: 'event.extensions.response.setHeader("Access-Control-Allow-Origin", "https://a.example"); return "x"',
  etagOwn: 'event.extensions.response.setHeader("ETag", "\\"mine\\""); return { a: 1 }',
  request:
    'const r = event.extensions.request; return { method: r.method, url: r.url, originalUrl: r.originalUrl, path: r.path, query: r.query, params: r.params, hostname: r.hostname, protocol: r.protocol, ip: typeof r.ip, ua: r.get("User-Agent"), header: r.header("x-a"), topic: r.headers["event-topic"], json: r.is("json"), any: r.is("text/*", "application/*"), none: r.is("html") }',
  body: 'const b = event.extensions.request.body; return { isBuffer: Buffer.isBuffer(b), hex: Buffer.isBuffer(b) ? b.toString("hex") : null, b: Buffer.isBuffer(b) ? null : b }',
  multipart:
    'return new Promise((resolve, reject) => { const { request } = event.extensions; const found = []; const bus = require("busboy")({ headers: request.headers }); bus.on("file", (name, file, info) => { const chunks = []; file.on("data", (c) => chunks.push(c)); file.on("end", () => found.push([name, info.filename, Buffer.concat(chunks).toString()])) }); bus.on("field", (name, value) => found.push([name, value])); bus.on("close", () => resolve({ data: event.data, found })); bus.on("error", reject); request.pipe(bus) })',
  counter: 'return String(++counter)',
  this: 'return String(this === undefined || this === globalThis)',
  names:
    'return { filename: __filename, dirname: __dirname, global: global === globalThis, module: typeof module, exports: typeof exports }',
  env: 'return process.env',
  relative:
    'return require("./lib/helper").greet("you") + require("./data.json").n + require("lodash").capitalize("dep")',
  node: 'return { tick: typeof process.nextTick, immediate: typeof setImmediate, unref: typeof setTimeout(() => {}, 1).unref, platform: process.platform, cwd: process.cwd(), version: process.version.startsWith("v"), events: typeof require("events"), stream: typeof require("stream").Readable, util: require("util").format("%s", 1), url: require("url").parse("http://a/b?c").query, qs: require("querystring").stringify({ a: 1 }), path: require("path").join("a", "b"), base64: Buffer.from("hi").toString("base64") }',
  console: 'console.log("to out", { a: 1 }); console.error("to err"); process.stdout.write("written\\n"); return "x"',
  mutate: 'context.seen = (context.seen || 0) + 1; return String(context.seen)',
  large: 'return "x".repeat(3e6)',
};

const source = `let counter = 0;
const cases = { ${Object.entries(cases)
  .map(([name, body]) => `${JSON.stringify(name)}(event, context) { ${body} }`)
  .join(',\n')} };
module.exports = { foo(event, context) { return cases[event['event-type']].call(undefined, event, context) } };`;

let server: KubelessTestServer;

beforeAll(async () => {
  server = await kubelessServer(
    {
      'mod.js': source,
      'lib/helper.js': 'exports.greet = (name) => "hello " + name + " ";',
      'data.json': '{"n":7}',
    },
    {
      FUNC_RUNTIME: 'nodejs14',
      FUNC_MEMORY_LIMIT: '128Mi',
      SECRET: 'mine',
      NODE_PATH: fileURLToPath(new URL('../../node_modules', import.meta.url)),
    },
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (name: string, init: RequestInit = {}, path = '/'): Promise<Response> =>
  fetch(server.url + path, {
    ...init,
    headers: { 'event-type': name, ...(init.headers as Record<string, string>) },
    redirect: 'manual',
  });

/** Status, content type and body: most of what a caller sees. */
async function seen(name: string, init?: RequestInit): Promise<[number, string | null, string]> {
  const response = await call(name, init);
  return [response.status, response.headers.get('content-type'), await response.text()];
}

const json = 'application/json; charset=utf-8';
const html = 'text/html; charset=utf-8';
const failure: [number, string, string] = [500, html, 'Internal Server Error'];

describe('environment', () => {
  test('has the defaults of the original', () => {
    expect(readKubelessEnvironment({})).toMatchObject({
      moduleName: 'undefined',
      handler: 'undefined',
      root: '/kubeless',
      port: 8080,
      timeoutSeconds: 180,
      bodyBytes: 1_048_576,
      memoryMiB: undefined,
      runtime: undefined,
      memoryLimit: undefined,
    });
    expect(readKubelessEnvironment({ FUNC_TIMEOUT: '', FUNC_PORT: '', REQ_MB_LIMIT: '' })).toMatchObject({
      port: 8080,
      timeoutSeconds: 180,
      bodyBytes: 1_048_576,
    });
  });

  test('is read as the original reads it', () => {
    expect(
      readKubelessEnvironment({
        FUNC_PORT: '81',
        FUNC_TIMEOUT: '0.5',
        REQ_MB_LIMIT: '2',
        FUNC_MEMORY_LIMIT: '256Mi',
        MOD_ROOT_PATH: '/x',
      }),
    ).toMatchObject({ port: 81, timeoutSeconds: 0.5, bodyBytes: 2_097_152, memoryMiB: 256, root: '/x' });
  });

  test.each([
    ['128Mi', 128],
    ['1Gi', 1_024],
    ['134217728', 128],
    ['256M', 244],
    ['1Mi', 8],
    ['0', undefined],
    ['', undefined],
  ])('takes the memory limit %j', (text, mebibytes) => {
    expect(readKubelessEnvironment({ FUNC_MEMORY_LIMIT: text }).memoryMiB).toBe(mebibytes);
  });

  test.each([
    ['FUNC_PORT', 'http'],
    ['FUNC_TIMEOUT', '0'],
    ['FUNC_TIMEOUT', 'abc'],
    ['FUNC_TIMEOUT', '-1'],
    ['REQ_MB_LIMIT', 'x'],
    ['FUNC_MEMORY_LIMIT', 'lots'],
  ])('is refused with %s=%s', (name, value) => {
    expect(() => readKubelessEnvironment({ [name]: value })).toThrow(`${name} is "${value}"`);
  });
});

describe('loading', () => {
  test('failures leave the server up; every call is answered 500, and tries again', async () => {
    await using late = await kubelessServer({ 'other.js': '' });
    expect((await fetch(`${late.url}/healthz`)).status).toBe(200);
    const failed = await fetch(late.url);
    expect([failed.status, await failed.text()]).toEqual([500, 'Internal Server Error']);
    expect(late.error.join('\n')).toContain('Function failed to load');
    await writeFile(late.folder.file('mod.js'), 'module.exports = { foo: () => "here now" }');
    expect(await (await fetch(late.url)).text()).toBe('here now');
  });

  test.each([
    ['a syntax error', 'module.exports = {', 500],
    ['an error while loading', 'throw new Error("at load")', 500],
    ['a missing dependency', 'require("nope")', 500],
    ['a missing handler', 'module.exports = { bar() {} }', 500],
    ['a handler that is no function', 'module.exports = { foo: 5 }', 500],
    ['null', 'module.exports = null', 500],
    ['a string', 'module.exports = "foo"', 500],
    ['a class', 'module.exports = class {}', 500],
    ['a function, whatever the handler is called', 'module.exports = () => "direct"', 200],
    ['an inherited handler', 'module.exports = Object.create({ foo: () => "inherited" })', 200],
    ['exports.foo', 'exports.foo = () => "exports"', 200],
    ['an ES module', 'export function foo() { return "esm" }', 200],
    ['sloppy code', 'x = 5; module.exports = { foo() { return String(x) + arguments.length } }', 200],
  ])('of a module with %s ends with a status', async (_, code, status) => {
    await using one = await kubelessServer({ 'mod.js': code });
    expect((await fetch(one.url)).status).toBe(status);
  });

  test('finds dependencies in node_modules of the root', async () => {
    await using one = await kubelessServer({
      'mod.js': 'const d = require("dep"); module.exports = { foo: () => d }',
      'node_modules/dep/index.js': 'module.exports = "dep"',
    });
    expect(await (await fetch(one.url)).text()).toBe('dep');
  });
});

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

  test('a path that cannot be decoded is refused with a page', async () => {
    const response = await call('string', {}, '/%');
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('access-control-allow-origin'),
    ]).toEqual([400, html, null]);
  });
});

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

describe('a returned value', () => {
  test.each([
    ['string', null, '<p>h\u00e9</p>'],
    ['empty', null, ''],
    ['undefined', null, ''],
    ['number', null, '42'],
    ['zero', null, '0'],
    ['true', null, 'true'],
    ['false', null, 'false'],
    ['nan', null, 'null'],
    ['infinity', null, 'null'],
    ['function', null, ''],
    ['symbol', null, ''],
    ['null', json, 'null'],
    ['object', json, '{"a":1}'],
    ['array', json, '[1,"a",null]'],
    ['date', json, '"1970-01-01T00:00:00.000Z"'],
    ['map', json, '{}'],
    ['error', json, '{}'],
    ['buffer', json, '{"type":"Buffer","data":[97]}'],
    ['typedArray', json, '{"0":1,"1":2}'],
    ['boxed', json, '"x"'],
    ['instance', json, '{"x":1}'],
    ['toJSON', json, '{"b":2}'],
    ['promise', null, 'later'],
    ['thenable', json, '{"x":1}'],
    ['async', null, '5'],
  ])('of the kind %s has the type %j and the body %j', async (name, type, body) => {
    expect(await seen(name)).toEqual([200, type, body]);
  });

  test.each(['bigint', 'circular'])('of the kind %s is a failure', async (name) => {
    expect(await seen(name)).toEqual(failure);
  });

  test('that is an object has an ETag, others have none', async () => {
    const response = await call('object');
    expect(response.headers.get('etag')).toBe('W/"7-n4nHQM60bXQYySSnisV5QdXpZSA"');
    expect((await call('string')).headers.get('etag')).toBeNull();
    expect((await call('string')).headers.get('content-length')).toBe('10');
  });

  test('that the client has already is answered 304', async () => {
    // fetch would add "cache-control: no-cache" of its own.
    const ask = (method: string, name: string, tag: string) =>
      exchange(
        server.url,
        `${method} / HTTP/1.1\r\nHost: h\r\nEvent-Type: ${name}\r\nIf-None-Match: ${tag}\r\nConnection: close\r\n\r\n`,
      );
    const tag = (await call('object')).headers.get('etag')!;
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(method, 'object', tag);
      expect(answer).toMatch(/^HTTP\/1\.1 304 [\s\S]*\r\n\r\n$/);
      expect(answer).not.toMatch(/content-type/i);
    }
    expect(await ask('POST', 'object', tag)).toMatch(/^HTTP\/1\.1 200/);
    expect(await ask('GET', 'object', '"other"')).toMatch(/^HTTP\/1\.1 200/);
    expect(await ask('GET', 'object', `"other", ${tag}`)).toMatch(/^HTTP\/1\.1 304/);
    expect(await ask('GET', 'etagOwn', '"mine"')).toMatch(/^HTTP\/1\.1 304/);
  });

  test('may be large', async () => {
    expect(await (await call('large')).text()).toHaveLength(3e6);
  });
});

describe('the response in extensions', () => {
  test('sets status and headers for the returned value', async () => {
    expect(await seen('status')).toEqual([201, null, 'made']);
    const response = await call('setHeader');
    expect([response.headers.get('x-a'), response.headers.get('content-type'), await response.text()]).toEqual([
      'b',
      'text/x',
      'x',
    ]);
    expect(await seen('typeKept')).toEqual([200, 'application/vnd.api+json', '{"a":1}']);
  });

  test('answers instead of the returned value', async () => {
    expect(await seen('send')).toEqual([200, html, '<b>x</b>']);
    expect(await seen('sendObject')).toEqual([200, json, '{"a":1}']);
    expect(await seen('json')).toEqual([202, json, '{"a":1}']);
    expect(await seen('sendStatus')).toEqual([404, 'text/plain; charset=utf-8', 'Not Found']);
    const buffer = await call('sendBuffer');
    expect([buffer.headers.get('content-type'), [...(await buffer.bytes())]]).toEqual([
      'application/octet-stream',
      [0, 255],
    ]);
    expect(await seen('writeHead')).toEqual([203, null, 'done']);
  });

  test('redirects', async () => {
    const response = await call('redirect');
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      302,
      '/there?x=%C3%A9',
      'Found. Redirecting to /there?x=%C3%A9',
    ]);
    expect((await call('redirectStatus')).status).toBe(301);
  });

  test('sets cookies', async () => {
    const [first, second] = (await call('cookie')).headers.getSetCookie();
    expect(first).toMatch(/^a=b%20c; Max-Age=60; Path=\/; Expires=.* GMT; HttpOnly; SameSite=Lax$/);
    expect(second).toBe('j=j%3A%7B%22x%22%3A1%7D; Path=/');
    expect((await call('clearCookie')).headers.getSetCookie()[0]).toMatch(/^a=; Path=\/; Expires=Thu, 01 Jan 1970/);
  });

  test('can be written in pieces, and ended by the returned value', async () => {
    const response = await call('write');
    expect([await response.text(), response.headers.get('content-length')]).toEqual(['abc', null]);
    expect(await seen('writeThenNothing')).toEqual([200, null, 'a']);
    expect(await seen('headersSent')).toEqual([200, null, 'xfalse,true,false,ERR_HTTP_HEADERS_SENT']);
  });

  test('answers before the function is done, when it is ended early', async () => {
    expect(await seen('endEarly')).toEqual([200, null, 'early']);
    await expect.poll(() => server.out).toContain('after the answer');
  });

  test('takes a stream, as the example hellostream does', async () => {
    await using streaming = await kubelessServer(
      {
        'mod.js': `
          const from = require('from2');
          const eos = require('end-of-stream');
          function fromString(string) {
            return from(function (size, next) {
              if (string.length <= 0) return next(null, null);
              const chunk = string.slice(0, size);
              string = string.slice(size);
              next(null, chunk);
            });
          }
          module.exports = { foo(event) { return new Promise((resolve, reject) => {
            const { response } = event.extensions;
            const stream = fromString('hello world! '.repeat(50000));
            eos(stream, (error) => (error ? reject(error) : resolve(stream)));
            response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
            stream.pipe(response);
          }) } };`,
      },
      { NODE_PATH: fileURLToPath(new URL('../../node_modules', import.meta.url)) },
    );
    const response = await fetch(streaming.url);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toBe('hello world! '.repeat(50_000));
  });

  test.each(['badHeader', 'badStatus'])('refuses nonsense: %s', async (name) => {
    expect((await call(name)).status).toBe(500);
  });
});

describe('an error', () => {
  test.each([
    'throw',
    'throwNull',
    'throwString',
    'throwStatus',
    'reject',
    'rejectUndefined',
    'timerThrow',
    'exit',
    'never',
  ])('of the kind %s is answered 500 with the text of the original', async (name) => {
    expect(await seen(name)).toEqual(failure);
  });

  test('has an ETag and the origin header, is logged and is counted', async () => {
    const failuresIn = async () =>
      parseExposition(await (await call('string', {}, '/metrics')).text())
        .get('function_failures_total')!
        .samples.find(({ labels }) => labels['method'] === 'mod-PUT')?.value ?? 0;
    const before = await failuresIn();
    const response = await call('throw', { method: 'PUT' });
    expect([response.headers.get('etag'), response.headers.get('access-control-allow-origin')]).toEqual([
      'W/"15-/6VXivhc2MKdLfIkLcUE47K6aH0"',
      '*',
    ]);
    expect(server.error.at(-1)).toMatch(/^Function failed to execute: Error: no\n {4}at .*mod\.js:\d+:\d+/);
    expect(await failuresIn()).toBe(before + 1);
  });

  test('keeps the headers that were set, but not the status', async () => {
    const response = await call('statusThenThrow');
    expect([response.status, response.headers.get('x-kept')]).toEqual([500, 'yes']);
  });

  test('that nobody waits for harms nobody', async () => {
    expect(await seen('unhandled')).toEqual([200, null, 'fine']);
    expect(await seen('string')).toEqual([200, null, '<p>h\u00e9</p>']);
  });
});

describe('the time limit', () => {
  const code = `module.exports = { foo: (e) => ({ loop() { for (;;); }, wait: () => new Promise((r) => setTimeout(r, 60000)), regexp: () => /(a+)+$/.test("a".repeat(40) + "b"),
    caught() { for (;;) { try { for (;;); } catch {} } }, async later() { await null; for (;;); }, quick: () => "quick" })[e["event-type"]]() }`;

  test('is answered 408 as by the original, and the server lives on; awaited time counts too', async () => {
    await using limited = await kubelessServer({ 'mod.js': code }, { FUNC_TIMEOUT: '0.4' });
    const ask = (name: string) => fetch(limited.url, { headers: { 'event-type': name } });
    const answers = await Promise.all(['loop', 'wait', 'regexp', 'caught', 'later'].map(ask));
    for (const response of answers) {
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        408,
        json,
        '{"code":"ERR_SCRIPT_EXECUTION_TIMEOUT"}',
      ]);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    }
    expect(await (await ask('quick')).text()).toBe('quick');
    const metrics = parseExposition(await (await fetch(`${limited.url}/metrics`)).text());
    expect(metrics.get('function_failures_total')!.samples[0]!.value).toBe(5);
    expect(metrics.get('function_calls_total')!.samples[0]!.value).toBe(6);
  });
});

describe('the memory limit', () => {
  test('holds', async () => {
    await using limited = await kubelessServer(
      { 'mod.js': 'module.exports = { foo() { const a = []; for (;;) a.push(new Array(1000)) } }' },
      { FUNC_MEMORY_LIMIT: '32Mi' },
    );
    const response = await fetch(limited.url);
    expect([response.status, await response.text(), response.headers.get('x-isohost-outcome')]).toEqual([
      500,
      'Internal Server Error',
      'exceededMemory',
    ]);
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
  });
});

describe('/healthz and /metrics', () => {
  test('answer as the original', async () => {
    const health = await call('string', {}, '/healthz');
    expect([health.status, health.headers.get('content-type'), await health.text()]).toEqual([200, html, 'OK']);
    const metrics = await call('string', {}, '/metrics');
    expect(metrics.headers.get('content-type')).toMatch(
      /^text\/plain; (?:charset=utf-8; version=0\.0\.4|version=0\.0\.4; charset=utf-8)$/,
    );
    expect([...parseExposition(await metrics.text()).keys()]).toEqual([
      'function_duration_seconds',
      'function_calls_total',
      'function_failures_total',
    ]);
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

describe('the log', () => {
  test('has a line of the combined format per answer, health and metrics too', async () => {
    await (await call('status', { headers: { 'user-agent': 'me', referer: 'http://from' } }, '/x?y')).text();
    await expect
      .poll(() => server.out.at(-1))
      .toMatch(
        /^\S+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/x\?y HTTP\/1\.1" 201 4 "http:\/\/from" "me"$/,
      );
    await (await call('string', {}, '/healthz')).text();
    await expect.poll(() => server.out.at(-1)).toContain('"GET /healthz HTTP/1.1" 200');
  });

  test('has what the function prints', async () => {
    await (await call('console')).text();
    await expect.poll(() => server.out).toEqual(expect.arrayContaining(['to out { a: 1 }', 'written']));
    expect(server.error).toContain('to err');
  });
});

describe('a function finds', () => {
  test('what Node gives to a CommonJS module', async () => {
    expect(await (await call('names')).json()).toEqual({
      filename: '/kubeless/mod.js',
      dirname: '/kubeless',
      global: true,
      module: 'object',
      exports: 'object',
    });
    expect(await (await call('this')).text()).toBe('true');
    expect(await (await call('relative')).text()).toBe('hello you 7Dep');
  });

  test('the parts of Node that are there', async () => {
    expect(await (await call('node')).json()).toEqual({
      tick: 'function',
      immediate: 'function',
      unref: 'function',
      platform: 'linux',
      cwd: '/',
      version: true,
      events: 'function',
      stream: 'function',
      util: '1',
      url: 'c',
      qs: 'a=1',
      path: 'a/b',
      base64: 'aGk=',
    });
  });

  test('the variables of its contract and those that were granted, and no others', async () => {
    const env = (await (await call('env')).json()) as Record<string, string>;
    expect(Object.keys(env).toSorted()).toEqual([
      'FUNC_HANDLER',
      'FUNC_MEMORY_LIMIT',
      'FUNC_PORT',
      'FUNC_RUNTIME',
      'MOD_NAME',
    ]);
    await using granted = await kubelessServer(
      { 'mod.js': 'module.exports = { foo: () => process.env.MY_VAR }' },
      { MY_VAR: 'x', ISOHOST_GRANT_ENV: 'MY_VAR, OTHER' },
    );
    expect(await (await fetch(granted.url)).text()).toBe('x');
  });

  test('nothing of an earlier call', async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(await (await call('counter')).text()).toBe('1');
      expect(await (await call('mutate')).text()).toBe('1');
    }
  });
});
