import { symlink } from 'node:fs/promises';
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
      'one/node_modules/x/index.js': '',
      'node_modules/x/index.js': '',
      'two/f.js': '',
      'two/g/index.ts': '',
      'stray.js': '',
    });
    const { functions, skipped } = await readDirectory(folder.path, true);
    expect(functions.map(({ tenant, name }) => `${tenant}/${name}`)).toEqual(['one/f', 'two/f', 'two/g']);
    expect(functions[0]!.nodeModules).toEqual([folder.file('one/node_modules'), folder.file('node_modules')]);
    expect(skipped).toHaveLength(1);
  });

  test('of tenants lets no link lead out of the folder of a tenant', async () => {
    await using folder = await temporaryFolder({
      'a/own.js': '',
      'b/secret/index.js': '',
      'b/secret.json': '{}',
      'b/fn.js': '',
      'default/f.js': '',
    });
    await symlink(folder.file('a/own.js'), folder.file('a/fine.js'));
    await symlink('../b/fn.js', folder.file('a/steal.js'));
    await symlink('../b/secret', folder.file('a/steals'));
    await symlink('../b', folder.file('a/node_modules'));
    await symlink('b', folder.file('c'));
    const { functions, skipped } = await readDirectory(folder.path, true);
    expect(functions.filter(({ tenant }) => tenant === 'a')).toMatchObject([
      { name: 'fine', nodeModules: [] },
      { name: 'own', nodeModules: [] },
    ]);
    expect(functions.map(({ tenant }) => tenant)).not.toContain('c');
    expect(functions.map(({ tenant }) => tenant)).not.toContain('default');
    expect(
      skipped.map(({ path, reason }) => [path.slice(folder.path.length + 1), reason.split(' ', 5).join(' ')]),
    ).toEqual([
      ['a/steal.js', 'it is a link out'],
      ['a/steals', 'it is a link out'],
      ['c', 'it is a link out'],
      ['default', '"default" is the tenant of'],
    ]);
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
