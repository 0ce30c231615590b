import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { bundleProcesses } from '../../bundler/process-bundles.ts';
import { temporaryFolder } from '../support/files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('processes in few files need no other file of ours, and none of the packages in them', async () => {
  await using folder = await temporaryFolder({ 'package.json': '{"type":"module","version":"7.8.9"}' });
  await bundleProcesses(root, folder.file('dist'), '.ts');
  // Away from node_modules: it would find neither zod nor hono there.
  const run = `await (await import(process.argv[1])).runCommandLine()`;
  const file = pathToFileURL(folder.file('dist/src/command-line.js')).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', run, file, '--version']);
  const output = await new Promise<string>((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    child.once('close', () => resolve(text));
  });
  expect(output).toBe('7.8.9\n');
  const licenses = await readFile(folder.file('dist/src/chunks/LICENSES.txt'), 'utf8');
  for (const name of ['zod', 'hono', 'ws', 'prom-client', 'commander', 'jsonc-parser']) {
    expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
  }
});
