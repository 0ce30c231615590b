import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';

export const sourceExtensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'] as const;

export interface Entry {
  /** Real path of the file that esbuild starts from. */
  readonly file: string;
  /** Real path of the folder that imports may not leave. */
  readonly root: string;
}

const maxPackageJsonBytes = 1024 * 1024;

/**
 * Where a function begins. A file is its own entry, and its folder the root. A folder's entry is `main` of its package.json, or an
 * `index` file.
 *
 * @throws Error with a sentence for the function's author.
 */
export async function findEntry(path: string): Promise<Entry> {
  const real = await realpath(path).catch((error: Error) => {
    throw new Error('there is no such file or folder', { cause: error });
  });
  const stats = await stat(real);
  if (stats.isFile()) {
    if (!(sourceExtensions as readonly string[]).includes(extname(real))) {
      throw new Error(`a function is a file with one of the endings ${sourceExtensions.join(' ')}`);
    }
    return { file: real, root: dirname(real) };
  }
  if (!stats.isDirectory()) throw new Error('a function is a file or a folder');
  const main = await readMain(real);
  const candidates = main === undefined ? ['index'] : [main, join(main, 'index')];
  for (const candidate of candidates) {
    const file = await resolveFile(join(real, candidate));
    if (file !== undefined) return { file, root: real };
  }
  throw new Error(
    main === undefined
      ? 'the folder has neither a package.json with "main" nor an index file (index.ts, index.js, ...)'
      : `package.json names "main": ${JSON.stringify(main)}, but there is no such file`,
  );
}

async function readMain(folder: string): Promise<string | undefined> {
  const file = join(folder, 'package.json');
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (!stats.isFile() || stats.size > maxPackageJsonBytes) throw new Error('package.json is no file of at most 1 MiB');
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new Error(`package.json is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
  const { main } = (parsed ?? {}) as { main?: unknown };
  return typeof main === 'string' && main !== '' ? main : undefined;
}

async function resolveFile(path: string): Promise<string | undefined> {
  for (const suffix of ['', ...sourceExtensions]) {
    const stats = await stat(path + suffix).catch(() => undefined);
    if (stats?.isFile() === true) return realpath(path + suffix);
  }
  return undefined;
}
