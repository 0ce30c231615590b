/** What becomes of the value that the function returns. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, failure, json } from '../support/kubeless.ts';
import { exchange } from '../support/raw-http.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
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
    etagOwn: 'event.extensions.response.setHeader("ETag", "\\"mine\\""); return { a: 1 }',
    large: 'return "x".repeat(3e6)',
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);
const seen: CaseServer['seen'] = (...given) => server.seen(...given);

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
