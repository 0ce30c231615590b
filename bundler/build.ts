import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  build,
  type BuildFailure,
  type BuildOptions,
  type Message,
  type Metafile,
  type OutputFile,
  type Plugin,
  type StdinOptions,
} from 'esbuild';
import { boundary, isWithin, limitDetail, type LoadedSources, prepareCode } from './boundary.ts';
import { BrowserFields, withoutPackages } from './browser-field.ts';
import { builtins, isOfBuiltin, requireName } from './builtins.ts';
import { type Entry, findEntry } from './entry.ts';
import { followAwaits } from './follow-awaits.ts';
import { fileNameDefines } from './file-names.ts';
import { importChain } from './import-chain.ts';
import { missingBuiltins, toBundleMessages } from './messages.ts';
import { declareNodeNames, nodeNameDefines } from './node-names.ts';
import { readTsconfig, type Tsconfig, tsconfigPaths } from './tsconfig.ts';
import { BundleError, type BundleMessage, type BundleOutput, type BundleRequest } from './types.ts';

/**
 * Bundles one function, without a guard on time and memory: run it in a process that can be killed.
 *
 * @throws BundleError when the function is at fault.
 */
export async function buildFunction(request: BundleRequest): Promise<BundleOutput> {
  const job = await prepare(request);
  try {
    const result = await build(job.options);
    return await toOutput(request, job, result.outputFiles!, result.metafile!, result.warnings);
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (!Array.isArray(errors)) throw error;
    if (errors.some(({ text }) => topLevelAwait.test(text))) return buildWithTopLevelAwait(request, job);
    throw await toBundleError(request, job, errors);
  }
}

const topLevelAwait = /^Top-level await is currently not supported with the "cjs" output format/;

interface Job {
  readonly entry: Entry;
  readonly fileName: string;
  readonly options: BuildOptions;
  readonly loaded: LoadedSources;
  readonly usedBuiltins: Set<string>;
  readonly tsconfig: Tsconfig;
  /** Plugins that take a function for what it is, however much of it cannot be bundled. */
  readonly lenient: (loaded: LoadedSources) => Plugin[];
}

async function prepare(request: BundleRequest): Promise<Job> {
  const { name, code } = request;
  let entry: Entry;
  let tsconfig: Tsconfig = { compilerOptions: {}, paths: [], files: [], warnings: [] };
  try {
    if ('path' in code) {
      entry = await findEntry(code.path);
      tsconfig = await readTsconfig(entry.root);
    } else {
      entry = inMemoryEntry(name, code);
    }
  } catch (error) {
    throw new BundleError('ISOHOST_BUNDLE_FAILED', name, [
      { text: (error as Error).message, location: undefined, frame: undefined },
    ]);
  }
  const base = await realpath(request.base).catch(() => undefined);
  if (base === undefined) {
    throw new BundleError('ISOHOST_BUNDLE_FAILED', name, [
      { text: 'there is no folder of the name given as "base"', location: undefined, frame: undefined },
    ]);
  }
  const modules = await realPaths(request.nodeModules);
  const loaded: LoadedSources = { files: new Set(), bytes: 0 };
  const usedBuiltins = new Set<string>();
  const isInside = (file: string): boolean =>
    isWithin(entry.root, file) || modules.some((folder) => isWithin(folder, file));
  const fields = new BrowserFields(isInside);
  const fileName = 'path' in code ? relative(base, entry.file).split(sep).join('/') : entry.file;
  const located = { ...request, base };
  const options: BuildOptions = {
    ...('path' in code
      ? { entryPoints: [entry.file] }
      : {
          stdin: {
            contents: prepareCode(code.source, join(base, entry.file), located),
            loader: code.language,
            resolveDir: base,
            sourcefile: entry.file,
          },
        }),
    absWorkingDir: base,
    outfile: join(base, 'bundle.js'),
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    // Packages have one form for browsers and one for Node; the former asks for less of what is not there.
    platform: 'browser',
    // What V8 has; decorators, for example, it has not.
    target: 'node24',
    keepNames: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    logLimit: 20,
    sourcemap: 'external',
    sourcesContent: true,
    treeShaking: true,
    conditions: ['worker', 'workerd', 'edge-light', 'browser'],
    resolveExtensions: ['.tsx', '.ts', '.jsx', '.js', '.mts', '.mjs', '.cts', '.cjs', '.json'],
    nodePaths: [...request.nodeModules],
    jsx: 'automatic',
    define: {
      // Functions of Node read the variable that they are granted, or none.
      'process.env.NODE_ENV': request.nodeGlobals ? 'process.env.NODE_ENV' : '"production"',
      ...fileNameDefines(request.nodeGlobals),
      ...(request.nodeGlobals ? { global: 'globalThis' } : nodeNameDefines(request.builtins)),
    },
    // They are set for each file that asks for them.
    logOverride: { 'empty-import-meta': 'silent' },
    // esbuild would read every tsconfig.json on the way up, and whatever it extends.
    tsconfigRaw: { compilerOptions: tsconfig.compilerOptions },
    banner: { js: `(function(module,exports,${requireName}){${requireDeclaration}` },
    footer: { js: '})' },
    plugins: [
      tsconfigPaths(tsconfig),
      builtins(located, usedBuiltins),
      withoutPackages(fields),
      boundary(located, entry.root, isInside, loaded, fields),
    ],
  };
  const lenient = (read: LoadedSources): Plugin[] => [
    tsconfigPaths(tsconfig),
    builtins(located, new Set()),
    withoutPackages(fields),
    boundary(located, entry.root, isInside, read, fields, true),
  ];
  return { entry, fileName, options, loaded, usedBuiltins, tsconfig, lenient };
}

