import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { withDirectBuiltins } from '../../bundler/direct-builtins.ts';
import { temporaryFolder } from '../support/files.ts';

test('modules of Node are the same, whichever way they are imported', async () => {
  await using folder = await temporaryFolder();
  const written =
    'import{join,sep as separator}from"node:path";import*as url from"node:url";import process2 from"node:process";' +
    'import{readFile}from"node:fs/promises";' +
    'export const found=[join,separator,url.fileURLToPath,process2,readFile];';
  const direct = withDirectBuiltins(written, 4);
  expect(direct).not.toContain('import');
  const load = async (name: string, text: string): Promise<unknown[]> => {
    await writeFile(folder.file(name), text);
    const { found } = (await import(pathToFileURL(folder.file(name)).href)) as { found: unknown[] };
    return found;
  };
  const [expected, actual] = [await load('a.mjs', written), await load('b.mjs', direct)];
  expect(actual).toHaveLength(5);
  for (const [index, value] of actual.entries()) expect(value).toBe(expected[index]);
});

test('an import that is written in a way that is not known is noticed', () => {
  expect(() => withDirectBuiltins('import a,{b}from"node:fs";', 1)).toThrow('0 of 1 were found');
});
