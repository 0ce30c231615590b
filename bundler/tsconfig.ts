/**
 * The few compiler options that change what a function's sources mean, read from the tsconfig.json in its root (and what that extends
 * inside of the root). esbuild's own reading would follow `extends` anywhere on the disk.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Plugin, TsconfigRaw } from 'esbuild';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { isWithin } from './boundary.ts';

export interface Tsconfig {
  readonly compilerOptions: NonNullable<TsconfigRaw['compilerOptions']>;
  /** Patterns of `paths`, with absolute targets. */
  readonly paths: readonly { readonly pattern: string; readonly targets: readonly string[] }[];
  /** Real paths of the files that it was read from. */
  readonly files: readonly string[];
  /** What was left out, for the function's author. */
  readonly warnings: readonly string[];
}

type CompilerOptions = Record<string, unknown>;

const maxBytes = 256 * 1024;
const maxExtends = 5;
const maxPatterns = 200;

const kept = [
  'alwaysStrict',
  'experimentalDecorators',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'strict',
  'useDefineForClassFields',
  'verbatimModuleSyntax',
] as const;

/** @throws Error with a sentence for the function's author. */
export async function readTsconfig(root: string): Promise<Tsconfig> {
  const file = join(root, 'tsconfig.json');
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  const warnings: string[] = [];
  const files: string[] = [];
  const options = isThere ? await readCompilerOptions(file, root, 0, { files, warnings }) : {};
  const compilerOptions: Record<string, unknown> = {};
  for (const name of kept) {
    const value = options[name];
    if (typeof value === 'string' || typeof value === 'boolean') compilerOptions[name] = value;
  }
  return { compilerOptions, paths: pathsOf(options, root), files, warnings };
}

async function readCompilerOptions(
  file: string,
  root: string,
  depth: number,
  found: { readonly files: string[]; readonly warnings: string[] },
): Promise<CompilerOptions> {
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined || !isWithin(root, real)) {
    found.warnings.push("tsconfig.json extends a file that is not in the function's root; what it says is ignored");
    return {};
  }
  if (depth > maxExtends) throw new Error(`tsconfig.json extends over ${maxExtends} files in a row`);
  const stats = await stat(real);
  if (!stats.isFile() || stats.size > maxBytes)
    throw new Error(`tsconfig.json is no file of at most ${maxBytes} bytes`);
  found.files.push(real);
  const errors: ParseError[] = [];
  const parsed = parse(await readFile(real, 'utf8'), errors, { allowTrailingComma: true }) as unknown;
  if (errors.length > 0) {
    throw new Error(
      `tsconfig.json is not valid: ${printParseErrorCode(errors[0]!.error)} at offset ${errors[0]!.offset}`,
    );
  }
  if (typeof parsed !== 'object' || parsed === null) return {};
  const { extends: parents, compilerOptions } = parsed as { extends?: unknown; compilerOptions?: unknown };
  const options: CompilerOptions = {};
  for (const parent of Array.isArray(parents) ? parents.slice(0, maxExtends) : [parents]) {
    // A configuration from a package sets checks for editors; what it could change here, the function can say itself.
    if (typeof parent !== 'string' || !(parent.startsWith('.') || isAbsolute(parent))) continue;
    const path = resolve(dirname(real), parent.endsWith('.json') ? parent : `${parent}.json`);
    Object.assign(options, await readCompilerOptions(path, root, depth + 1, found));
  }
  if (typeof compilerOptions !== 'object' || compilerOptions === null) return options;
  const own = compilerOptions as CompilerOptions;
  const folder = typeof own['baseUrl'] === 'string' ? resolve(dirname(real), own['baseUrl']) : dirname(real);
  return { ...options, ...own, ...(own['paths'] === undefined ? {} : { pathsFolder: folder }) };
}

function pathsOf(options: CompilerOptions, root: string): Tsconfig['paths'] {
  const { paths, pathsFolder } = options;
  if (typeof paths !== 'object' || paths === null) return [];
  const folder = typeof pathsFolder === 'string' ? pathsFolder : root;
  return Object.entries(paths)
    .slice(0, maxPatterns)
    .map(([pattern, targets]) => ({
      pattern,
      targets: Array.isArray(targets)
        ? targets.filter((target) => typeof target === 'string').map((target) => resolve(folder, target))
        : [],
    }));
}

/** Resolves imports by the patterns of `paths`; the boundary checks what comes of it, as with every import. */
export function tsconfigPaths({ paths }: Tsconfig): Plugin {
  return {
    name: 'tsconfig-paths',
    setup({ onResolve, resolve: resolveImport }) {
      if (paths.length === 0) return;
      onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === 'tsconfig-paths') return undefined;
        for (const { pattern, targets } of paths) {
          const [prefix, suffix] = pattern.split('*', 2) as [string, string | undefined];
          const matches =
            suffix === undefined
              ? path === pattern
              : path.length >= prefix.length + suffix.length && path.startsWith(prefix) && path.endsWith(suffix);
          if (!matches) continue;
          const middle = suffix === undefined ? '' : path.slice(prefix.length, path.length - suffix.length);
          for (const target of targets) {
            const candidate = target.replace('*', () => middle);
            const result = await resolveImport(candidate, { kind, importer, resolveDir, pluginData: 'tsconfig-paths' });
            if (result.errors.length === 0) return result;
          }
        }
        return undefined;
      });
    },
  };
}
