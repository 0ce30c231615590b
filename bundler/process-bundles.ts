/**
 * Makes few files of many: Node takes longer to find and load the modules of a process, one by one, than to run them. Each process that
 * isohost starts gets one file, and what several of them share, or load only when they need it, stands in files of its own.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Metafile, type Plugin, transform } from 'esbuild';
import { withDirectBuiltins } from './direct-builtins.ts';

/** Where processes begin, and what src/cli.ts, which decides how the first of them is loaded, loads before the rest. */
const entries = [
  'src/command-line',
  'sandbox/cells/spawn-cell',
  'sandbox/cells/cell',
  'sandbox/code-cache-child',
  'bundler/worker',
];
/** Native code, a program, and what only few functions need. */
const external = ['isolated-vm', 'esbuild', 'undici'];
const chunkFolder = 'src/chunks';

/**
 * @param from Folder of the three rooms, as sources or compiled.
 * @param to Folder named `dist`, in which the same files stand at the same places. It can be `from`.
 */
export async function bundleProcesses(from: string, to: string, ending: '.ts' | '.js'): Promise<void> {
  // Each by itself: a process that starts finds all that it needs for that in one file.
  const built = await Promise.all(entries.map((name) => bundleProcess(from, to, name, ending)));
  for (const { path, text } of built.flatMap(({ outputs }) => outputs)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  await mkdir(join(to, chunkFolder), { recursive: true });
  const inputs = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await writeFile(join(to, chunkFolder, 'LICENSES.txt'), await licensesOf(inputs, from));
}

interface Built {
  readonly metafile: Metafile;
  readonly outputs: readonly { readonly path: string; readonly text: string }[];
}

async function bundleProcess(from: string, to: string, name: string, ending: string): Promise<Built> {
  const { metafile, outputFiles } = await build({
    entryPoints: [{ in: join(from, name + ending), out: name }],
    outdir: to,
    absWorkingDir: from,
    write: false,
    bundle: true,
    splitting: true,
    chunkNames: `${chunkFolder}/[name]-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    // One package has a form besides that bundlers cannot follow.
    mainFields: ['module', 'main'],
    plugins: [ownPlaces(from), englishOnly, fewMetrics, withoutHttp2],
    // Packages in CommonJS ask for modules of Node, and all of ours find files by their places.
    banner: {
      js:
        "const require=globalThis.process.getBuiltinModule('node:module').createRequire(import.meta.url);" +
        "const isohostDist=import.meta.url.slice(0,import.meta.url.lastIndexOf('/dist/')+6);",
    },
  });
  const importsOf = new Map(Object.entries(metafile.outputs).map(([path, { imports }]) => [join(from, path), imports]));
  const outputs = outputFiles.map(({ path, text }) => {
    const builtins = importsOf.get(path)!.filter(({ path: imported, kind }) => {
      return kind === 'import-statement' && imported.startsWith('node:');
    });
    return { path, text: withDirectBuiltins(text, builtins.length) };
  });
  return { metafile, outputs };
}

/** Modules find others, and files, from the places that they had before. */
function ownPlaces(from: string): Plugin {
  return {
    name: 'own-places',
    setup({ onLoad }) {
      onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        if (/[\\/]node_modules[\\/]/.test(relative(from, path))) return undefined;
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const place = relative(from, path).split(sep).join('/').replace(/\.ts$/, '.js');
        const { code } = await transform(text, {
          loader: path.endsWith('.ts') ? 'ts' : 'js',
          // In code; there are strings of this name, too.
          define: { 'import.meta.url': 'isohostPlace' },
        });
        return { contents: `const isohostPlace=isohostDist+${JSON.stringify(place)};${code}`, loader: 'js' };
      });
    },
  };
}

/** Half of zod are its messages in fifty languages. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export{default as en}from'./en.js'",
      loader: 'js',
    }));
  },
};

/** prom-client loads clients of HTTPS, clusters and telemetry besides, whoever does without. */
const fewMetrics: Plugin = {
  name: 'few-metrics',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]prom-client[\\/]index\.js$/ }, () => ({
      contents: ['Registry', 'Counter', 'Gauge', 'Histogram']
        .map((name) => `exports.${name}=require('./lib/${name.toLowerCase()}');`)
        .join(''),
      loader: 'js',
    }));
  },
};

/** To load that module takes as long as all else of HTTP, and the server does not speak it: no request is one of its. */
const withoutHttp2: Plugin = {
  name: 'without-http2',
  setup({ onResolve, onLoad }) {
    const namespace = 'without-http2';
    onResolve({ filter: /^node:http2$/ }, ({ path, importer }) =>
      /[\\/]@hono[\\/]node-server[\\/]/.test(importer) ? { path, namespace } : undefined,
    );
    onLoad({ filter: /.*/, namespace }, () => ({
      contents: 'export class Http2ServerRequest{}export const constants={NGHTTP2_NO_ERROR:0}',
      loader: 'js',
    }));
  },
};

/** Licenses of the packages that are in the bundles: they ask to be passed on. */
async function licensesOf(inputs: readonly string[], from: string): Promise<string> {
  const folders = new Set<string>();
  for (const input of inputs) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder !== undefined) folders.add(join(from, folder));
  }
  const texts: string[] = [];
  for (const folder of [...folders].sort()) {
    const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<
      'name' | 'version',
      string
    >;
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`the package ${name} has no file with its license in ${dirname(folder)}`);
    texts.push(`${name} ${version}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
