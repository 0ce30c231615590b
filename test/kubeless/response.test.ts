/** `event.extensions.response`, as Express 4 has it. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, html, json, kubelessServer } from '../support/kubeless.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
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
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);
const seen: CaseServer['seen'] = (...given) => server.seen(...given);

describe('the response in extensions', () => {
  test('sets status and headers for the returned value', async () => {
    expect(await seen('status')).toEqual([201, null, 'made']);
    const response = await call('setHeader');
    expect([response.headers.get('x-a'), response.headers.get('content-type'), await response.text()]).toEqual([
      'b',
      'text/x',
      'x',
    ]);
    expect(await seen('typeKept')).toEqual([200, 'application/vnd.api+json; charset=utf-8', '{"a":1}']);
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
