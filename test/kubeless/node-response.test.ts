/** Node's half of the response: heads, bodies, streams, and what goes wrong with them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type CaseServer, caseServer, failure } from '../support/kubeless.ts';
import { exchange } from '../support/raw-http.ts';

const caught = (code: string): string => `let e = "none"; try { ${code} } catch (error) { e = error.code }`;
const received = (value: string): string =>
  `The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ${value}`;

const cases: Record<string, string> = {
  head: 'r.writeHead(203, { "x-y": "z" }); r.end("done")',
  headTwice: `r.writeHead(201); ${caught('r.writeHead(202)')} r.end(e)`,
  headSent: `r.writeHead(200, { a: "3" }); ${caught('r.setHeader("q", "r")')} r.end(String([r.headersSent, r.getHeader("a"), e]))`,
  headBad: `${caught('r.writeHead(99)')} r.statusCode = 200; r.end(e)`,
  headText: 'r.writeHead("201"); r.end("x")',
  headPairs: 'r.writeHead(200, [["X-A", "1"], ["X-B", "2"]]); r.end("x")',
  headList: 'r.writeHead(200, ["X-A", "1", "X-A", "2"]); r.end("x")',
  headMessage: 'r.writeHead(200, "Hello There", { "x-a": "1" }); r.end("x")',
  headLength: 'r.writeHead(200, { "Content-Length": 3 }); r.end("abc")',
  headReturn: 'r.writeHead(201, { x: "y" }); return "body"',
  headObject: 'r.writeHead(201); return { a: 1 }',
  message: 'r.statusMessage = "Very Fine"; return "x"',
  messageThrow: 'r.statusMessage = "hey"; throw new Error("no")',
  statusLate: 'try { r.status(99).end() } catch {} r.statusCode = 200; r.end("x")',
  endZero: 'r.end(0)',
  endFalse: 'r.end(false)',
  endObject: 'r.end({})',
  endAgain:
    'r.on("error", () => {}); r.end("a"); return new Promise((resolve) => r.end("b", (error) => { console.log(error.code); resolve() }))',
  endCallback: 'return new Promise((resolve) => r.end("x", resolve))',
  writeNumber: 'r.write(5)',
  writeNull: `${caught('r.write(null)')} r.end(e)`,
  writeObject: 'let e; try { r.write({}) } catch (error) { e = error.message } r.end(e)',
  writeText: 'let e; try { r.write(10n) } catch (error) { e = error.message } r.end(e)',
  writeMuch:
    'return new Promise((resolve) => { let n = 0; const go = () => { while (n < 40) { n += 1; if (!r.write("y".repeat(50000))) { r.once("drain", go); return } } r.end(); resolve() }; go() })',
  writeThrow: 'r.write("a"); throw new Error("no")',
  writeObjectReturn: 'r.write("a"); return { a: 1 }',
  writeHead: 'r.write("a"); r.end("b")',
  length: 'r.set("Content-Length", "3"); r.write("a"); r.write("bc"); r.end()',
  lengthShort: 'r.set("Content-Length", "9"); r.write("a"); r.end("b")',
  lengthLong: 'r.set("Content-Length", "3"); r.write("a"); r.end("bcdefg")',
  lengthWrong: 'r.set("Content-Length", "10"); return "abc"',
  reset: 'r.status(205); return "abc"',
  none: 'r.status(204).write("x"); r.end("y")',
  hop: 'r.set({ Connection: "close", Upgrade: "x", Trailer: "x-t", "Transfer-Encoding": "chunked", "Keep-Alive": "timeout=99" }); r.addTrailers({ "x-t": "1" }); r.writeProcessing(); r.writeEarlyHints({}); return "x"',
  setHeaders:
    'r.setHeaders(new Map([["a", "1"]])); r.appendHeader("a", "2"); return String([r.getHeader("A"), r.getRawHeaderNames().at(-1), r.hasHeader("a")])',
  destroy: 'r.destroy(); return "x"',
  destroySocket: 'event.extensions.request.socket.destroy(); return "x"',
  destroyLate: 'r.write("a"); r.destroy()',
  pipeline:
    'return new Promise((resolve, reject) => { const { PassThrough, pipeline } = require("stream"); const s = new PassThrough(); pipeline(s, r, (error) => (error ? reject(error) : resolve())); s.write("a"); setTimeout(() => s.end("b"), 5) })',
  isStream:
    'return [r instanceof require("events"), r.writable, r.writableEnded, r.destroyed, r.writableHighWaterMark, typeof r.pipe]',
};

let server: CaseServer;
beforeAll(async () => {
  const entries = Object.entries(cases).map(([name, code]) => [name, `const r = event.extensions.response; ${code}`]);
  server = await caseServer(Object.fromEntries(entries) as Record<string, string>);
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);
const bodyFor = async (name: string): Promise<string> => (await call(name)).text();

describe('writeHead', () => {
  test('completes the head', async () => {
    const response = await call('head');
    expect([response.status, response.headers.get('x-y'), await response.text()]).toEqual([203, 'z', 'done']);
    expect([response.headers.get('transfer-encoding'), response.headers.get('content-length')]).toEqual([
      'chunked',
      null,
    ]);
    const twice = await call('headTwice');
    expect([twice.status, await twice.text()]).toEqual([201, 'ERR_HTTP_HEADERS_SENT']);
    expect(await bodyFor('headSent')).toBe('true,3,ERR_HTTP_HEADERS_SENT');
    expect(await server.seen('headObject')).toEqual(failure);
    const returned = await call('headReturn');
    expect([returned.status, await returned.text()]).toEqual([201, 'body']);
  });

  test('checks the status, and takes it as Node does', async () => {
    expect(await bodyFor('headBad')).toBe('ERR_HTTP_INVALID_STATUS_CODE');
    expect((await call('headText')).status).toBe(201);
    expect(await server.seen('statusLate')).toEqual([200, null, 'x']);
  });

  test('takes headers in lists', async () => {
    const pairs = await call('headPairs');
    expect([pairs.headers.get('x-a'), pairs.headers.get('x-b')]).toEqual(['1', '2']);
    expect((await call('headList')).headers.get('x-a')).toBe('1, 2');
    expect((await call('headLength')).headers.get('content-length')).toBe('3');
  });

  test('and the status line take a reason', async () => {
    expect(await server.ask('headMessage')).toMatch(/^HTTP\/1\.1 200 Hello There\r\n/);
    expect(await server.ask('message')).toMatch(/^HTTP\/1\.1 200 Very Fine\r\n/);
    expect(await server.ask('messageThrow')).toMatch(/^HTTP\/1\.1 500 hey\r\n/);
  });
});

describe('end', () => {
  test('takes nothing for nothing', async () => {
    expect(await server.seen('endZero')).toEqual([200, null, '']);
    expect(await server.seen('endFalse')).toEqual([200, null, '']);
    expect(await server.seen('endObject')).toEqual(failure);
  });

  test('tells when it is done, and that it was', async () => {
    expect(await bodyFor('endCallback')).toBe('x');
    expect(await bodyFor('endAgain')).toBe('a');
    await expect.poll(() => server.out).toContain('ERR_STREAM_WRITE_AFTER_END');
  });
});

describe('write', () => {
  test('of what is neither text nor bytes leaves the head as it was', async () => {
    expect(await server.seen('writeNumber')).toEqual(failure);
    const refused = await call('writeNull');
    expect([refused.headers.get('content-length'), await refused.text()]).toEqual(['22', 'ERR_STREAM_NULL_VALUES']);
    expect(await bodyFor('writeObject')).toBe(received('an instance of Object'));
    expect(await bodyFor('writeText')).toBe(received('type bigint (10n)'));
  });

  test('of more than the client takes asks to wait', async () => {
    expect(await bodyFor('writeMuch')).toHaveLength(2e6);
  });

  test('before a failure leaves a response that nobody takes for complete', async () => {
    for (const name of ['writeThrow', 'writeObjectReturn', 'destroyLate']) {
      await expect(call(name).then((response) => response.text())).rejects.toThrow();
    }
  });

  test('is for a body that there may be', async () => {
    const head = await call('writeHead', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(await server.seen('none')).toEqual([204, null, '']);
  });
});

describe('Content-Length', () => {
  test('of a stream is sent', async () => {
    const response = await call('length');
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['3', 'abc']);
  });

  test('that is not the length cuts the connection', async () => {
    for (const name of ['lengthShort', 'lengthLong']) {
      const answer = await server.ask(name);
      expect(bodyOf(answer).length).toBeLessThan(name === 'lengthShort' ? 9 : 4);
    }
  });

  test('of a whole body is that of the body', async () => {
    const response = await call('lengthWrong');
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['3', 'abc']);
  });
});

test('a body with the status 205 is sent, and the next response is whole', async () => {
  const both = await exchange(
    server.url,
    'GET / HTTP/1.1\r\nHost: h\r\nEvent-Type: reset\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nEvent-Type: head\r\nConnection: close\r\n\r\n',
  );
  expect(both).toMatch(/^HTTP\/1\.1 205 [\s\S]*content-length: 3\r\n\r\nabcHTTP\/1\.1 203 /i);
});

test('headers of the connection are the server\u2019s', async () => {
  const answer = await server.ask('hop');
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).not.toMatch(/upgrade|trailer|x-t|chunked|timeout=99/i);
});

test('headers are set in every way that Node has', async () => {
  expect(await bodyFor('setHeaders')).toBe('1,2,a,true');
});

test('destroy() cuts the connection', async () => {
  const failures = server.error.length;
  for (const name of ['destroy', 'destroySocket']) {
    expect(await server.ask(name)).toBe('');
  }
  expect(server.error).toHaveLength(failures);
});

test('it can be written to as a stream', async () => {
  expect(await bodyFor('pipeline')).toBe('ab');
  expect(await (await call('isStream')).json()).toEqual([true, true, false, false, 65_536, 'function']);
});
