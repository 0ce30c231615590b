import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';

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
    plugins: [withoutAtomics, withLaterWrites, partsAsExternals(root, { builtins, packageParts, packageBuiltins })],
  });
  const texts = new Map(result.outputFiles.map((file) => [file.path, withPlainExports(withOwnExportsOnly(file.text))]));
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

/** The package goes through the members of a global that isolates do not have. */
const withoutAtomics: Plugin = {
  name: 'without-atomics',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node-inspect-extracted[\\/]dist[\\/]inspect\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('["Atomics","JSON",'))
        throw new Error('node-inspect-extracted has changed its list of globals');
      return { contents: text.replace('["Atomics","JSON",', '["JSON",'), loader: 'js' };
    });
  },
};

/**
 * A pipe of the package writes a chunk at once when it is enqueued; the standard has it written in a microtask, so that `enqueue` never runs
 * code of the sink. https://streams.spec.whatwg.org/#readable-stream-pipe-to
 */
const withLaterWrites: Plugin = {
  name: 'with-later-writes',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]web-streams-polyfill[\\/]dist[\\/][^\\/]+\.m?js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const steps =
        /_chunkSteps\((\w)\)\{this\._state\._currentWrite=(\w+)\((\w+\(this\._state\._writer,\1\)),void 0,(\w+)\),this\._resolvePromise\(!1\)\}/;
      const resolved = /this\._currentWrite=(\w+\(void 0\))/.exec(text)?.[1];
      if (resolved === undefined || !steps.test(text)) throw new Error('web-streams-polyfill has changed its pipes');
      const contents = text.replace(
        steps,
        (_, chunk: string, then: string, write: string, ignore: string) =>
          `_chunkSteps(${chunk}){this._state._currentWrite=${then}(${resolved},()=>{` +
          `const written=${then}(${write},void 0,${ignore});this._resolvePromise(!1);return written})}`,
      );
      return { contents: withExpectedLengths(withMessagesOfWorkers(contents)), loader: 'js' };
    });
  },
};

/** As on Workers: who makes a stream may say how many bytes it will have. */
function withExpectedLengths(text: string): string {
  const ofReadable =
    /class ReadableStream\{constructor\((\w)=\{\},\w=\{\}\)\{void 0===\1\?\1=null:[\w$]+\(\1,"First parameter"\);/;
  const ofTransform = /class TransformStream\{constructor\((\w)=\{\},\w=\{\},\w=\{\}\)\{void 0===\1&&\(\1=null\);/;
  const getter = /get readable\(\)\{([^{}]*)return this\._readable\}/;
  if (!ofReadable.test(text) || !ofTransform.test(text) || !getter.test(text))
    throw new Error('web-streams-polyfill has changed its constructors');
  const read = (source: string): string => `this._expectedLength=${source}?.expectedLength;`;
  return text
    .replace(ofReadable, (begin, source: string) => begin + read(source))
    .replace(ofTransform, (begin, source: string) => begin + read(source))
    .replace(getter, (_, check: string) => {
      const pass = 'this._readable._expectedLength??=this._expectedLength;';
      return `get readable(){${check}${pass}return this._readable}`;
    });
}

/** Messages of errors of streams are not in the standard, and code that looks at them was mostly written for Workers. */
const messagesOfWorkers: Readonly<Record<string, string>> = {
  'Reader was released': 'This ReadableStream reader has been released.',
  'This BYOB request has been invalidated': 'This ReadableStreamBYOBRequest has been invalidated.',
  'This stream has already been locked for exclusive reading by another reader':
    'This ReadableStream is currently locked to a reader.',
  'This stream has already been locked for exclusive writing by another writer':
    'This WritableStream is currently locked to a writer.',
  'The stream is closing or closed and cannot be written to': 'This WritableStream has been closed.',
  'Readable side is not in a state that permits enqueue':
    'The readable side of this TransformStream is no longer readable.',
  'chunk must have non-zero byteLength': 'Cannot enqueue a zero-length ArrayBuffer.',
  'the destination writable stream closed before all data could be piped to it':
    'This destination writable stream is closed.',
};

function withMessagesOfWorkers(text: string): string {
  let changed = text;
  for (const [message, other] of Object.entries(messagesOfWorkers)) {
    const quoted = JSON.stringify(message);
    if (!changed.includes(quoted)) throw new Error(`web-streams-polyfill has no message ${quoted} any more`);
    changed = changed.replaceAll(quoted, JSON.stringify(other));
  }
  return changed;
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
