/**
 * Keeps a function's imports inside of its root. Whatever way esbuild found a file by (a relative path, a symbolic link, package.json,
 * tsconfig.json, a pattern in a computed import), it is loaded here, and here it is checked.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, relative, sep } from 'node:path';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import type { BrowserFields } from './browser-field.ts';
import { sourceExtensions } from './entry.ts';
import { declareFileNames } from './file-names.ts';
import { hideSourceMapComments } from './source-map-comments.ts';
import type { BundleRequest } from './types.ts';

export interface LoadedSources {
  /** Real paths. */
  readonly files: Set<string>;
  bytes: number;
}

const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
  '.md': 'text',
  '.html': 'text',
  '.css': 'text',
  '.svg': 'text',
  '.sql': 'text',
  '.graphql': 'text',
};

/**
 * @param isInside Whether a real path is in the function's root or in a folder of packages that it may use.
 * @param isLenient Takes what is not allowed for empty files: to look through a function that cannot be bundled.
 */
export function boundary(
  request: BundleRequest,
  root: string,
  isInside: (path: string) => boolean,
  loaded: LoadedSources,
  fields: BrowserFields,
  isLenient = false,
): Plugin {
  const decide = (result: OnLoadResult): OnLoadResult =>
    isLenient && result.errors !== undefined ? { contents: '', loader: 'js' } : result;
  return {
    name: 'boundary',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(?:https?:|file:)?\/\// }, ({ path }) => {
        if (isLenient) return { path, external: true };
        const text = `${request.name} imports "${clip(path)}"; only files and packages inside of its root can be imported`;
        return { errors: [{ text }] };
      });
      onLoad({ filter: /.*/, namespace: 'file' }, async ({ path, suffix }) => {
        if (await fields.switchesOff(path)) return { contents: '', loader: 'js' };
        const real = await realpath(path).catch(() => path);
        return decide(
          isInside(real) ? await load(real, suffix, request, loaded) : fail(outside(request, root, path, real)),
        );
      });
    },
  };
}

function outside({ name, base }: BundleRequest, root: string, path: string, real: string): string {
  const rule = `${name} may only import files inside of its root${describeRoot(root, base)}, and its packages`;
  return path !== real && /[\\/]node_modules[\\/]/.test(path)
    ? `${rule}; ${describe(path, base)} is in a package that is a link to a folder outside. Install a copy of it (npm install --install-links)`
    : `${rule}; ${describe(real, base)} is outside. Move the file into the root, or make it a package in node_modules`;
}

/** Code without a file has no folder. */
function describeRoot(root: string, base: string): string {
  return isWithin(base, root) ? `, the folder ${describe(root, base)}` : '';
}

async function load(
  file: string,
  suffix: string,
  request: BundleRequest,
  loaded: LoadedSources,
): Promise<OnLoadResult> {
  const { limits, base, name } = request;
  const shown = describe(file, base);
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return fail(`there is no file ${shown}; check its upper and lower case`);
  // A pipe or a device would never end.
  if (!stats.isFile()) return fail(`${shown} is not a regular file`);
  if (stats.size > limits.bundleBytes) {
    return limit(
      `${shown} has ${stats.size} bytes; a source file may have ${limits.bundleBytes} (option "bundleBytes")`,
    );
  }
  if (suffix !== '')
    return fail(`${shown} is imported with "${clip(suffix)}"; queries and fragments mean nothing here`);
  loaded.files.add(file);
  if (loaded.files.size > limits.sourceFiles) return limit(`${name} has over ${limits.sourceFiles} source files`);
  loaded.bytes += stats.size;
  if (loaded.bytes > limits.sourceBytes)
    return limit(`the sources of ${name} have over ${limits.sourceBytes} bytes together`);
  const extension = extname(file).toLowerCase();
  const loader = loaders[extension];
  if (loader === undefined) {
    return fail(`${shown} cannot be bundled: a file ending in "${extension}" is neither code, JSON nor text`);
  }
  const contents = await readFile(file, 'utf8').catch(() => undefined);
  if (contents === undefined) return fail(`${shown} cannot be read; check its rights`);
  const isCode = (sourceExtensions as readonly string[]).includes(extension);
  return { contents: isCode ? prepareCode(contents, file, request) : contents, loader };
}

/** Code as esbuild gets it, wherever it comes from. */
export function prepareCode(source: string, file: string, { base, nodeGlobals }: BundleRequest): string {
  return declareFileNames(hideSourceMapComments(source), file, base, nodeGlobals ? '/kubeless' : '', nodeGlobals);
}

function fail(text: string): OnLoadResult {
  return { errors: [{ text }] };
}

/** Marks an error that is about a limit, not about the code. */
export const limitDetail = 'limit';

function limit(text: string): OnLoadResult {
  return { errors: [{ text, detail: limitDetail }] };
}

export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way));
}

/** A path as its author knows it. What lies outside of the base is not spelled out: it is not theirs to see. */
function describe(path: string, base: string): string {
  return isWithin(base, path) ? `"${relative(base, path).split(sep).join('/') || '.'}"` : 'this file';
}

function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
