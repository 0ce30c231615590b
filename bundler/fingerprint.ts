/**
 * Tells whether a bundle is still what bundling would make: whether all that bundling looked at is as it was. That is the content of the
 * files that are in it, and what decided that it was these files: names in folders, targets of links, package.json and tsconfig.json.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What was looked at. */
export interface Looked {
  /** Real paths of files. */
  readonly files: readonly string[];
  /** Folders in which a further file could take the place of one of these, with all below them. */
  readonly roots: readonly string[];
  /** Folders from which packages are looked for upwards. */
  readonly folders: readonly string[];
  /** Folders of packages for all. */
  readonly nodeModules: readonly string[];
}

/** What a look costs is bounded: a function that takes more is bundled at every start. */
const maxFiles = 5_000;
const maxFileBytes = 16 * 2 ** 20;
const maxNames = 10_000;
const atOnce = 16;
const isDescribed = /^(?:package|tsconfig[^/]*)\.json$/;
/** They are looked into where packages are looked for; and what git keeps changes by itself. */
const passedOver: ReadonlySet<string> = new Set(['node_modules', '.git']);

/** A look at the file system; what several functions have in common is looked at once. */
export class Look {
  /** When the latest of all changes was made that were seen. */
  changedMs = 0;
  readonly #found = new Map<string, Promise<string>>();

  /** A hash of what there is, or `undefined` where that would be too much. */
  async at({ files, roots, folders, nodeModules }: Looked): Promise<string | undefined> {
    if (files.length > maxFiles) return undefined;
    const ways = new Set([...files.map((file) => dirname(file)), ...folders].flatMap(wayUp));
    try {
      const parts = [
        ...(await inTurn(files, (file) => this.#once(`file ${file}`, () => this.#file(file)))),
        ...(await inTurn(roots, (root) => this.#once(`tree ${root}`, () => this.#tree(root)))),
        ...(await inTurn([...ways].sort(), (folder) => this.#once(`way ${folder}`, () => this.#wayStation(folder)))),
        ...(await inTurn(nodeModules, (folder) => this.#once(`packages ${folder}`, () => this.#packages(folder)))),
      ];
      return createHash('sha256')
        .update(JSON.stringify([files, roots, parts]))
        .digest('hex');
    } catch (error) {
      if (error instanceof TooMuch) return undefined;
      throw error;
    }
  }

  #once(key: string, find: () => Promise<string>): Promise<string> {
    let found = this.#found.get(key);
    if (found === undefined) {
      found = find();
      this.#found.set(key, found);
    }
    return found;
  }

  /** The hash of a file's content. A pipe or a device has none, and is not waited for. */
  async #file(file: string): Promise<string> {
    let handle;
    try {
      handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
      const stats = await handle.stat();
      if (!stats.isFile()) return '';
      if (stats.size > maxFileBytes) throw new TooMuch();
      this.changedMs = Math.max(this.changedMs, stats.ctimeMs);
      return createHash('sha256')
        .update(await handle.readFile())
        .digest('hex');
    } catch (error) {
      if (error instanceof TooMuch) throw error;
      return '';
    } finally {
      await handle?.close();
    }
  }

  /** The names in a folder and below it. */
  async #tree(root: string): Promise<string> {
    const parts: string[] = [];
    const left = [root];
    for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
      if (parts.length > maxNames) throw new TooMuch();
      for (const { name, isFolder, line } of await this.#entries(folder)) {
        if (isFolder && !passedOver.has(name)) left.push(join(folder, name));
        parts.push(line);
        if (isDescribed.test(name)) parts.push(await this.#file(join(folder, name)));
      }
      parts.push('');
    }
    return digestOf(parts);
  }

  /** What a folder means for the files below it: its packages, and what is said of it. */
  async #wayStation(folder: string): Promise<string> {
    // In packages themselves, a further file could take the place of another, too.
    const own = /[\\/]node_modules[\\/]/.test(`${folder}/`) ? await this.#entries(folder) : [];
    return digestOf([
      await this.#file(join(folder, 'package.json')),
      await this.#file(join(folder, 'tsconfig.json')),
      await this.#packages(join(folder, 'node_modules')),
      ...own.map(({ line }) => line),
    ]);
  }

  async #packages(folder: string): Promise<string> {
    const packages = await this.#entries(folder);
    const scopes = packages.filter(({ name, isFolder }) => isFolder && name.startsWith('@'));
    const scoped = await inTurn(scopes, ({ name }) => this.#entries(join(folder, name)));
    return digestOf([packages, ...scoped].flatMap((entries) => [...entries.map(({ line }) => line), '']));
  }

  async #entries(folder: string): Promise<{ name: string; isFolder: boolean; line: string }[]> {
    const stats = await lstat(folder).catch(() => undefined);
    if (stats === undefined) return [];
    this.changedMs = Math.max(this.changedMs, stats.ctimeMs);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    if (entries.length > maxNames) throw new TooMuch();
    const described = await inTurn(entries, async (entry) => {
      const target = entry.isSymbolicLink() ? await readlink(join(folder, entry.name)).catch(() => '') : '';
      const kind = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : target === '' ? 'other' : 'link';
      return { name: entry.name, isFolder: kind === 'folder', line: `${kind} ${entry.name} ${target}` };
    });
    return described.sort((a, b) => (a.line < b.line ? -1 : 1));
  }
}

class TooMuch extends Error {}

/** A folder and those that it is in. */
function wayUp(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...wayUp(parent)];
}

async function inTurn<In, Out>(items: readonly In[], look: (item: In) => Promise<Out>): Promise<Out[]> {
  const found: Out[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    found.push(...(await Promise.all(items.slice(at, at + atOnce).map(look))));
  }
  return found;
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
