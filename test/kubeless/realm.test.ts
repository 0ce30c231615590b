/** What the function finds around it. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseServer, caseServer, kubelessServer } from '../support/kubeless.ts';

let server: CaseServer;
beforeAll(async () => {
  server = await caseServer(
    {
      counter: 'return String(++counter)',
      this: 'return String(this === undefined || this === globalThis)',
      names:
        'return { filename: __filename, dirname: __dirname, global: global === globalThis, module: typeof module, exports: typeof exports }',
      env: 'return process.env',
      relative:
        'return require("./lib/helper").greet("you") + require("./data.json").n + require("lodash").capitalize("dep")',
      node: 'return { tick: typeof process.nextTick, immediate: typeof setImmediate, unref: typeof setTimeout(() => {}, 1).unref, platform: process.platform, cwd: process.cwd(), version: process.version.startsWith("v"), events: typeof require("events"), stream: typeof require("stream").Readable, util: require("util").format("%s", 1), url: require("url").parse("http://a/b?c").query, qs: require("querystring").stringify({ a: 1 }), path: require("path").join("a", "b"), base64: Buffer.from("hi").toString("base64") }',
      assignEnv:
        'process.env.X = 5; process.env.Y = undefined; return [process.env.X, process.env.Y, "Z" in process.env]',
      mutate: 'context.seen = (context.seen || 0) + 1; return String(context.seen)',
    },
    {
      prelude: 'let counter = 0;',
      files: {
        'lib/helper.js': 'exports.greet = (name) => "hello " + name + " ";',
        'data.json': '{"n":7}',
      },
      env: {
        FUNC_RUNTIME: 'nodejs14',
        FUNC_MEMORY_LIMIT: '128Mi',
        SECRET: 'mine',
        NODE_PATH: fileURLToPath(new URL('../../node_modules', import.meta.url)),
      },
    },
  );
});
afterAll(() => server[Symbol.asyncDispose]());

const call: CaseServer['call'] = (...given) => server.call(...given);

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

  test('variables that are text, whatever is assigned to them', async () => {
    expect(await (await call('assignEnv')).json()).toEqual(['5', 'undefined', false]);
  });

  test('nothing of an earlier call', async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(await (await call('counter')).text()).toBe('1');
      expect(await (await call('mutate')).text()).toBe('1');
    }
  });
});
