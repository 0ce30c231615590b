/**
 * The command line of a checkout as the package has it: in few files, made by a process of its own when sources have changed since. From
 * the sources themselves, each process would load more than a hundred modules. (The package carries these files.)
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = join(root, 'node_modules/.cache/isohost/processes');
const child = fileURLToPath(new URL('checkout-processes-child.ts', import.meta.url));
const sources = ['src', 'sandbox', 'bundler', 'package.json', 'node_modules/.package-lock.json'];
/** Earlier ones that stay: servers that were started from them start further processes from them. */
const maxEarlier = 5;

/**
 * The folder that they are in, laid out as the package's `dist`.
 *
 * @throws Error when it cannot be made, on a read-only disk for example.
 */
export async function checkoutProcesses(): Promise<URL> {
  const folder = join(cacheFolder, stateOfSources());
  const dist = join(folder, 'dist/');
  if (!existsSync(dist)) await make(folder);
  return pathToFileURL(dist);
}

async function make(folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await promisify(execFile)(process.execPath, [child, unfinished]);
  // Another process may have been faster.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
  const others = await Promise.all(
    (await readdir(cacheFolder)).map(async (name) => {
      const path = join(cacheFolder, name);
      return { path, mtimeMs: (await stat(path)).mtimeMs };
    }),
  );
  const old = others.toSorted((a, b) => b.mtimeMs - a.mtimeMs).slice(1 + maxEarlier);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}

/**
 * Changes with every change of a file. Node's synchronous calls are many times faster for so many files, and nobody else is waiting. Paths are
 * put together by hand: `join` takes longer than the look at the file.
 */
function stateOfSources(): string {
  const lines: string[] = [];
  const look = (path: string): void => {
    const stats = statSync(root + path);
    lines.push(`${path} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.size}`);
    if (stats.isDirectory()) for (const name of readdirSync(root + path).sort()) look(`${path}/${name}`);
  };
  for (const source of sources) look(source);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
}
