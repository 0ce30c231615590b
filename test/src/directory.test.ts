import { describe, expect, test } from 'vitest';
import { readDirectory } from '../../src/directory.ts';
import { temporaryFolder } from '../support/files.ts';

const files = {
  'a.ts': '',
  'b.js': '',
  'c/index.js': '',
  'd/package.json': '{}',
  'lib/util.js': '',
  '_private.js': '',
  '.hidden.js': '',
  'types.d.ts': '',
  'notes.md': '',
  'node_modules/x/index.js': '',
};

describe('a functions directory', () => {
  test('has a function per source file, and per folder with a beginning', async () => {
    await using folder = await temporaryFolder(files);
    const { functions, skipped } = await readDirectory(folder.path, false);
    expect(functions.map(({ name, entry }) => [name, entry])).toEqual([
      ['a', folder.file('a.ts')],
      ['b', folder.file('b.js')],
      ['c', folder.file('c')],
      ['d', folder.file('d')],
    ]);
    expect(skipped).toEqual([
      { path: folder.file('lib'), reason: expect.stringContaining('neither a package.json nor an index file') },
    ]);
  });

  test('gives them its own packages, and those of the project that it is in', async () => {
    await using folder = await temporaryFolder({ 'project/package.json': '{}', 'project/functions/a.ts': '' });
    const { functions } = await readDirectory(folder.file('project/functions'), false);
    expect(functions[0]!.nodeModules).toEqual([
      folder.file('project/functions/node_modules'),
      folder.file('project/node_modules'),
    ]);
  });

  test('serves the first of two with one name, and says so', async () => {
    await using folder = await temporaryFolder({ 'a.js': '', 'a.ts': '', 'a/index.js': '' });
    const { functions, skipped } = await readDirectory(folder.path, false);
    expect(functions).toHaveLength(1);
    expect(skipped.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 2 }, () => 'the name "a" is already that of a'),
    );
  });

  test('of tenants has a tenant per folder, who share no packages but those of the directory', async () => {
    await using folder = await temporaryFolder({
      'one/f.js': '',
      'two/f.js': '',
      'two/g/index.ts': '',
      'stray.js': '',
    });
    const { functions, skipped } = await readDirectory(folder.path, true);
    expect(functions.map(({ tenant, name }) => `${tenant}/${name}`)).toEqual(['one/f', 'two/f', 'two/g']);
    expect(functions[0]!.nodeModules).toEqual([folder.file('one/node_modules'), folder.file('node_modules')]);
    expect(skipped).toHaveLength(1);
  });

  test.each([
    ['nothing', 'nope', 'there is no such directory'],
    ['a file', 'a.js', 'it is not a directory'],
  ])('that is %s is refused', async (_, name, text) => {
    await using folder = await temporaryFolder({ 'a.js': '' });
    await expect(readDirectory(folder.file(name), false)).rejects.toMatchObject({
      code: 'ISOHOST_DIRECTORY',
      message: expect.stringContaining(text),
    });
  });
});
