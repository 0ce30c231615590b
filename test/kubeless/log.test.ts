/** What stands on the standard streams. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer } from '../support/kubeless.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer({
    string: 'return "<p>h\\u00e9</p>"',
    object: 'return { a: 1 }',
    sent: 'event.extensions.response.send("sent")',
    set: 'event.extensions.response.set("Content-Length", "3"); return "abc"',
    failing: 'throw new Error("no")',
    status: 'event.extensions.response.status(201); return "made"',
    console: 'console.log("to out", { a: 1 }); console.error("to err"); process.stdout.write("written\\n"); return "x"',
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);

describe('the log', () => {
  test('has a line of the combined format per answer, health and metrics too', async () => {
    await (await call('status', { headers: { 'user-agent': 'me', referer: 'http://from' } }, '/x?y')).text();
    await expect
      .poll(() => server.out.at(-1))
      .toMatch(
        /^\S+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/x\?y HTTP\/1\.1" 201 - "http:\/\/from" "me"$/,
      );
    await (await call('string', {}, '/healthz')).text();
    await expect.poll(() => server.out.at(-1)).toContain('"GET /healthz HTTP/1.1" 200 2 ');
    await (await call('string', {}, '/metrics')).text();
    await expect.poll(() => server.out.at(-1)).toMatch(/"GET \/metrics HTTP\/1\.1" 200 [0-9]+ /);
  });

  test('has the length when the head has it, not when it only follows from the body', async () => {
    for (const [name, length] of [
      ['string', '-'],
      ['object', '7'],
      ['sent', '4'],
      ['set', '3'],
      ['failing', '21'],
    ]) {
      await (await call(name!, {}, `/${name}`)).text();
      await expect
        .poll(() => server.out.at(-1))
        .toContain(`"GET /${name} HTTP/1.1" ${name === 'failing' ? 500 : 200} ${length} `);
    }
  });

  test('has the user that a client names with a password', async () => {
    for (const [credentials, user] of [
      ['bob:secret', 'bob'],
      ['nobody', '-'],
    ]) {
      const authorization = `Basic ${Buffer.from(credentials!).toString('base64')}`;
      await (await call('string', { headers: { authorization } }, `/${user}`)).text();
      await expect.poll(() => server.out.at(-1)).toMatch(new RegExp(`^\\S+ - ${user} \\[.*"GET /${user} `));
    }
  });

  test('has what the function prints', async () => {
    await (await call('console')).text();
    await expect.poll(() => server.out).toEqual(expect.arrayContaining(['to out { a: 1 }', 'written']));
    expect(server.error).toContain('to err');
  });
});
