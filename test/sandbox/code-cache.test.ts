import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ivm from 'isolated-vm';
import { describe, expect, test } from 'vitest';
import type { CodeCacheMaker } from '../../sandbox/code-cache.ts';
import { builtins, dialectGlobals, globals, triggers } from '../../sandbox/guest/manifest.ts';
import type { Dialect } from '../../sandbox/index.ts';
import { createInlineCodeCacheMaker } from '../../sandbox/inline-code-cache.ts';
import { codeCacheOf } from '../../sandbox/isolate.ts';
import { RuntimeImages } from '../../sandbox/runtime-image.ts';
import { type WarmUpInput, warmUpProblems } from '../../sandbox/warm-cache.ts';
import { functionOf, handler, invoke, runtimeSources, testSandbox } from '../support/sandbox.ts';

const hello = functionOf(handler('return new Response("x")'));

/** Whether an isolate takes the cache for the source. */
function isAccepted(source: string, filename: string, cache: Buffer): boolean {
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const script = isolate.compileScriptSync(source, { cachedData: codeCacheOf(cache), filename });
  isolate.dispose();
  return (script as { cachedDataRejected?: boolean }).cachedDataRejected === false;
}

test('isolates accept the code cache of the runtime', async () => {
  const { source, cache } = await new RuntimeImages(runtimeSources, createInlineCodeCacheMaker()).for(hello);
  expect(isAccepted(source, 'isohost:runtime', cache!)).toBe(true);
});

test('they do in a process that Node started from its snapshot, too', async () => {
  const script = fileURLToPath(new URL('../support/snapshot-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 30_000 });
  expect(JSON.parse(stdout)).toEqual({ execArgv: [], hasCache: true, isRejected: false });
});

test('an image holds the parts that a bundle names, and no others', async () => {
  const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());
  expect((await images.for(hello)).parts).toEqual(['dialect-web', 'fetch']);
  const using = functionOf('module.exports = () => { new URL("x"); structuredClone(crypto) }');
  expect((await images.for(using)).parts).toEqual(['crypto', 'dialect-web', 'fetch', 'structured-clone', 'url']);
});

describe('the samples that the code cache of the runtime is made with', () => {
  /** What would be run to make the image of such a function. */
  async function inputOf(
    dialect: Dialect['name'],
    code: string,
    imports: readonly string[] = [],
  ): Promise<WarmUpInput> {
    let input!: WarmUpInput;
    const maker: CodeCacheMaker = {
      async make(given) {
        input = given;
        return undefined;
      },
      makeOfBundle: () => Promise.resolve(undefined),
    };
    const fn = functionOf(code, {}, { dialect: { name: dialect, settings: {} } });
    await new RuntimeImages(runtimeSources, maker).for({ ...fn, bundle: { ...fn.bundle, imports } });
    return input;
  }

  test.each(['web', 'kubeless'] as const)('run well with each part that a %s function can name', async (dialect) => {
    const name = `dialect-${dialect}`;
    const words = [globals, triggers[name]!, dialectGlobals[name]!].flatMap((table) => Object.keys(table));
    const inputs = await Promise.all([
      ...words.map((word) => inputOf(dialect, `${word}()`)),
      ...Object.keys(builtins).map((builtin) => inputOf(dialect, '', [builtin])),
    ]);
    const seen = new Set<string>();
    for (const input of inputs) {
      const parts = input.parts.join();
      if (seen.has(parts)) continue;
      seen.add(parts);
      expect(warmUpProblems(input), parts).toEqual([]);
    }
    expect(seen.size).toBeGreaterThan(50);
  });

  test('tell what is missing, or is not answered', async () => {
    const whole = await inputOf('web', 'new ReadableStream()');
    const lacking = whole.source.replace('"streams":', '"streams2":');
    expect(warmUpProblems({ ...whole, source: lacking })).toEqual(Array(2).fill('parts were missing: streams'));
    const failing = whole.source.replace('"dialect-web":function(module,exports,require){', '$&throw 1;');
    expect(warmUpProblems({ ...whole, source: failing })[0]).toMatch(/^it answered 3 /);
  });
});

describe('the code cache of a bundle', () => {
  const manyFunctions = Array.from({ length: 200 }, (_, index) => `function f${index}(x) { return x + ${index} }`);
  const large = functionOf(`${manyFunctions.join('\n')}\n${handler('return new Response(String(f7(1)))')}`);

  test('is one that isolates accept, and was made without running the bundle', async () => {
    const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());
    const evil = functionOf(`${large.bundle.source};process.exit(3)`);
    for (const fn of [large, evil]) {
      expect(images.bundleCache(fn)).toBeUndefined();
      expect(await images.compileAhead(fn)).toBe(true);
      expect(isAccepted(fn.bundle.source, fn.bundle.fileName, images.bundleCache(fn)!)).toBe(true);
    }
    expect(await images.compileAhead(large)).toBe(false);
    await images.close();
  });

  test.each([
    ['a small bundle', handler('return new Response("x")')],
    ['one that is no script', `${' '.repeat(5_000)}return }{`],
  ])('is not made of %s', async (_, code) => {
    const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());
    expect(await images.compileAhead(functionOf(code))).toBe(false);
    await images.close();
  });

  test('holds the code of all functions, however sparse the source, but not more than is worth reading', async () => {
    const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());
    const cacheOf = async (code: string): Promise<number> => {
      const fn = functionOf(code);
      expect(await images.compileAhead(fn)).toBe(true);
      const cache = images.bundleCache(fn)!;
      expect(isAccepted(fn.bundle.source, fn.bundle.fileName, cache)).toBe(true);
      return cache.length;
    };
    const ofAll = await cacheOf(manyFunctions.join('\n'));
    expect(await cacheOf(manyFunctions.join(`${' '.repeat(3_000)}\n`))).toBeGreaterThan(ofAll * 0.9);
    const dense = Array.from({ length: 5_000 }, (_, index) => `function f${index}(x) { return x + ${index} }`);
    expect(await cacheOf(dense.join('\n'))).toBeLessThan(dense.join('\n').length * 2);
    await images.close();
  });

  test('is given up when the sandbox is closed', async () => {
    const images = new RuntimeImages(runtimeSources, createInlineCodeCacheMaker());
    const made = images.compileAhead(large);
    await images.close();
    expect(await made).toBe(false);
  });

  test.each([0, 1])('changes nothing for those who call, in %i cells', async (cells) => {
    await using sandbox = await testSandbox(cells);
    await sandbox.prepare(large);
    for (let call = 0; call < 20; call += 1) {
      expect((await invoke(sandbox, large)).text).toBe('8');
      await setTimeout(20);
    }
  });
});
