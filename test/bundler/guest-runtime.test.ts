import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpackPart } from '../../sandbox/runtime-image.ts';
import { runtimeSources } from '../support/sandbox.ts';

const folder = join(import.meta.dirname, '../../sandbox/guest');

test('nothing that the guest runtime exports changes afterwards: exports are read once', async () => {
  const files = globSync('**/*.ts', { cwd: folder });
  expect(files.length).toBeGreaterThan(100);
  const changing = [];
  for (const file of files) {
    if (/^export (?:let|var)\b/m.test(await readFile(join(folder, file), 'utf8'))) changing.push(file);
  }
  expect(changing).toEqual([]);
});

test('the core and its own parts export plain properties, made at the end', () => {
  const { core, parts } = runtimeSources;
  const [fetch, streams] = ['fetch', 'streams'].map((name) => unpackPart(Buffer.from(parts[name]!, 'base64')));
  for (const [name, text] of Object.entries({ core, fetch, streams })) {
    expect(text, name).not.toMatch(/=\{\};__export\(/);
    expect(text, name).toMatch(/\nmodule\.exports=\{\w+:\w+(?:,\w+:\w+)*\};$/);
  }
  // The core's facade is an object of the same kind.
  expect(core).toMatch(/var facade_exports=\{\w+:\w+,/);
});
