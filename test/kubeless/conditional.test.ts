/** Answers that the client has already. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyOf, type CaseServer, caseServer } from '../support/kubeless.ts';

const r = 'const r = event.extensions.response;';
const modified = `r.set("Last-Modified", "Thu, 01 Jan 2015 00:00:00 GMT");`;

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
    object: 'return { a: 1 }',
    undefinedJson: 'return { toJSON() {} }',
    modifiedSend: `${r} ${modified} r.send("x")`,
    modifiedObject: `${r} ${modified} return { a: 1 }`,
    sent: `${r} r.send("x")`,
    sentNothing: `${r} r.send()`,
    emptyTag: `${r} r.set("ETag", ""); return { a: 1 }`,
    noContent: `${r} r.status(204).send("x")`,
    notModified: `${r} r.status(304); return { a: 1 }`,
    ended: `${r} r.set("ETag", '"x"'); return "text"`,
    hint: `${r} r.set("x-isohost-etag", "weak"); r.send("x")`,
    badStatus: `${r} r.send(0)`,
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const tag = 'W/"7-n4nHQM60bXQYySSnisV5QdXpZSA"';
const statusOf = async (name: string, ...headers: string[]): Promise<number> =>
  Number((await server.ask(name, 'GET / HTTP/1.1', ...headers)).split(' ', 2)[1]);

describe('If-None-Match', () => {
  test.each([
    [[tag], 304],
    [['"x"', tag], 304],
    [[`"a", ${tag}`], 304],
    [[tag.slice(2)], 304],
    [[`W/${tag}`], 304],
    [['*'], 304],
    [['"a", *'], 200],
    [[tag.toLowerCase()], 200],
  ])('of the lines %j is answered %i', async (values, status) => {
    expect(await statusOf('object', ...values.map((value) => `If-None-Match: ${value}`))).toBe(status);
  });

  test('is not looked at when the client wants no stored answer', async () => {
    expect(await statusOf('object', `If-None-Match: ${tag}`, 'Cache-Control: max-age=0, no-cache')).toBe(200);
    expect(await statusOf('object', `If-None-Match: ${tag}`, 'Cache-Control: max-age=0')).toBe(304);
  });

  test('concerns what is sent by Express only', async () => {
    expect(await statusOf('ended', 'If-None-Match: "x"')).toBe(200);
    expect(await statusOf('sent', 'If-None-Match: *')).toBe(304);
    expect(await statusOf('sentNothing', 'If-None-Match: *')).toBe(304);
  });
});

test.each([
  ['Fri, 02 Jan 2015 00:00:00 GMT', 304],
  ['Fri, 02 Jan 2014 00:00:00 GMT', 200],
  ['nonsense', 200],
])('If-Modified-Since %s is answered %i', async (date, status) => {
  for (const name of ['modifiedSend', 'modifiedObject'])
    expect(await statusOf(name, `If-Modified-Since: ${date}`)).toBe(status);
});

describe('an ETag', () => {
  const tagOf = async (name: string): Promise<string | null> => (await server.call(name)).headers.get('etag');

  test('is made where the function has set none', async () => {
    expect(await tagOf('object')).toBe(tag);
    expect(await tagOf('emptyTag')).toBe(tag);
  });

  test('is not made of nothing', async () => {
    expect(await tagOf('sentNothing')).toBeNull();
    expect(await tagOf('undefinedJson')).toBeNull();
  });

  test('is that of the body that the status forbids', async () => {
    expect(await tagOf('noContent')).toBe('W/"1-EfatjsUqKYSrqv18O1FlA3hcIHI"');
    const raw = await server.ask('notModified');
    expect(raw).toMatch(/^HTTP\/1\.1 304 /);
    expect(raw).toContain(`etag: ${tag}`);
    expect(bodyOf(raw)).toBe('');
  });

  test('is asked for by a header that no client sees', async () => {
    for (const name of ['object', 'hint', 'badStatus', 'modifiedSend'])
      expect((await server.call(name)).headers.get('x-isohost-etag')).toBeNull();
    expect((await server.call('badStatus')).status).toBe(500);
  });
});
