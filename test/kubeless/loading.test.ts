/** How the function is found and loaded. */
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { kubelessServer } from '../support/kubeless.ts';

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
    await using one = await kubelessServer({ 'mod.js': code }, { ISOHOST_CELLS: '0' });
    expect((await fetch(one.url)).status).toBe(status);
  });

  test('is tried again when the module level threw, and only then', async () => {
    await using one = await kubelessServer({ 'mod.js': 'throw new Error("at load")' });
    expect((await fetch(one.url)).status).toBe(500);
    await writeFile(one.folder.file('mod.js'), 'module.exports = { foo() { throw new Error("in the handler") } }');
    expect((await fetch(one.url)).status).toBe(500);
    await expect.poll(() => one.error.at(-1)).toContain('Error: in the handler');
    // A module that was loaded once stays: that its handler throws is another matter.
    await writeFile(one.folder.file('mod.js'), 'module.exports = { foo: () => "changed" }');
    expect((await fetch(one.url)).status).toBe(500);
  });

  test('needs no handler by name when the module exports a function', async () => {
    await using one = await kubelessServer(
      { 'mod.js': 'module.exports = (event, context) => [context["function-name"]]' },
      { FUNC_HANDLER: '' },
    );
    expect(await (await fetch(one.url)).json()).toEqual(['']);
  });

  test('takes cells, or none', async () => {
    for (const ISOHOST_CELLS of ['0', '2']) {
      await using one = await kubelessServer({ 'mod.js': 'exports.foo = () => "here"' }, { ISOHOST_CELLS });
      expect(await (await fetch(one.url)).text()).toBe('here');
    }
  });

  test('finds dependencies in node_modules of the root', async () => {
    await using one = await kubelessServer({
      'mod.js': 'const d = require("dep"); module.exports = { foo: () => d }',
      'node_modules/dep/index.js': 'module.exports = "dep"',
    });
    expect(await (await fetch(one.url)).text()).toBe('dep');
  });
});
