import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { changedPackages } from './guest-packages.ts';

/** The guest runtime as source text: function bodies that take `module`, `exports` and `require`. */
export interface GuestRuntime {
  readonly core: string;
  /**
   * By name, each deflated and in base64: an isolate evaluates one when something first needs it, and most of them nobody ever needs. So they
   * are kept, read and sent to cells as they are.
   */
  readonly parts: Readonly<Record<string, string>>;
  /** By the name of a part: those that it imports. */
  readonly requires: Readonly<Record<string, readonly string[]>>;
  /** Runs the other two once, for the sake of the code cache. */
  readonly warmUp: string;
}

/**
 * Bundles the runtime that runs inside isolates out of its TypeScript sources: the core, and every file of the parts folder as a
 * part by itself. A part reaches the core, and through it other parts, only by `require('core')`.
 *
 * @param folder The runtime's sources, with `core/`, `parts/` and `warm-up.ts`.
 */
export async function bundleGuestRuntime(folder: string | URL): Promise<GuestRuntime> {
  const root = typeof folder === 'string' ? folder : fileURLToPath(folder);
  const { builtins, packageParts, packageBuiltins } = (await import(
    pathToFileURL(join(root, 'manifest.ts')).href
  )) as Manifest;
  const files = (await readdir(join(root, 'parts'))).filter((file) => file.endsWith('.ts'));
  const names = files.map((file) => basename(file, '.ts'));
  const result = await build({
    entryPoints: [
      { in: join(root, 'core/index.ts'), out: 'core' },
      { in: join(root, 'warm-up.ts'), out: 'warm-up' },
      ...names.map((name) => ({ in: join(root, 'parts', `${name}.ts`), out: `parts/${name}` })),
      ...Object.entries(packageParts).map(([name, path]) => ({ in: path, out: `parts/${name}` })),
    ],
    outdir: '/',
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'esnext',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['worker'],
    charset: 'utf8',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    define: { 'process.env.NODE_DEBUG': 'undefined', 'process.env.READABLE_STREAM': 'undefined', global: 'globalThis' },
    inject: [join(root, 'parts/shared/process-global.ts')],
    plugins: [changedPackages, partsAsExternals(root, { builtins, packageParts, packageBuiltins })],
  });
  const texts = new Map(
    result.outputFiles.map((file) => [file.path, withPlainExports(withOwnExportsOnly(withPlainImports(file.text)))]),
  );
  const parts: Record<string, string> = {};
  const requires: Record<string, string[]> = {};
  for (const name of [...names, ...Object.keys(packageParts)].sort()) {
    parts[name] = deflateRawSync(texts.get(`/parts/${name}.js`)!, { level: 9 }).toString('base64');
    const output = Object.entries(result.metafile.outputs).find(([path]) => path.endsWith(`/parts/${name}.js`))!;
    requires[name] = output[1].imports
      .filter(({ path }) => path !== 'core')
      .map(({ path }) => path.replace(moduleMark, ''));
  }
  return { core: texts.get('/core.js')!, warmUp: texts.get('/warm-up.js')!, parts, requires };
}

interface Manifest {
  /** By name, with `node:`: the part that provides it. */
  readonly builtins: Readonly<Record<string, string>>;
  /** Parts that are packages as they are: the path of the package's file. */
  readonly packageParts: Readonly<Record<string, string>>;
  /** By name, without `node:`: the part that other packages get for it. */
  readonly packageBuiltins: Readonly<Record<string, string>>;
}

/**
 * esbuild's helper goes through exports with `for in`, which finds what user code has added to `Object.prototype`, too. Parts are evaluated
 * after user code may have done that.
 */
function withOwnExportsOnly(text: string): string {
  const helper = 'for(var name in all)__defProp(target,name,{get:all[name],enumerable:!0})';
  if (text.includes('__export=') && !text.includes(helper))
    throw new Error('esbuild has changed its helper for exports');
  return text.replace(
    helper,
    'for(let name of Object.getOwnPropertyNames(all))__defProp(target,name,{__proto__:null,get:all[name],enumerable:!0})',
  );
}

