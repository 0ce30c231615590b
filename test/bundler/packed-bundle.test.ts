import { expect, test } from 'vitest';
import { type BundleOutput, createBundler, defaultBundleLimits, PackedBundle } from '../../bundler/index.ts';

async function bundleOf(source: string): Promise<BundleOutput> {
  const bundler = createBundler();
  const output = await bundler.bundle({
    name: 'f',
    code: { source, language: 'ts' },
    base: import.meta.dirname,
    nodeModules: [],
    builtins: [],
    nodeGlobals: false,
    limits: defaultBundleLimits,
  });
  await bundler.close();
  return output;
}

const code = `export default () => new Response("é${'x'.repeat(1_000)}");`;

test('a packed bundle is the bundle, and holds neither of its texts', async () => {
  const output = await bundleOf(code);
  const packed = await PackedBundle.of(output);
  const { source, sourceMap, ...rest } = output;
  expect({ ...packed }).toEqual({ ...rest, sourceBytes: Buffer.byteLength(source) });
  expect(packed.source).toBe(source);
  expect(packed.sourceMap).toBe(sourceMap);
  expect(await PackedBundle.of(packed)).toBe(packed);
});

test('a packed bundle comes back from its data, of which it keeps nothing else', async () => {
  const output = await bundleOf(code);
  const packed = await PackedBundle.of(output);
  const data = packed.toData();
  expect(data.length).toBeLessThan(output.source.length);
  const back = PackedBundle.from(data, packed.facts);
  data.fill(0);
  expect(back.facts).toEqual(packed.facts);
  expect(back.source).toBe(output.source);
  expect(back.sourceMap).toBe(output.sourceMap);
});
