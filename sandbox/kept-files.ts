/** Files that are kept in a cache folder from one start to the next. One that is damaged is taken for missing. */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCacheFolder } from './cache-folder.ts';

const digestBytes = 32;
/** Of those of a kind together; those that have not been used for longest go first. */
const maxKindBytes = 256 * 2 ** 20;

/** What is kept, by the ending of its files' names. */
const kinds = ['.codecache', '.bundle'] as const;
export type KeptKind = (typeof kinds)[number];

/** A folder of files that `openCacheFolder` has opened. Names are hashes: who asks for one knows all that went into its content. */
export class KeptFiles {
  readonly #folder: string;
  readonly #kind: KeptKind;

  constructor(folder: string, kind: KeptKind) {
    this.#folder = folder;
    this.#kind = kind;
  }

  /** @param parts What the content depends on. */
  nameOf(...parts: readonly (string | Buffer)[]): string {
    return hash(...parts).toString('hex');
  }

  async read(name: string): Promise<Buffer | undefined> {
    const file = this.#fileOf(name);
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

  /** All at once, under a name of its own: others may be at it, too. A disk that is full costs the file, nothing else. */
  async write(name: string, data: Buffer): Promise<void> {
    const file = this.#fileOf(name);
    const unfinished = `${file}.${randomUUID()}`;
    try {
      await writeFile(unfinished, Buffer.concat([hash(data), data]), { mode: 0o600 });
      await rename(unfinished, file);
    } catch {
      await rm(unfinished, { force: true }).catch(() => {});
    }
  }

  #fileOf(name: string): string {
    return join(this.#folder, name + this.#kind);
  }
}

/**
 * Makes the folder if there is none, and clears what is too much in it.
 *
 * @throws Error when it is not this user's alone, or cannot be had.
 */
export async function openCacheFolder(folder: string): Promise<void> {
  makeCacheFolder(folder);
  const names = await readdir(folder);
  // Those that were not finished, too.
  for (const kind of kinds) {
    await clear(
      folder,
      names.filter((name) => name.includes(kind)),
    );
  }
}

async function clear(folder: string, names: readonly string[]): Promise<void> {
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
    if (total > maxKindBytes) await rm(path, { force: true }).catch(() => {});
  }
}

function hash(...parts: readonly (string | Buffer)[]): Buffer {
  const digest = createHash('sha256');
  // The lengths keep apart what the parts would make together.
  for (const part of parts) digest.update(`${Buffer.byteLength(part)}:`).update(part);
  return digest.digest();
}
