import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { CodeCacheMaker } from '../../sandbox/code-cache.ts';
import { keepCodeCaches } from '../../sandbox/kept-caches.ts';
import { openCacheFolder } from '../../sandbox/kept-files.ts';
import { PackedData } from '../../sandbox/packed-data.ts';
import { createHost } from '../../src/index.ts';
import { temporaryFolder } from '../support/files.ts';

const { signal } = new AbortController();

function countingMaker(): CodeCacheMaker & { made: number } {
  const maker = {
    made: 0,
    make: () => Promise.resolve(Buffer.from(`runtime ${(maker.made += 1)}`)),
    makeOfBundle: () => PackedData.of(Buffer.from(`bundle ${(maker.made += 1)}`)),
  };
  return maker;
}

/** A packed cache's own. */
async function textOf(made: Promise<PackedData | undefined>): Promise<string> {
  return String((await made)!.data);
}

const bundle = (source: string, fileName = 'f.js') => ({ source, fileName });

describe('code caches in a folder', () => {
  test('are made once, for each source, file name and engine', async () => {
    await using folder = await temporaryFolder({});
    const maker = countingMaker();
    const kept = (engine = 'a') => keepCodeCaches(maker, folder.path, () => engine);
    expect(await textOf(kept().makeOfBundle(bundle('x'), signal))).toBe('bundle 1');
    expect(await textOf(kept().makeOfBundle(bundle('x'), signal))).toBe('bundle 1');
    expect(await textOf(kept().makeOfBundle(bundle('y'), signal))).toBe('bundle 2');
    expect(await textOf(kept().makeOfBundle(bundle('x', 'g.js'), signal))).toBe('bundle 3');
    expect(await textOf(kept('b').makeOfBundle(bundle('x'), signal))).toBe('bundle 4');
    expect(maker.made).toBe(4);
    for (const name of await readdir(folder.path)) {
      expect((await stat(join(folder.path, name))).mode & 0o777).toBe(0o600);
    }
  });

  test('are made anew when they are damaged', async () => {
    await using folder = await temporaryFolder({});
    const maker = countingMaker();
    const kept = keepCodeCaches(maker, folder.path, () => 'a');
    await kept.makeOfBundle(bundle('x'), signal);
    const [name] = await readdir(folder.path);
    const file = join(folder.path, name!);
    const whole = await readFile(file);
    for (const damaged of [Buffer.alloc(0), whole.subarray(0, 32), whole.subarray(0, -1), Buffer.from('short')]) {
      await writeFile(file, damaged);
      const { made } = maker;
      expect(await textOf(kept.makeOfBundle(bundle('x'), signal))).toBe(`bundle ${made + 1}`);
    }
    const changed = await readFile(file);
    changed[changed.length - 1]! ^= 1;
    await writeFile(file, changed);
    expect(await textOf(kept.makeOfBundle(bundle('x'), signal))).toBe('bundle 6');
  });

  test('cost nothing but themselves when nothing can be written', async () => {
    const maker = countingMaker();
    const kept = keepCodeCaches(maker, '/nowhere/at/all', () => 'a');
    expect(await textOf(kept.makeOfBundle(bundle('x'), signal))).toBe('bundle 1');
    expect(await textOf(kept.makeOfBundle(bundle('x'), signal))).toBe('bundle 2');
  });

  test('are not looked for where others may write', async () => {
    await using folder = await temporaryFolder({});
    const path = join(folder.path, 'caches');
    await openCacheFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await chmod(path, 0o770);
    await expect(openCacheFolder(path)).rejects.toThrow('others may write to it');
    await expect(openCacheFolder('/dev/null/nothing')).rejects.toThrow();
  });

  test('go when there are too many of them, those first that were not used for longest', async () => {
    await using folder = await temporaryFolder({});
    const { utimes, truncate } = await import('node:fs/promises');
    for (const [name, age] of [
      ['old', 300],
      ['new', 100],
      ['middle', 200],
    ] as const) {
      const file = join(folder.path, `${name}.codecache`);
      await writeFile(file, '');
      // Without taking up the space.
      await truncate(file, 100 * 2 ** 20);
      const time = new Date(Date.now() - age * 1_000);
      await utimes(file, time, time);
    }
    await writeFile(join(folder.path, 'of-somebody-else'), 'x');
    await openCacheFolder(folder.path);
    expect((await readdir(folder.path)).toSorted()).toEqual(['middle.codecache', 'new.codecache', 'of-somebody-else']);
  });
});

test.each([0, 1])('the next host finds them, in %d cells', async (cells) => {
  await using folder = await temporaryFolder({});
  const cacheFolder = join(folder.path, 'caches');
  const bundled = `export default () => new Response(${JSON.stringify('x'.repeat(5_000))})`;
  const round = async (): Promise<string[]> => {
    const host = await createHost({ cacheFolder, isolation: { cells } });
    await host.deploy({ name: 'f', source: bundled });
    const answer = await host.fetch(new Request('http://localhost/f'));
    expect(await answer.text()).toHaveLength(5_000);
    // Of the runtime, and of the bundle, which nobody waits for.
    const caches = async () => (await readdir(cacheFolder)).filter((name) => name.endsWith('.codecache'));
    await vi.waitFor(async () => expect(await caches()).toHaveLength(2), 20_000);
    await host.close();
    return Promise.all((await caches()).map(async (name) => `${name} ${(await stat(join(cacheFolder, name))).ino}`));
  };
  const first = await round();
  expect(await round()).toEqual(first);
});

test('a host warns of a folder that it cannot use, and does without', async () => {
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  const host = await createHost({ cacheFolder: '/dev/null/x', logger });
  await host.close();
  expect(warnings).toEqual([expect.stringMatching(/^the cache folder "\/dev\/null\/x" is not used: ENOTDIR/)]);
});
