/** Node's built-in modules as functions may import them. */
import { builtinModules } from 'node:module';
import type { Plugin, ResolveOptions } from 'esbuild';
import type { BundleRequest } from './types.ts';

const names = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));
/** Marks what has been through here once, so that it is looked for as a file. */
const asFile = 'isohost-as-file';
const provided = 'isohost-builtin';
const missing = 'isohost-missing';
/** By this name, bundles reach the built-ins that the guest runtime provides. */
export const requireName = '__isohost_require';

/**
 * Modules of the machine below: functions can import them, and do nothing with them. What a package has for browsers in their place serves
 * them better.
 */
const replaceable = new Set(
  'child_process cluster dgram dns fs http http2 https module net os readline tls tty v8 vm worker_threads'.split(' '),
);

/** Whether a name that could not be resolved is one of Node's modules, so that no package of that name is missing. */
export function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || names.has(name);
}

/**
 * Built-ins that the guest runtime provides become CommonJS modules that ask it for them at run time. For the rest there is nothing to be
 * found; where Node would only notice when the code gets there, so does the bundle.
 *
 * @param used Filled with those that are provided and used.
 */
export function builtins(request: BundleRequest, used: Set<string>): Plugin {
  const available = new Set(request.builtins);
  return {
    name: 'builtins',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /^(?:node:)?[a-z0-9_]+(?:\/[a-z0-9_]+)*\/?$/ }, async ({ path, pluginData, ...options }) => {
        if (pluginData === asFile) return undefined;
        // With a slash at its end the name is that of a package, for those who want to be sure.
        if (path.endsWith('/')) {
          const own = await resolve(path, resolveOptions(options));
          if (own.errors.length === 0) return own;
        }
        const name = `node:${path.replace(/^node:/, '').replace(/\/$/, '')}`;
        if (!available.has(name)) return undefined;
        if (replaceable.has(path) && (await hasReplacement(path, options))) return undefined;
        used.add(name);
        return { path: name, namespace: provided };
      });
      /** The package that imports it says what to take in its place: not another package of that name. */
      async function hasReplacement(name: string, options: Omit<ResolveOptions, 'pluginData'>): Promise<boolean> {
        const own = await resolve(name, resolveOptions(options));
        return own.errors.length === 0 && !own.path.replaceAll('\\', '/').includes(`/node_modules/${name}/`);
      }
      onLoad({ filter: /.*/, namespace: provided }, ({ path }) => ({
        contents: `module.exports = ${requireName}(${JSON.stringify(path)})`,
        loader: 'js',
      }));
      if (!request.nodeGlobals) return;
      onResolve({ filter: /.*/ }, async ({ path, pluginData, ...options }) => {
        if (options.kind !== 'require-call' || pluginData === asFile) return undefined;
        const found = await resolve(path, resolveOptions(options));
        return found.errors.length === 0 ? found : { path, namespace: missing };
      });
      onLoad({ filter: /.*/, namespace: missing }, ({ path }) => ({
        contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find module '${path}'${reason(path, request)}`)}), { code: 'MODULE_NOT_FOUND' })`,
        loader: 'js',
      }));
    },
  };
}

/** Whether an input of esbuild's, by its path, stands for a built-in module. */
export function isOfBuiltin(path: string): boolean {
  return path.startsWith(`${provided}:`) || path.startsWith(`${missing}:`);
}

function resolveOptions({ kind, importer, resolveDir, namespace }: Omit<ResolveOptions, 'pluginData'>): ResolveOptions {
  return { kind, importer, resolveDir, namespace, pluginData: asFile } as ResolveOptions;
}

function reason(path: string, request: BundleRequest): string {
  return isBuiltin(path) ? `: it is not available to functions; available are ${request.builtins.join(', ')}` : '';
}
