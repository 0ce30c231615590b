import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ivm from 'isolated-vm';
import { expect, test } from 'vitest';
import { createInlineCodeCacheMaker } from '../../sandbox/inline-code-cache.ts';
import { codeCacheOf } from '../../sandbox/isolate.ts';
import { RuntimeImages } from '../../sandbox/runtime-image.ts';
import { functionOf, handler, runtimeSources } from '../support/sandbox.ts';

const hello = functionOf(handler('return new Response("x")'));

test('isolates accept the code cache of the runtime', async () => {
  const { source, cache } = await new RuntimeImages(runtimeSources, createInlineCodeCacheMaker()).for(hello);
  const isolate = new ivm.Isolate({ memoryLimit: 32 });
  const script = isolate.compileScriptSync(source, { cachedData: codeCacheOf(cache!), filename: 'isohost:runtime' });
  expect((script as { cachedDataRejected?: boolean }).cachedDataRejected).toBe(false);
  isolate.dispose();
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
