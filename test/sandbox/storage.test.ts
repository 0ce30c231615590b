import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStorage } from 'unstorage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryStorage, createUnstorageStorage, type Limits, type StoredValue } from '../../sandbox/index.ts';
import { createSqliteStorage } from '../../sandbox/storage/sqlite-storage.ts';
import { createHost } from '../../src/index.ts';
import { fn, get as ask } from '../support/host.ts';
import { functionOf, handler, invoke, type TestSandbox, testSandbox } from '../support/sandbox.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isohost-storage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const roomy = { keys: 1_000, bytes: 1_000_000 };
const value = (text: string, rest: Partial<StoredValue> = {}): StoredValue => ({ bytes: Buffer.from(text), ...rest });
let files = 0;

describe.each([
  ['in memory', () => createMemoryStorage(), true],
  [
    'in SQLite',
    () => {
      files += 1;
      return createSqliteStorage(join(folder, `${files}.sqlite`));
    },
    true,
  ],
  ['in unstorage', () => createUnstorageStorage(createStorage()), false],
])('a storage %s', (_where, create, counts) => {
  test('keeps values apart by tenant and namespace', async () => {
    const storage = create();
    const odd = 'a/b:c\u00e9\u{1f600} %';
    await storage.put('a', 'n', odd, value('1', { metadata: '{"m":1}' }), roomy);
    await storage.put('a', 'm', odd, value('2'), roomy);
    await storage.put('b', 'n', odd, value('3'), roomy);
    await storage.put('b', 'n', odd, value('4'), roomy);
    const read = async (tenant: string, namespace: string): Promise<string | undefined> => {
      const found = await storage.get(tenant, namespace, odd);
      return found === undefined ? undefined : Buffer.from(found.bytes).toString();
    };
    expect([await read('a', 'n'), await read('a', 'm'), await read('b', 'n'), await read('b', 'm')]).toEqual([
      '1',
      '2',
      '4',
      undefined,
    ]);
    expect((await storage.get('a', 'n', odd))?.metadata).toBe('{"m":1}');
    await storage.delete('a', 'n', odd);
    expect([await read('a', 'n'), await read('a', 'm')]).toEqual([undefined, '2']);
    await storage.close();
  });

  test('lists keys in order, by prefix, and page by page', async () => {
    const storage = create();
    for (const key of ['b2', 'a', 'b1', 'c', 'b3', 'B'])
      await storage.put('t', 'n', key, value(key, { metadata: `"${key}"` }), roomy);
    const list = async (prefix: string, after: string, limit: number): Promise<[string[], boolean]> => {
      const { keys, isComplete } = await storage.list('t', 'n', { prefix, after, limit });
      return [keys.map(({ key }) => key), isComplete];
    };
    expect(await list('', '', 100)).toEqual([['B', 'a', 'b1', 'b2', 'b3', 'c'], true]);
    expect(await list('b', '', 2)).toEqual([['b1', 'b2'], false]);
    expect(await list('b', 'b2', 2)).toEqual([['b3'], true]);
    expect(await list('b', '', 3)).toEqual([['b1', 'b2', 'b3'], true]);
    expect(await storage.list('t', 'other', { prefix: '', after: '', limit: 5 })).toEqual({
      keys: [],
      isComplete: true,
    });
    expect((await storage.list('t', 'n', { prefix: 'c', after: '', limit: 5 })).keys).toMatchObject([
      { metadata: '"c"' },
    ]);
    await storage.close();
  });

  test('forgets what has expired', async () => {
    const storage = create();
    await storage.put('t', 'n', 'gone', value('x', { expiresAt: Date.now() - 1 }), roomy);
    await storage.put('t', 'n', 'here', value('x', { expiresAt: Date.now() + 60_000 }), roomy);
    expect(await storage.get('t', 'n', 'gone')).toBeUndefined();
    expect((await storage.list('t', 'n', { prefix: '', after: '', limit: 9 })).keys.map(({ key }) => key)).toEqual([
      'here',
    ]);
    await storage.close();
  });

  test.runIf(counts)('gives a tenant so many keys and bytes', async () => {
    const storage = create();
    const quota = { keys: 2, bytes: 100 };
    expect(await storage.put('t', 'n', 'a', value('x'.repeat(98)), quota)).toBe(true);
    expect(await storage.put('t', 'n', 'b', value('xx'), quota)).toBe(false);
    expect(await storage.put('t', 'n', 'b', value(''), quota)).toBe(true);
    expect(await storage.put('t', 'm', 'c', value(''), quota)).toBe(false);
    expect(await storage.put('u', 'm', 'c', value(''), quota)).toBe(true);
    expect(await storage.put('t', 'n', 'a', value('x'), quota)).toBe(true);
    expect(Buffer.from((await storage.get('t', 'n', 'a'))!.bytes).toString()).toBe('x');
    await storage.delete('t', 'n', 'b');
    await storage.put('t', 'n', 'old', value('', { expiresAt: Date.now() - 1 }), quota);
    // What has expired makes room.
    expect(await storage.put('t', 'm', 'c', value(''), quota)).toBe(true);
    await storage.close();
  });
});

test('a file of SQLite keeps values beyond the process that wrote them', async () => {
  const file = join(folder, 'kept.sqlite');
  const first = createSqliteStorage(file);
  await first.put('t', 'n', 'k', value('kept'), roomy);
  await first.close();
  const second = createSqliteStorage(file);
  expect(Buffer.from((await second.get('t', 'n', 'k'))!.bytes).toString()).toBe('kept');
  await second.close();
});