/**
 * What a package exports is copied by esbuild, member by member as getters, for each import of it. Read from where it is, it is the same: imports
 * are only read.
 */
function withPlainImports(text: string): string {
  const helper =
    '__toESM=(mod,isNodeMode,target)=>(target=mod!=null?__create(__getProtoOf(mod)):{},' +
    '__copyProps(isNodeMode||!mod||!mod.__esModule?__defProp(target,"default",{value:mod,enumerable:!0}):target,mod))';
  if (text.includes('__toESM=') && !text.includes(helper))
    throw new Error('esbuild has changed its helper for imports');
  return text.replace(
    helper,
    '__toESM=(mod,isNodeMode)=>isNodeMode||!mod||!mod.__esModule?{__proto__:mod,default:mod}:mod',
  );
}

/**
 * esbuild's exports are getters, each of them copied once more, which takes as long as the rest of a small part. Ours never change once they
 * are there (the sources export no variables that do), so they become the properties of an object that is made at the end; the object of the
 * core's facade is made where the facade stands.
 */
function withPlainExports(text: string): string {
  const own = /var (\w+)=\{\};__export\(\1,\{([^{}]*)\}\);module\.exports=__toCommonJS\(\1\);/;
  const facade = /var facade_exports=\{\};__export\(facade_exports,\{([^{}]*)\}\);/;
  const [, , names] = own.exec(text) ?? [];
  if (names === undefined) {
    if (text.includes('module.exports=__toCommonJS(')) throw new Error('esbuild has changed how it writes exports');
    return text;
  }
  const plain = text
    .replace(own, '')
    .replace(facade, (_, members: string) => `var facade_exports={${membersOf(members)}};`);
  return `${plain}\nmodule.exports={${membersOf(names)}};`;
}

/** What stands for a list of esbuild's getters (`a:()=>b`). */
function membersOf(getters: string): string {
  return getters.replaceAll(/:\(\)=>/g, ':');
}

/** Packages that ask for a module of Node get what `require` would return: see the guest's parts.ts. */
const moduleMark = 'module:';

/** Keeps parts apart: what one imports of the core or of another part, it gets at run time. */
function partsAsExternals(root: string, { builtins, packageParts, packageBuiltins }: Manifest): Plugin {
  const core = join(root, 'core');
  const parts = join(root, 'parts');
  const partOfPackage = new Map(Object.entries(packageParts).map(([name, path]) => [path, name]));
  const names = Object.keys(builtins).map((name) => name.slice('node:'.length));
  return {
    name: 'parts-as-externals',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer, kind }) => {
        if (kind === 'entry-point') return undefined;
        const file = join(resolveDir, path);
        const from = dirname(importer);
        if (dirname(file) === core && from !== core && importer !== join(root, 'warm-up.ts')) {
          return { path: 'core', external: true, sideEffects: false };
        }
        return dirname(file) === parts && !isOfPart(importer, file)
          ? { path: basename(file, '.ts'), external: true, sideEffects: false }
          : undefined;
      });
      onResolve({ filter: /\.js$/ }, ({ path, kind }) => {
        // There is one copy of a package, whoever is made of it.
        const name = kind === 'entry-point' ? undefined : partOfPackage.get(path);
        return name === undefined ? undefined : { path: name, external: true };
      });
      onResolve({ filter: new RegExp(`^(?:${names.join('|')})/?$`) }, ({ path, importer, kind }) => {
        if (kind === 'entry-point' || importer.startsWith(parts)) return undefined;
        const name = path.replace(/\/$/, '');
        return { path: moduleMark + (packageBuiltins[name] ?? builtins[`node:${name}`]!), external: true };
      });
      onResolve({ filter: /^abort-controller$/ }, () => ({ path: join(parts, 'shared/abort-controller.ts') }));
    },
  };
}

/** Whether a file belongs to the part of another: `parts/fetch/body.ts` to `parts/fetch.ts`. */
function isOfPart(file: string, part: string): boolean {
  return file.startsWith(part.replace(/\.ts$/, '/'));
}
