/** workerd's own tests of its APIs: `*.wd-test` files, each of which names the modules of a worker, and what they are bound to. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PeerTest {
  /** Path of the main module within the folder. */
  readonly name: string;
  /** The file that names it, with its folder. */
  readonly configuration: string;
  /** Why it makes no sense outside of workerd, or undefined. */
  readonly reason: string | undefined;
}

interface Worker {
  readonly name: string;
  readonly modules: readonly {
    readonly name: string;
    readonly kind: string;
    readonly text: string;
    readonly file: string | undefined;
  }[];
}

const adapterFolder = fileURLToPath(new URL('.', import.meta.url));
const adapterFiles = ['adapter.js', 'mock.js', 'setup.js'];
/** Modules of the tests that are told to the bundler by another name. */
const moved: Readonly<Record<string, string>> = { 'node:test': './mock.js' };
/** What only workerd or its maker's products have, by what a test says of it. */
const products: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/from '(cloudflare|workerd|cloudflare-internal|test|instrumentation)[:-]/, 'imports what only workerd has'],
  [/import\('(cloudflare|workerd):/, 'imports what only workerd has'],
  [/\bHTMLRewriter\b/, "HTMLRewriter, which is its maker's"],
  [/\bDurableObject|\bstate\.storage\b/, "Durable Objects, which are its maker's"],
  [/\bunsafe\b.*env|env\.unsafe/, 'an interface for its own tests'],
  [/\bSERVICE\.queue\(/, "queues, which are its maker's"],
  [/\.connect\(/, 'connects by TCP'],
  [/Cloudflare-Workers/, 'tells the name of its runtime'],
  [/\bctx\.(?:access|props|exports)\b/, "a context of its maker's"],
  [/request\.cf\b|\bcf: \{/, "options of its maker's cache"],
];
/** Why a test of a file that runs is left out, by what stands in it: what only workerd has, or what functions have on purpose not. */
const ofTests: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\bSharedArrayBuffer\b/, 'functions have no SharedArrayBuffer'],
  [/\bReadableStreamDrainingReader\b/, 'an internal of workerd'],
  [/\bEventSource\.from\(|\bfetcher\b/, "an extension of its maker's to EventSource"],
  [/\bExtendableEvent\b/, 'events of service workers'],
  [/\benv\[test\]/, 'about flags of workerd'],
  [/\[kHandle\]|_handle\b|_processChunk\(|\bcreateHandle\(/, 'an internal of Node'],
  [/\benv\.(?:RPC|SERVICE)\.(?!fetch\b)\w+\(/, 'remote calls between its workers'],
];

/** Files about what no function has, by their names. */
const byName: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\/fs-|-stdio-fs-|webfs-|stdio-writesync/, 'functions have no files'],
  [/\/(?:dns-nodejs|new-module-registry-dns)-test/, 'resolves names of the Internet'],
  [/\/(?:compat-flag|process-legacy|als-only)/, 'about flags of workerd'],
  [
    /\/(?:new-module-registry|module-create-require|module-tla|process-getbuiltin-newmodreg)/,
    "about the registry of workerd's modules",
  ],
  [/\/opennextjs\//, 'needs a build of another project'],
  [/\/gc-tracing/, 'about when garbage is collected'],
  [/\/timers-global-override/, "about Node's timers as globals; those of functions are the Web's"],
  [/\/fetch-test/, 'about a flag of workerd, by which methods are in upper case'],
];
const productBindings =
  /durableObject|kvNamespace|r2Bucket|queue\s*=|analyticsEngine|hyperdrive|memoryCache|workerLoader|wrapped|tails|streamingTails|fromEnvironment|unsafe|cacheApiOutbound/;

export function findPeerTests(folder: string): PeerTest[] {
  const found = new Map<string, PeerTest>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wd-test'));
  for (const configuration of files.sort()) {
    const text = readFileSync(join(folder, configuration), 'utf8');
    const main = workerOf(text)?.modules.find(({ file }) => file !== undefined)?.file;
    if (main === undefined || !existsSync(join(folder, dirname(configuration), main))) continue;
    const name = join(dirname(configuration), main);
    const source = readFileSync(join(folder, name), 'utf8');
    const product = productBindings.exec(text)?.[0];
    const reason =
      byName.find(([pattern]) => pattern.test(`/${name}`))?.[1] ??
      products.find(([pattern]) => pattern.test(source))?.[1] ??
      (product === undefined ? undefined : `bound to ${product}`);
    // One file may be run with several sets of flags: the first of them will do.
    if (!found.has(name)) found.set(name, { name, configuration, reason });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The first worker of a configuration: the one with the tests. */
function workerOf(text: string): Worker | undefined {
  const uncommented = text.replaceAll(/^\s*#.*$/gm, '');
  const name = /name = "([^"]+)",\s*worker/.exec(uncommented)?.[1];
  const list = /modules = \[([^]*?)\n\s*\],?|modules = \[([^\]]*)\]/.exec(uncommented);
  if (name === undefined || list === null) return undefined;
  const pattern = /name\s*=\s*"([^"]+)",\s*(\w+)\s*=\s*(embed )?"((?:[^"\\]|\\.)*)"/g;
  const modules = [...(list[1] ?? list[2]!).matchAll(pattern)].map(([, module, kind, embed, value]) => ({
    name: module!,
    kind: kind!,
    text: embed === undefined ? (JSON.parse(`"${value!}"`) as string) : '',
    file: embed === undefined ? undefined : value!,
  }));
  return { name, modules };
}

/** Makes a function's folder of a test. */
export function writeFunction(folder: string, test: PeerTest, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const file of adapterFiles) cpSync(join(adapterFolder, file), join(target, file));
  const from = join(folder, dirname(test.configuration));
  const text = readFileSync(join(folder, test.configuration), 'utf8');
  const { name, modules } = workerOf(text)!;
  const main = modules.find(({ file }) => file !== undefined)!;
  const others = modules.filter(
    (module) => module !== main && /^(?:esModule|commonJsModule|text|json)$/.test(module.kind),
  );
  const files = new Map(others.map((module, index) => [module.name, fileOf(module.kind, index)]));
  const rename = (source: string): string =>
    source.replaceAll(/(from |import\(|import |require\()'([^']+)'/g, (whole, before: string, module: string) => {
      const file = moved[module] ?? files.get(module);
      return file === undefined ? whole : `${before}'${file}'`;
    });
  writeFileSync(join(target, 'worker.js'), rename(readFileSync(join(from, main.file!), 'utf8')));
  for (const module of others) {
    const source = module.file === undefined ? module.text : readFileSync(join(from, module.file), 'utf8');
    writeFileSync(join(target, files.get(module.name)!), rename(source));
  }
  writeFileSync(
    join(target, 'bindings.json'),
    JSON.stringify({ ...bindingsOf(text, from, name), compatibilityFlags: flagsOf(text) }),
  );
  writeFileSync(join(target, 'package.json'), JSON.stringify({ type: 'module', main: 'adapter.js' }));
}

function fileOf(kind: string, index: number): string {
  const extension = { commonJsModule: 'cjs', text: 'txt', json: 'json' }[kind] ?? 'js';
  return `./module-${index}.${extension}`;
}

function flagsOf(text: string): Record<string, boolean> {
  const flags = /compatibilityFlags = \[([^\]]*)\]/.exec(text)?.[1] ?? '';
  return Object.fromEntries([...flags.matchAll(/"([^"]+)"/g)].map(([, flag]) => [flag!, true]));
}

function bindingsOf(text: string, from: string, own: string): { values: Record<string, unknown>; services: string[] } {
  const values: Record<string, unknown> = {};
  for (const [, key, value] of text.matchAll(/name = "([^"]+)",\s*text = "([^"]*)"/g)) values[key!] = value;
  for (const [, key, file] of text.matchAll(/name = "([^"]+)",\s*text = embed "([^"]+)"/g)) {
    const path = join(from, file!);
    if (existsSync(path)) values[key!] = readFileSync(path, 'utf8');
  }
  const services = [...text.matchAll(/name = "([^"]+)",\s*service = "([^"]+)"/g)]
    .filter(([, , service]) => service === own)
    .map(([, key]) => key!);
  return { values, services };
}

/** Of the tests of a file, those that are left out, each with the reason. */
export function leftOut(folder: string, { name }: PeerTest): Map<string, string> {
  const reasons = new Map<string, string>();
  const source = readFileSync(join(folder, name), 'utf8');
  for (const [, test, body] of source.matchAll(/^export const (\w+) = \{\n([^]*?)^\};/gm)) {
    const reason = ofTests.find(([pattern]) => pattern.test(body!))?.[1];
    if (reason !== undefined) reasons.set(test!, reason);
  }
  return reasons;
}
