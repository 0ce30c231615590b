/** Functions that fail. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, failure, json } from '../support/kubeless.ts';
import { parseExposition } from '../support/prometheus.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
    string: 'return "<p>h\\u00e9</p>"',
    throw: 'throw new Error("no")',
    throwNull: 'throw null',
    throwString: 'throw "text"',
    throwStatus: 'throw Object.assign(new Error("no"), { status: 404, statusCode: 404 })',
    reject: 'return Promise.reject(new Error("no"))',
    rejectUndefined: 'return Promise.reject()',
    statusThenThrow: 'event.extensions.response.status(201).setHeader("x-kept", "yes"); throw new Error("no")',
    typeThenThrow: 'event.extensions.response.status(201).type("json").set("ETag", "mine"); throw new Error("no")',
    emptyTagThenThrow: 'event.extensions.response.set("ETag", ""); throw new Error("no")',
    sendThenThrow: 'event.extensions.response.send("sent"); throw new Error("too late")',
    sendThenReject: 'event.extensions.response.send("sent"); return Promise.reject(new Error("too late, too"))',
    unhandled: 'Promise.reject(new Error("nobody")); return "fine"',
    timerThrow: 'return new Promise(() => setTimeout(() => { throw new Error("in a timer") }, 1))',
    exit: 'process.exit(3)',
    never: 'return new Promise(() => {})',
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);
const seen: CaseServer['seen'] = (...given) => server.seen(...given);

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
    const typed = await call('typeThenThrow');
    expect([typed.status, typed.headers.get('content-type'), typed.headers.get('etag'), await typed.text()]).toEqual([
      500,
      json,
      'mine',
      'Internal Server Error',
    ]);
    expect((await call('emptyTagThenThrow')).headers.get('etag')).toBe('W/"15-/6VXivhc2MKdLfIkLcUE47K6aH0"');
  });

  test('after the answer is logged', async () => {
    for (const [name, message] of [
      ['sendThenThrow', 'too late'],
      ['sendThenReject', 'too late, too'],
    ]) {
      expect(await (await call(name!)).text()).toBe('sent');
      await expect.poll(() => server.error.at(-1)).toContain(`Error: ${message}`);
    }
  });

  test('that nobody waits for harms nobody', async () => {
    expect(await seen('unhandled')).toEqual([200, null, 'fine']);
    expect(await seen('string')).toEqual([200, null, '<p>h\u00e9</p>']);
  });
});