/** For names that only show at run time, and for packages that look for it before they use it: it says what it does not have. */
const requireDeclaration = `var require=${requireName};`;

/** Code without a file: nothing is in its root, so that it can import packages only. */
function inMemoryEntry(
  name: string,
  { source, language }: { readonly source: string; readonly language: string },
): Entry {
  const digest = createHash('sha256').update(source).digest('hex');
  return { file: `${name.slice(name.lastIndexOf('/') + 1)}.${language}`, root: join(sep, `isohost-source-${digest}`) };
}

/**
 * CommonJS has no top-level await. The bundle becomes an ES module without imports and exports, and so the body of an async function;
 * its value is a promise.
 */
async function buildWithTopLevelAwait(request: BundleRequest, job: Job): Promise<BundleOutput> {
  job.loaded.files.clear();
  job.loaded.bytes = 0;
  const { entryPoints: _, stdin: own, ...options } = job.options;
  const entry = own === undefined ? JSON.stringify(job.entry.file) : inMemoryModule;
  try {
    const result = await build({
      ...options,
      ...(own !== undefined && { plugins: [...options.plugins!, provide(own)] }),
      stdin: {
        contents: `import * as all from ${entry};__isohostExport(all)`,
        resolveDir: job.options.absWorkingDir!,
        sourcefile: 'isohost:entry',
      },
      format: 'esm',
      banner: {
        js: `(async function(module,exports,${requireName}){${requireDeclaration}const __isohostExport=(all)=>{module.exports=all};`,
      },
    });
    return await toOutput(request, job, result.outputFiles!, result.metafile!, result.warnings);
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (!Array.isArray(errors)) throw error;
    throw await toBundleError(request, job, errors);
  }
}

const inMemoryModule = '"isohost:source"';

/** Stands in for the file of code that has none. */
function provide({ contents, loader, resolveDir }: StdinOptions): Plugin {
  return {
    name: 'in-memory',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^isohost:source$/ }, ({ path }) => ({ path, namespace: 'in-memory' }));
      onLoad({ filter: /.*/, namespace: 'in-memory' }, () => ({ contents, loader: loader!, resolveDir: resolveDir! }));
    },
  };
}

/**
 * Modules are strict by the language, and CommonJS is not; in one script all are the same. It is strict unless a file is of the latter kind:
 * what stands for a built-in module is ours.
 */
function isStrict({ inputs }: Metafile): boolean {
  return Object.entries(inputs).every(([path, { format }]) => format !== 'cjs' || isOfBuiltin(path));
}

function inStrictMode(script: string): string {
  return script.replace(`{${requireDeclaration}`, () => `{"use strict";${requireDeclaration}`);
}

async function toOutput(
  request: BundleRequest,
  job: Job,
  files: readonly OutputFile[],
  metafile: Metafile,
  warnings: readonly Message[],
): Promise<BundleOutput> {
  const map = files.find((file) => file.path.endsWith('.map'))!;
  const script = files.find((file) => !file.path.endsWith('.map'))!;
  const { bundleBytes } = request.limits;
  const code = isStrict(metafile) ? inStrictMode(script.text) : script.text;
  const declared = declareNodeNames(code, job.usedBuiltins);
  const { source, sourceMap } = job.usedBuiltins.has('node:async_hooks')
    ? await followAwaits(declared, map.text)
    : { source: declared, sourceMap: map.text };
  const size = Buffer.byteLength(source);
  if (size > bundleBytes) {
    throw new BundleError('ISOHOST_BUNDLE_LIMIT', request.name, [
      {
        text: `the bundle has ${size} bytes; ${bundleBytes} are allowed (option "bundleBytes")${largest(metafile)}`,
        location: undefined,
        frame: undefined,
      },
    ]);
  }
  return {
    source,
    fileName: job.fileName,
    sourceMap,
    hash: createHash('sha256').update(source).digest('hex'),
    imports: [...job.usedBuiltins].sort(),
    sizes: sizesOf(metafile),
    inputs: [...new Set([...job.loaded.files, ...job.tsconfig.files])],
    warnings: [
      ...job.tsconfig.warnings.map((text) => ({ text, location: undefined, frame: undefined })),
      ...toBundleMessages(request, warnings),
    ],
  };
}

function sizesOf(metafile: Metafile): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [name, output] of Object.entries(metafile.outputs)) {
    if (name.endsWith('.map')) continue;
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) sizes[input] = bytesInOutput;
  }
  return sizes;
}

function largest(metafile: Metafile): string {
  const entries = Object.entries(sizesOf(metafile)).sort(([, a], [, b]) => b - a);
  return `; the largest parts are ${entries
    .slice(0, 3)
    .map(([input, bytes]) => `${input} (${bytes})`)
    .join(', ')}`;
}

async function toBundleError(request: BundleRequest, job: Job, errors: readonly Message[]): Promise<BundleError> {
  const code = errors.some((error) => error.detail === limitDetail) ? 'ISOHOST_BUNDLE_LIMIT' : 'ISOHOST_BUNDLE_FAILED';
  const messages: BundleMessage[] = toBundleMessages(request, errors);
  const [missing] = missingBuiltins(errors);
  if (missing !== undefined) {
    const { stdin, entryPoints: _, ...options } = job.options;
    const chain = await importChain({
      options: stdin === undefined ? { ...options, entryPoints: [job.entry.file] } : { ...options, stdin },
      plugins: job.lenient({ files: new Set(), bytes: 0 }),
      from: job.fileName,
      to: missing.importer,
    });
    if (chain !== undefined) {
      const text = `imported by ${[...chain, missing.name].join(' -> ')}`;
      messages.push({ text, location: undefined, frame: undefined });
    }
  }
  return new BundleError(code, request.name, messages);
}

async function realPaths(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  return found.filter((path) => path !== undefined);
}
