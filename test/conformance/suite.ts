/** The `.any.js` files of a folder of Web Platform Tests, and each as one text that a guest and Node can evaluate. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';

export interface ConformanceTest {
  /** Path within the folder, with the variant's query. */
  readonly name: string;
  readonly area: string;
  readonly path: string;
  readonly search: string;
}

interface EmbeddedFile {
  readonly base64: string;
  readonly type: string;
}

/** Time after which the results of a file are those that are there. */
const giveUpMs = 20_000;
/** Of a file with many variants, these are run. */
const maxVariants = 20;
/** Files beside a test that it may ask for. */
const maxEmbeddedBytes = 5_000_000;
const types: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.js': 'text/javascript',
  '.txt': 'text/plain',
  '.html': 'text/html',
};
const harnessText = readFileSync(new URL('harness.js', import.meta.url), 'utf8');
/** Scripts that stand elsewhere in a checkout than on WPT's server. */
const moved: Readonly<Record<string, string>> = { '/resources/WebIDLParser.js': '/resources/webidl2/lib/webidl2.js' };

export function findTests(folder: string): ConformanceTest[] {
  const tests: ConformanceTest[] = [];
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!entry.endsWith('.any.js')) continue;
    const path = `/${entry}`;
    const variants = metaOf(readFileSync(join(folder, entry), 'utf8'), 'variant').slice(0, maxVariants);
    for (const search of variants.length === 0 ? [''] : variants) {
      tests.push({ name: `${entry}${search}`, area: areaOf(entry), path, search });
    }
  }
  return tests;
}

/** `fetch/api/headers/x.any.js` belongs to `fetch/api/headers`, `streams/piping/x.any.js` to `streams`. */
function areaOf(entry: string): string {
  const [first, second, third] = dirname(entry).split('/');
  if (first === 'html' || (first === 'fetch' && second === 'api')) return `${first}/${second}/${third ?? ''}`;
  return first === 'dom' || first === 'fetch' || first === 'xhr' || first === 'wasm'
    ? `${first}/${second ?? ''}`
    : first!;
}

/** The scripts of a test after the harness, in one. Its value is a promise of the results as JSON. */
export function textOf(folder: string, test: ConformanceTest): string {
  const source = readFileSync(join(folder, test.path), 'utf8');
  const scripts = ['/resources/testharness.js', ...metaOf(source, 'script')].map((script) => {
    const path = posix.resolve(dirname(test.path), script);
    const file = join(folder, moved[path] ?? path);
    // Some scripts exist on WPT's server only; the tests that need them fail.
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  });
  const [harness, ...rest] = scripts;
  const text = [...rest, source].join('\n;\n');
  const around = { pathname: test.path, search: test.search, files: filesFor(folder, test.path, text), giveUpMs };
  const title = metaOf(source, 'title')[0];
  return [
    harnessText,
    `globalThis.__prepareConformance(${JSON.stringify(around)});`,
    title === undefined ? '' : `globalThis.META_TITLE = ${JSON.stringify(title)};`,
    harness,
    'globalThis.__conformance.result = globalThis.__conformance.watch(add_result_callback, add_completion_callback);',
    text,
    'globalThis.__conformance.result',
  ].join('\n;\n');
}

/** Whatever the test names in quotes and is there: data beside it, or the IDL of an interface. */
function filesFor(folder: string, path: string, text: string): Record<string, EmbeddedFile> {
  const files: Record<string, EmbeddedFile> = {};
  let bytes = 0;
  for (const [, name] of text.matchAll(/['"`]([\w./-]{2,100})['"`]/g)) {
    for (const [key, file] of [
      [name!, join(folder, posix.resolve(dirname(path), name!))],
      [`/interfaces/${name!}.idl`, join(folder, 'interfaces', `${name!}.idl`)],
    ] as const) {
      if (Object.hasOwn(files, key) || !existsSync(file) || !statSync(file).isFile()) continue;
      bytes += statSync(file).size;
      if (bytes > maxEmbeddedBytes) return files;
      const type = types[extname(file)] ?? 'application/octet-stream';
      files[key] = { base64: readFileSync(file).toString('base64'), type };
    }
  }
  return files;
}

function metaOf(source: string, key: string): string[] {
  return [...source.matchAll(new RegExp(`^// META: ${key}=(.*)$`, 'gm'))].map(([, value]) => value!.trim());
}
