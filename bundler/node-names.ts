/**
 * Names that Node has everywhere, for functions of the web and their packages: those that nobody has declared are taken from the built-in
 * modules when the code gets there. They are no properties of `globalThis`, so that who looks there for Node does not find it.
 */
import { requireName } from './builtins.ts';

const holder = '__isohost_node';

/** Where each is to be had. */
const sources: Readonly<Record<string, { readonly module: string; readonly property: string }>> = {
  Buffer: { module: 'node:buffer', property: '.Buffer' },
  clearImmediate: { module: 'node:timers', property: '.clearImmediate' },
  process: { module: 'node:process', property: '' },
  setImmediate: { module: 'node:timers', property: '.setImmediate' },
};

/** What esbuild puts in the place of those that the runtime provides. */
export function nodeNameDefines(builtins: readonly string[]): Record<string, string> {
  const provided = Object.keys(sources).filter((name) => builtins.includes(sources[name]!.module));
  return { global: 'globalThis', ...Object.fromEntries(provided.map((name) => [name, `${holder}.${name}`])) };
}

/**
 * Declares those that occur in a bundle, on its first line, where no code is: positions stay.
 *
 * @param used Gets the modules that they come from.
 */
export function declareNodeNames(bundle: string, used: Set<string>): string {
  const names = new Set<string>();
  for (const [, name] of bundle.matchAll(new RegExp(`\\b${holder}\\.(\\w+)`, 'g'))) {
    if (Object.hasOwn(sources, name!)) names.add(name!);
  }
  if (names.size === 0) return bundle;
  const getters = [...names].sort().map((name) => {
    const { module, property } = sources[name]!;
    used.add(module);
    return `get ${name}(){return ${requireName}(${JSON.stringify(module)})${property}}`;
  });
  return bundle.replace(`${requireName}){`, (start) => `${start}const ${holder}={${getters.join(',')}};`);
}
