/**
 * Keeps a function's imports inside of its root. Whatever way esbuild found a file by (a relative path, a symbolic link, package.json,
 * tsconfig.json, a pattern in a computed import), it is loaded here, and here it is checked.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, relative, sep } from 'node:path';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import { sourceExtensions } from './entry.ts';
import { addNodeGlobals } from './node-globals.ts';
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

/** @param isInside Whether a real path is in the function's root or in a folder of packages that it may use. */
export function boundary(
  request: BundleRequest,
  root: string,
  isInside: (path: string) => boolean,
  loaded: LoadedSources,
): Plugin {
  return {
    name: 'boundary',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^(?:https?:|file:)?\/\// }, ({ path }) => ({
        errors: [
          {
            text: `${request.name} imports "${clip(path)}"; only files and packages inside of its root can be imported`,
          },
        ],
      }));
      onLoad({ filter: /.*/, namespace: 'file' }, async ({ path, suffix }) => {
        const real = await realpath(path).catch(() => path);
        if (!isInside(real)) {
          return fail(
            `${request.name} may only import files inside of its root, the folder ${describe(root, request.base)}, and its packages; ` +
              `${describe(path, request.base)} is outside. Move the file into the root, or make it a package in node_modules`,
          );
        }
        return load(real, suffix, request, loaded);
      });
    },
  };
}

async function load(
  file: string,
  suffix: string,
  request: BundleRequest,
  loaded: LoadedSources,
): Promise<OnLoadResult> {
  const { limits, base, name } = request;
  const shown = describe(file, base);
  const stats = await stat(file);
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
  const contents = await readFile(file, 'utf8');
  const isCode = (sourceExtensions as readonly string[]).includes(extension);
  return { contents: request.nodeGlobals && isCode ? addNodeGlobals(contents, file, base) : contents, loader };
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