describe.each([
  ['inline', 0],
  ['in a cell', 1],
])('a storage binding %s', (_where, cells) => {
  let sandbox: TestSandbox;
  let calls = 0;
  beforeAll(async () => {
    sandbox = await testSandbox(cells);
  });
  afterAll(() => sandbox.close());

  async function run(body: string, limits: Partial<Limits> = {}, key = 'test/f'): Promise<unknown> {
    calls += 1;
    const code = functionOf(handler(`const { KV } = env; ${body}`), limits, {
      kv: { KV: 'values' },
      key,
      hash: String(calls),
    });
    const { text, ending } = await invoke(sandbox, code);
    expect(ending.outcome).toEqual({ kind: 'ok' });
    return JSON.parse(text);
  }

  test('has the interface of Workers', async () => {
    expect(
      await run(`await KV.put('text', 'h\u00e9llo', { metadata: { a: [1] }, expirationTtl: 100 });
        await KV.put('json', JSON.stringify({ b: 2 }));
        await KV.put('bytes', new Uint8Array([0, 255, 128]));
        await KV.put('stream', new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); c.close() } }));
        return Response.json('')`),
    ).toBe('');
    expect(
      await run(`const stream = await KV.get('bytes', 'stream');
        const { value } = await stream.getReader().read();
        return Response.json([await KV.get('text'), (await KV.getWithMetadata('text')).metadata, await KV.get('json', 'json'),
          await KV.get('json', { type: 'json' }), [...new Uint8Array(await KV.get('bytes', 'arrayBuffer'))], [...value],
          (await KV.get('stream', 'arrayBuffer')).byteLength, await KV.get('missing'), await KV.getWithMetadata('missing')])`),
    ).toEqual([
      'h\u00e9llo',
      { a: [1] },
      { b: 2 },
      { b: 2 },
      [0, 255, 128],
      [0, 255, 128],
      3,
      null,
      { value: null, metadata: null },
    ]);
    const listed =
      await run(`const first = await KV.list({ limit: 3 }); const second = await KV.list({ cursor: first.cursor });
      return Response.json([first, second])`);
    expect(listed).toMatchObject([
      { keys: [{ name: 'bytes' }, { name: 'json' }, { name: 'stream' }], list_complete: false },
      { keys: [{ name: 'text', metadata: { a: [1] }, expiration: expect.any(Number) }], list_complete: true },
    ]);
    expect(await run(`await KV.delete('text'); return Response.json(await KV.get('text'))`)).toBeNull();
  });

  test('gives large values as a whole and as streams', async () => {
    expect(
      await run(`await KV.put('large', 'x'.repeat(300_000));
        let streamed = 0;
        for await (const piece of await KV.get('large', 'stream')) streamed += piece.length;
        return Response.json([(await KV.get('large')).length, streamed])`),
    ).toEqual([300_000, 300_000]);
  });

  test('is one of its tenant', async () => {
    await run(`await KV.put('own', 'mine'); return Response.json(0)`);
    expect(await run(`return Response.json(await KV.get('own'))`, {}, 'test/g')).toBe('mine');
    expect(await run(`return Response.json(await KV.get('own'))`, {}, 'other/f')).toBeNull();
  });

  test('keeps its limits', async () => {
    const failing = (call: string, limits: Partial<Limits> = {}) =>
      run(`return Response.json(await ${call}.then(() => 'done', (error) => error.message))`, limits);
    expect(await failing(`KV.put('k', 'x'.repeat(11))`, { storageValueBytes: 10 })).toContain(
      'storageValueBytes is 10',
    );
    expect(await failing(`KV.put('k', 'x'.repeat(10))`, { storageValueBytes: 10 })).toBe('done');
    expect(await failing(`KV.get('')`)).toContain('cannot be a key');
    expect(await failing(`KV.get('x'.repeat(513))`)).toContain('513 bytes');
    expect(await failing(`KV.get('x'.repeat(512))`)).toBe('done');
    expect(await failing(`KV.put('k', '', { metadata: 'x'.repeat(1024) })`)).toContain('metadata');
    expect(await failing(`KV.put('k', '', { expirationTtl: -1 })`)).toContain('expirationTtl');
    expect(await failing(`KV.list({ limit: 1001 })`)).toContain('1 to 1000');
    expect(
      await failing(`(async () => { for (let i = 0; i < 3; i += 1) await KV.get('k') })()`, { storageOperations: 2 }),
    ).toContain('storageOperations');
    expect(
      await failing(`(async () => { for (let i = 0; i < 3; i += 1) await KV.put('k' + i, 'x'.repeat(500_000)) })()`),
    ).toContain('the storage of the tenant is full');
  });
});

test('a host keeps what its functions store in its file, each tenant with a quota', async () => {
  const options = {
    storageFile: join(folder, 'host.sqlite'),
    kv: { KV: 'values' },
    tenants: { acme: { tenantStorageKeys: 1 } },
  };
  const source = fn(`const key = new URL(request.url).search;
    await env.KV.put(key, 'v'); return Response.json((await env.KV.list()).keys.map(({ name }) => name))`);
  {
    await using host = await createHost(options);
    await host.deploy({ tenant: 'acme', name: 'f', source });
    await host.deploy({ name: 'f', source });
    expect(await (await ask(host, '/f?a')).json()).toEqual(['?a']);
    expect(await (await ask(host, '/acme/f?b')).json()).toEqual(['?b']);
    expect((await ask(host, '/acme/f?c')).status).toBe(500);
  }
  await using host = await createHost(options);
  await host.deploy({ name: 'f', source });
  expect(await (await ask(host, '/f?d')).json()).toEqual(['?a', '?d']);
  await expect(createHost({ storageFile: join(folder, 'no/such/folder.sqlite') })).rejects.toMatchObject({
    code: 'ISOHOST_STORAGE',
  });
});
