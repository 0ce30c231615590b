/**
 * Files and packages that a package switches off for browsers: `"browser": { "./lib/node.js": false, "ws": false }` in its package.json.
 * esbuild heeds that, but only for files that no plugin loads, and it does not tell plugins which files it means.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { OnResolveResult, Plugin } from 'esbuild';
import { sourceExtensions } from './entry.ts';

const maxBytes = 1024 * 1024;
const empty = 'isohost-switched-off';

/** What package.json files say, by folder; one for each bundling. */
export class BrowserFields {
  readonly #isInside: (path: string) => boolean;
  readonly #fields = new Map<string, Promise<BrowserField | undefined>>();

  /** @param isInside Whether a path is in a folder that the function may read. */
  constructor(isInside: (path: string) => boolean) {
    this.#isInside = isInside;
  }

  /** Whether the package that a file belongs to switches it off. The file need not have its ending, and need not exist. */
  async switchesOff(file: string): Promise<boolean> {
    const field = await this.#of(dirname(file));
    if (field === undefined) return false;
    const path = `./${relative(field.folder, file).split(sep).join('/')}`;
    return spellings(path).some((spelling) => field.off.has(spelling));
  }

  /** Whether the package that a folder belongs to does without another package. */
  async doesWithout(name: string, folder: string): Promise<boolean> {
    return (await this.#of(folder))?.off.has(name) === true;
  }

  /** That of the nearest package.json with such a field. */
  #of(folder: string): Promise<BrowserField | undefined> {
    const known = this.#fields.get(folder);
    if (known !== undefined) return known;
    const found = this.#find(folder);
    this.#fields.set(folder, found);
    return found;
  }

  async #find(folder: string): Promise<BrowserField | undefined> {
    if (!this.#isInside(folder)) return undefined;
    const off = await readField(join(folder, 'package.json'));
    if (off !== undefined) return { folder, off };
    const parent = dirname(folder);
    return parent === folder ? undefined : this.#of(parent);
  }
}

interface BrowserField {
  readonly folder: string;
  /** Files, as `./path`, and names of packages. */
  readonly off: ReadonlySet<string>;
}

async function readField(file: string): Promise<Set<string> | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile() || stats.size > maxBytes) return undefined;
  let browser: unknown;
  try {
    ({ browser } = JSON.parse(await readFile(file, 'utf8')) as { browser?: unknown });
  } catch {
    // esbuild says what is wrong with it, if it matters.
    return undefined;
  }
  if (typeof browser !== 'object' || browser === null) return undefined;
  return new Set(Object.keys(browser).filter((key) => (browser as Record<string, unknown>)[key] === false));
}

const ending = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** The ways in which a package.json may name a file, with and without what `import` can leave out. */
function spellings(path: string): string[] {
  if (!ending.test(path)) {
    return [path, ...sourceExtensions.flatMap((extension) => [path + extension, `${path}/index${extension}`])];
  }
  const stem = path.replace(ending, '');
  return [path, stem, stem.replace(/\/index$/, '')];
}

/** Packages that another one does without are empty for it. */
export function withoutPackages(fields: BrowserFields): Plugin {
  return {
    name: 'browser-field',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, async ({ path, resolveDir }): Promise<OnResolveResult | undefined> =>
        (await fields.doesWithout(path, resolveDir)) ? { path, namespace: empty } : undefined,
      );
      onLoad({ filter: /.*/, namespace: empty }, () => ({ contents: '', loader: 'js' }));
    },
  };
}
