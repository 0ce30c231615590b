import { build, type BuildOptions, type Plugin } from 'esbuild';

export interface ChainSearch {
  readonly options: BuildOptions;
  /** Plugins that refuse nothing. */
  readonly plugins: readonly Plugin[];
  /** The file that the function begins with, and the one that is looked for, relative to the working folder. */
  readonly from: string;
  readonly to: string;
}

/** The files on the shortest way of imports from one to another, both included; `undefined` when there is none to be found. */
export async function importChain({ options, plugins, from, to }: ChainSearch): Promise<string[] | undefined> {
  const result = await build({ ...options, plugins: [...plugins, unresolvedAsExternal] }).catch(() => undefined);
  const inputs = result?.metafile?.inputs;
  if (inputs === undefined) return undefined;
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  const queue = [from];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (name === to) return wayTo(name, cameFrom);
    for (const { path } of inputs[name]?.imports ?? []) {
      if (cameFrom.has(path)) continue;
      cameFrom.set(path, name);
      queue.push(path);
    }
  }
  return undefined;
}

function wayTo(end: string, cameFrom: ReadonlyMap<string, string | undefined>): string[] {
  const way: string[] = [];
  for (let name: string | undefined = end; name !== undefined; name = cameFrom.get(name)) way.unshift(name);
  return way;
}

const resolved = 'isohost-resolved';

/** Whatever else cannot be found must not end the search. */
const unresolvedAsExternal: Plugin = {
  name: 'unresolved-as-external',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path, pluginData, kind, importer, resolveDir, namespace }) => {
      // What another plugin looks up is for that plugin to judge; to look it up here again would never end.
      if (pluginData !== undefined || kind === 'entry-point') return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, namespace, pluginData: resolved });
      return found.errors.length === 0 ? found : { path, external: true };
    });
  },
};
