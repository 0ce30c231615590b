/** workerd's own tests of its APIs: `*-test.js` files, each with a `.wd-test` file that says what it is bound to. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PeerTest {
  /** Path within the folder. */
  readonly name: string;
  /** Why it makes no sense outside of workerd, or undefined. */
  readonly reason: string | undefined;
}

const adapterFolder = fileURLToPath(new URL('.', import.meta.url));
/** Modules of the tests that are told to the bundler by another name. */
const moved: Readonly<Record<string, string>> = { 'node:test': './mock.js' };
/** What only workerd or its maker's products have, by what a test says of it. */
const products: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/from '(cloudflare|workerd|cloudflare-internal|test|instrumentation)[:-]/, 'imports what only workerd has'],
  [/import\('(cloudflare|workerd):/, 'imports what only workerd has'],
  [/\bHTMLRewriter\b/, "HTMLRewriter, which is its maker's"],
  [/\bDurableObject|\bstate\.storage\b/, "Durable Objects, which are its maker's"],
  [/\bunsafe\b.*env|env\.unsafe/, 'an interface for its own tests'],
];
/** Files about what no function has, by their names. */
const withoutFiles = /\/fs-|-stdio-fs-/;
const productBindings =
  /durableObject|kvNamespace|r2Bucket|queue\s*=|analyticsEngine|hyperdrive|memoryCache|workerLoader|wrapped|tails|streamingTails|fromEnvironment|unsafe|cacheApiOutbound/;

export function findPeerTests(folder: string): PeerTest[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('-test.js') && existsSync(join(folder, bindingsFile(name))))
    .sort()
    .map((name) => {
      const source = readFileSync(join(folder, name), 'utf8');
      const bindings = readFileSync(join(folder, bindingsFile(name)), 'utf8');
      const reason = products.find(([pattern]) => pattern.test(source))?.[1];
      const product = productBindings.exec(bindings)?.[0];
      if (withoutFiles.test(name)) return { name, reason: 'functions have no files' };
      return { name, reason: reason ?? (product === undefined ? undefined : `bound to ${product}`) };
    });
}

function bindingsFile(name: string): string {
  return name.replace(/\.js$/, '.wd-test');
}

/** Makes a function's folder of a test. */
export function writeFunction(folder: string, { name }: PeerTest, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const file of ['adapter.js', 'mock.js']) cpSync(join(adapterFolder, file), join(target, file));
  const source = readFileSync(join(folder, name), 'utf8').replaceAll(/from '([^']+)'/g, (text, module: string) =>
    Object.hasOwn(moved, module) ? `from '${moved[module]!}'` : text,
  );
  writeFileSync(join(target, 'worker.js'), source);
  writeFileSync(join(target, 'bindings.json'), JSON.stringify(bindingsOf(folder, name)));
  writeFileSync(join(target, 'package.json'), JSON.stringify({ type: 'module', main: 'adapter.js' }));
}

function bindingsOf(folder: string, name: string): { values: Record<string, unknown>; services: string[] } {
  const text = readFileSync(join(folder, bindingsFile(name)), 'utf8');
  const own = /name = "([^"]+)",\s*worker/.exec(text)?.[1] ?? basename(name, '.js');
  const values: Record<string, unknown> = {};
  for (const [, key, value] of text.matchAll(/name = "([^"]+)",\s*text = "([^"]*)"/g)) values[key!] = value;
  for (const [, key, file] of text.matchAll(/name = "([^"]+)",\s*text = embed "([^"]+)"/g)) {
    const path = join(folder, dirname(name), file!);
    if (existsSync(path)) values[key!] = readFileSync(path, 'utf8');
  }
  const services = [...text.matchAll(/name = "([^"]+)",\s*service = "([^"]+)"/g)]
    .filter(([, , service]) => service === own)
    .map(([, key]) => key!);
  return { values, services };
}
