/** Node's built-in modules as functions may import them. */
import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';
import type { BundleRequest } from './types.ts';

const names = new Set(builtinModules.map((name) => name.replace(/^node:/, '')));
/** Asks for the real module from inside of the stand-in. */
const namespace = 'isohost-builtin';

/** The detail of the error about a built-in that functions cannot have. */
export interface MissingBuiltin {
  readonly missingBuiltin: string;
  /** Absolute path of the file that imports it. */
  readonly importer: string;
}

/**
 * Built-ins that the guest runtime provides become CommonJS modules that require them at run time; the others are errors that say who
 * wanted them.
 */
export function builtins(request: BundleRequest, isInside: (path: string) => boolean, used: Set<string>): Plugin {
  const provided = new Set(request.builtins);
  return {
    name: 'builtins',
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z_]+)*\/?$/ }, async (args) => {
        const { path } = args;
        if (args.namespace === namespace) return { path, external: true };
        const hasScheme = path.startsWith('node:');
        const name = path.replace(/^node:/, '').replace(/\/$/, '');
        if (!hasScheme && (!names.has(name) || args.pluginData === namespace)) return undefined;
        if (provided.has(`node:${name}`)) {
          used.add(`node:${name}`);
          return { path: `node:${name}`, namespace };
        }
        // In place of a built-in that is not there, a package of its name will do.
        if (!hasScheme) {
          const own = await resolve(path, {
            kind: args.kind,
            importer: args.importer,
            resolveDir: args.resolveDir,
            pluginData: namespace,
          });
          if (own.errors.length === 0 && isInside(own.path)) return own;
        }
        const missing: MissingBuiltin = { missingBuiltin: path, importer: args.importer };
        return {
          errors: [
            {
              text:
                `${request.name} imports "${path}", which is not available to functions; ` +
                `available are ${listOf(request.builtins)}. Use a web API or a package without it instead`,
              detail: missing,
            },
          ],
        };
      });
      onLoad({ filter: /.*/, namespace }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)})`,
        loader: 'js',
      }));
    },
  };
}

function listOf(builtinNames: readonly string[]): string {
  return builtinNames.length === 0 ? 'none so far' : builtinNames.join(', ');
}

/** Accepts every built-in, to let a bundle with missing ones be looked through. */
export const anyBuiltin: Plugin = {
  name: 'any-builtin',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z_]+)*\/?$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '').replace(/\/$/, '');
      return names.has(name) ? { path, external: true } : undefined;
    });
  },
};
