import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCacheFolder } from './cache-folder.ts';
import type { CodeCacheMaker } from './code-cache.ts';

/** Version of the files' format. */
const format = 1;
const digestBytes = 32;
const ending = '.codecache';
/** Of all files together; those that have not been used for longest go first. */
const maxFolderBytes = 256 * 2 ** 20;

/**
 * Keeps code caches in a folder, for the next start. A cache is found by a hash of all that went into it: the source itself, the version
 * of V8, the processor and the flags. One that is damaged is made anew.
 *
 * @param folder Absolute path of a folder that `openCacheFolder` has opened.
 * @param engine What tells apart processes whose V8 does not take each other's caches.
 */
export function keepCodeCaches(maker: CodeCacheMaker, folder: string, engine: () => string): CodeCacheMaker {
  let engineId: string | undefined;
  const keep = async (input: object, make: () => Promise<Buffer | undefined>): Promise<Buffer | undefined> => {
    engineId ??= JSON.stringify([format, process.version, process.versions.v8, process.arch, engine()]);
    const file = join(folder, hash(engineId, JSON.stringify(input)).toString('hex') + ending);
    const kept = await read(file);
    if (kept !== undefined) return kept;
    const made = await make();
    if (made !== undefined) await write(file, made);
    return made;
  };
  return {
    make: (input) => keep(input, () => maker.make(input)),
    makeOfBundle: (input, signal) => keep(input, () => maker.makeOfBundle(input, signal)),
  };
}

/**
 * Makes the folder if there is none, and clears what is too much in it.
 *
 * @throws Error when it is not this user's alone, or cannot be had.
 */
export async function openCacheFolder(folder: string): Promise<void> {
  makeCacheFolder(folder);
  await clear(folder);
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    const content = await readFile(file);
    const data = content.subarray(digestBytes);
    if (data.length === 0 || !hash(data).equals(content.subarray(0, digestBytes))) return undefined;
    const now = new Date();
    await utimes(file, now, now).catch(() => {});
    return data;
  } catch {
    return undefined;
  }
}

/** All at once, under a name of its own: others may be at it, too. A disk that is full costs the cache, nothing else. */
async function write(file: string, data: Buffer): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, Buffer.concat([hash(data), data]), { mode: 0o600 });
    await rename(unfinished, file);
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

async function clear(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.includes(ending));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }));
      return { path, size, mtimeMs };
    }),
  );
  let total = 0;
  for (const { path, size } of files.toSorted((a, b) => b.mtimeMs - a.mtimeMs)) {
    total += size;
    if (total > maxFolderBytes) await rm(path, { force: true }).catch(() => {});
  }
}

function hash(...parts: (string | Buffer)[]): Buffer {
  const digest = createHash('sha256');
  // The lengths keep apart what the parts would make together.
  for (const part of parts) digest.update(`${Buffer.byteLength(part)}:`).update(part);
  return digest.digest();
}
