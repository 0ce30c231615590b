/** Every example in functions/ does what its comment says. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import config from '../isohost.config.json' with { type: 'json' };
import { type FileConfig, fileSchema, validate } from '../src/config.ts';
import { readDirectory } from '../src/directory.ts';
import { createHost, type Host, type InvocationRecord } from '../src/index.ts';
import { get } from './support/host.ts';

const folder = fileURLToPath(new URL('../functions', import.meta.url));
const records: InvocationRecord[] = [];
let host: Host;

beforeAll(async () => {
  const { env, functions } = validate(fileSchema, config) as FileConfig;
  host = await createHost({ env, functions, onInvocation: (record) => records.push(record) });
  const contents = await readDirectory(folder, false);
  expect(contents.skipped).toEqual([]);
  await Promise.all(contents.functions.map((options) => host.deploy(options)));
});
afterAll(() => host.close());

const tested = new Set<string>();

async function call(path: string, init?: RequestInit): Promise<[number, string]> {
  tested.add(/^\/([^/?]+)/.exec(path)![1]!);
  const response = await get(host, path, init);
  return [response.status, await response.text()];
}

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

describe('the example', () => {
  test('hello greets', async () => {
    expect(await call('/hello')).toEqual([200, 'Hello from a fresh isolate\n']);
  });

  test('echo answers with what it was sent', async () => {
    const [status, text] = await call('/echo/there?x=1', post({ name: 'Ada' }));
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { method: 'POST', path: '/echo/there', query: { x: '1' }, body: { name: 'Ada' } },
    ]);
    expect((await call('/echo', { method: 'DELETE' }))[0]).toBe(405);
  });

  test('todo routes with Hono', async () => {
    expect(await call('/todo/items/2')).toEqual([200, '{"id":2,"title":"Deploy it","done":false}']);
    expect((await call('/todo/items/3'))[0]).toBe(404);
  });

  test('validate uses a package', async () => {
    expect(await call('/validate', post({ email: 'ada@example.org', age: 36 }))).toEqual([
      200,
      '{"person":{"email":"ada@example.org","age":36}}',
    ]);
    expect((await call('/validate', post({ email: 'x', age: -1 })))[0]).toBe(422);
  });

  test('countdown streams', async () => {
    expect(await call('/countdown?from=2')).toEqual([200, '2\n1\nLift-off\n']);
  });

  test('greet speaks the Kubeless dialect', async () => {
    expect(await call('/greet', post({ name: 'Ada' }))).toEqual([200, '{"greeting":"Hello Ada","from":"greet"}']);
  });

  test('counter counts to one', async () => {
    for (let round = 0; round < 3; round += 1) expect(await call('/counter')).toEqual([200, '1\n']);
  });

  test('whoami finds nothing of the host', async () => {
    const [, text] = await call('/whoami');
    const { variables, reachable } = JSON.parse(text) as { variables: string[]; reachable: Record<string, string> };
    expect(variables).toEqual(['GREETING']);
    expect(new Set(Object.values(reachable))).toEqual(new Set(['undefined']));
  });

  test('slow waits', async () => {
    expect(await call('/slow?ms=50')).toEqual([200, 'waited 50 ms\n']);
  });

  test('page renders JSX', async () => {
    const [status, text] = await call('/page?name=%3Cb%3E');
    expect([status, text]).toEqual([200, expect.stringContaining('<h1>Hello &lt;b&gt;</h1>')]);
  });

  test('broken fails at its place in the source', async () => {
    expect((await call('/broken'))[0]).toBe(500);
    const outcome = records.at(-1)!.outcome;
    expect(outcome.kind === 'exception' && outcome.error.stack).toContain('at parse (broken.ts:4:15)');
  });

  test('cpu-hog and memory-hog break their limits', async () => {
    expect((await call('/cpu-hog'))[0]).toBe(408);
    expect((await call('/memory-hog'))[0]).toBe(500);
    expect(records.slice(-2).map(({ outcome }) => outcome.kind)).toEqual(['exceededCpu', 'exceededMemory']);
  });

  test('none is left out here', async () => {
    const entries = await readdir(folder);
    const names = entries
      .filter((name) => name !== 'tsconfig.json' && name !== 'node_modules')
      .map((name) => name.replace(/\.\w+$/, ''));
    expect([...tested].toSorted()).toEqual(names.toSorted());
  });
});
