import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** The guest runtime as source text: function bodies that take `module`, `exports` and `require`. */
export interface GuestRuntime {
  readonly core: string;
  /** By name: each is evaluated in an isolate when something first needs it. */
  readonly parts: Readonly<Record<string, string>>;
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
  const names = (await readdir(join(root, 'parts')))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
  const core = join(root, 'core/index.ts');
  const result = await build({
    entryPoints: [core, join(root, 'warm-up.ts'), ...names.map((name) => join(root, 'parts', `${name}.ts`))],
    outdir: '/',
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'neutral',
    target: 'esnext',
    mainFields: ['module', 'main'],
    conditions: ['worker'],
    charset: 'utf8',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [coreAsExternal(join(root, 'core'))],
  });
  const texts = new Map(result.outputFiles.map((file) => [file.path, file.text]));
  return {
    core: texts.get('/core/index.js')!,
    warmUp: texts.get('/warm-up.js')!,
    parts: Object.fromEntries(names.map((name) => [name, texts.get(`/parts/${name}.js`)!])),
  };
}

function coreAsExternal(coreFolder: string): Plugin {
  return {
    name: 'core-as-external',
    setup({ onResolve }) {
      onResolve({ filter: /\/core\// }, ({ path, resolveDir, kind }) => {
        if (kind === 'entry-point' || dirname(join(resolveDir, path)) !== coreFolder) return undefined;
        return { path: 'core', external: true };
      });
    },
  };
}
