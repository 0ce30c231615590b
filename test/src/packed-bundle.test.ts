import { expect, test } from 'vitest';
import { createBundler, defaultBundleLimits } from '../../bundler/index.ts';
import { packBundle } from '../../src/packed-bundle.ts';

test('a packed bundle is the bundle, and holds no text of its source map', async () => {
  const bundler = createBundler();
  const name = 'f';
  const source = `export default () => new Response("é${'x'.repeat(1_000)}");`;
  const output = await bundler.bundle({
    name,
    code: { source, language: 'ts' },
    base: import.meta.dirname,
    nodeModules: [],
    builtins: [],
    nodeGlobals: false,
    limits: defaultBundleLimits,
  });
  await bundler.close();
  const packed = await packBundle(output);
  const { sourceMap, ...rest } = output;
  expect({ ...packed }).toEqual(rest);
  expect(packed.sourceMap).toBe(sourceMap);
});
