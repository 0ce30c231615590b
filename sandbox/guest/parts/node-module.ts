/** `node:module`: the names of built-in modules, and a `require` for them. Everything else is in the bundle already. */
import { findBuiltin } from '../core/facade.ts';
import { builtins } from '../manifest.ts';
import { withCode } from './shared/node-error.ts';
import { unavailable, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:module';
const remedy = 'modules are loaded when the function is bundled; import them by name';
const names = Object.keys(builtins).map((name) => name.slice('node:'.length));

function isBuiltin(name: unknown): boolean {
  return typeof name === 'string' && names.includes(name.replace(/^node:/, ''));
}

/** @returns A function that takes the names of built-in modules. */
function createRequire(_from: unknown): (name: string) => object {
  return (name) => {
    const found = findBuiltin(name);
    if (found !== undefined) return found;
    throw withCode(
      new Error(`Cannot find module '${name}': a module can only be required by a name that the bundler sees`),
      'MODULE_NOT_FOUND',
    );
  };
}

/** A constructor in Node. */
function Module(): never {
  throw unavailable(`Module of ${module}`, remedy);
}

const members = {
  ...unavailableFunctions(module, remedy, [
    'register',
    'registerHooks',
    'runMain',
    'stripTypeScriptTypes',
    'SourceMap',
    'findPackageJSON',
    '_debug',
    '_findPath',
    '_initPaths',
    '_load',
    '_nodeModulePaths',
    '_preloadModules',
    '_resolveFilename',
    '_resolveLookupPaths',
  ]),
  // Packages add to them, to no effect.
  _cache: Object.create(null) as object,
  _extensions: Object.create(null) as object,
  _pathCache: Object.create(null) as object,
  builtinModules: Object.freeze(names),
  constants: { compileCacheStatus: { FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 } },
  createRequire,
  enableCompileCache: () => ({ status: 3 }),
  findSourceMap: () => undefined,
  flushCompileCache(): void {},
  getCompileCacheDir: () => undefined,
  getSourceMapsSupport: () => ({ enabled: false, nodeModules: false, generatedCode: false }),
  globalPaths: [] as string[],
  isBuiltin,
  setSourceMapsSupport(): void {},
  syncBuiltinESMExports(): void {},
};

const methods = unavailableFunctions(`${module}.Module`, remedy, ['load', 'require', '_compile']);
Object.assign(Module.prototype as object, methods);

export default Object.assign(Module, members, { Module });
