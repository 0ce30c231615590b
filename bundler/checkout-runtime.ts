/**
 * The guest runtime of a checkout: bundled when its sources are newer than the last time, by a process of its own, since esbuild keeps
 * one running beside whoever calls it. (The published package carries the runtime as a file.)
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { GuestRuntime } from './guest-runtime.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheFile = join(root, 'node_modules/.cache/isohost/guest-runtime.json');
const child = fileURLToPath(new URL('guest-runtime-child.ts', import.meta.url));

export async function checkoutRuntime(): Promise<GuestRuntime> {
  const cached = await readCache();
  if (cached !== undefined) return cached;
  const { stdout } = await promisify(execFile)(process.execPath, [child], { maxBuffer: 2 ** 28 });
  await mkdir(dirname(cacheFile), { recursive: true });
  // Renaming is atomic: another process that reads at the same time gets the old file or the new one.
  const temporary = `${cacheFile}.${process.pid}`;
  await writeFile(temporary, stdout);
  await rename(temporary, cacheFile);
  return JSON.parse(stdout) as GuestRuntime;
}

async function readCache(): Promise<GuestRuntime | undefined> {
  const made = await modifiedAt(cacheFile);
  const sources = await Promise.all(
    ['sandbox/guest', 'bundler', 'node_modules/.package-lock.json', 'sandbox/wire.ts'].map((path) =>
      newest(join(root, path)),
    ),
  );
  if (made <= Math.max(...sources)) return undefined;
  return JSON.parse(await readFile(cacheFile, 'utf8')) as GuestRuntime;
}

/** When the newest file of a folder was changed. */
async function newest(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(['', ...entries].map((entry) => modifiedAt(join(path, entry))));
  return Math.max(...times);
}

async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
