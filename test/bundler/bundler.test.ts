import { execFile } from 'node:child_process';
import { access, symlink, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import {
  BundleError,
  type BundleOutput,
  type BundleRequest,
  createBundler,
  defaultBundleLimits,
} from '../../bundler/index.ts';
import { guestBuiltins } from '../../sandbox/index.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/files.ts';
import { functionOf, invoke, testSandbox } from '../support/sandbox.ts';

const bundler = createBundler();
afterAll(() => bundler.close());

type Overrides = Partial<Omit<BundleRequest, 'limits'>> & { readonly limits?: Partial<BundleRequest['limits']> };

function requestFor(folder: TemporaryFolder, name: string, { limits, ...overrides }: Overrides = {}): BundleRequest {
  return {
    name,
    code: { path: folder.file(name) },
    base: folder.path,
    nodeModules: [folder.file('node_modules')],
    builtins: Object.keys(guestBuiltins),
    nodeGlobals: false,
    limits: { ...defaultBundleLimits, ...limits },
    ...overrides,
  };
}

const bundle = (folder: TemporaryFolder, name: string, overrides?: Overrides) =>
  bundler.bundle(requestFor(folder, name, overrides));

/** The message of the refusal. */
async function refusal(folder: TemporaryFolder, name: string, overrides?: Overrides): Promise<string> {
  const error: unknown = await bundle(folder, name, overrides).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BundleError);
  return (error as BundleError).message;
}

/** What a bundle answers. */
async function answer(output: BundleOutput): Promise<string> {
  await using sandbox = await testSandbox();
  const { text, ending } = await invoke(sandbox, { ...functionOf(''), bundle: output });
  return ending.outcome.kind === 'ok' ? text : JSON.stringify(ending.outcome);
}

describe('what can be bundled', () => {
  test.each([
    ['JavaScript', 'f.js', { 'f.js': 'export default () => new Response("ok")' }],
    ['TypeScript', 'f.ts', { 'f.ts': 'export default (r: Request): Response => new Response("ok" satisfies string)' }],
    ['CommonJS', 'f.cjs', { 'f.cjs': 'module.exports = () => new Response("ok")' }],
    ['an ES module by name', 'f.mjs', { 'f.mjs': 'export default () => new Response("ok")' }],
    [
      'an imported file',
      'f.ts',
      {
        'f.ts': 'import { x } from "./lib/x.ts"; export default () => new Response(x)',
        'lib/x.ts': 'export const x: string = "ok"',
      },
    ],
    [
      'an import without ending',
      'f.ts',
      { 'f.ts': 'import { x } from "./x"; export default () => new Response(x)', 'x.ts': 'export const x = "ok"' },
    ],
    [
      'require among ES modules',
      'f.js',
      { 'f.js': 'const { x } = require("./x.cjs"); export default () => new Response(x)', 'x.cjs': 'exports.x = "ok"' },
    ],
    [
      'import()',
      'f.js',
      {
        'f.js': 'export default async () => new Response((await import("./x.js")).x)',
        'x.js': 'export const x = "ok"',
      },
    ],
    ['a folder with an index', 'f', { 'f/index.ts': 'export default () => new Response("ok")' }],
    [
      'a folder with a main',
      'f',
      { 'f/package.json': '{"main":"src/start.js"}', 'f/src/start.js': 'export default () => new Response("ok")' },
    ],
    [
      'a main without ending',
      'f',
      { 'f/package.json': '{"main":"./lib"}', 'f/lib/index.js': 'export default () => new Response("ok")' },
    ],
    [
      'a package of the function',
      'f',
      {
        'f/index.js': 'import x from "dep"; export default () => new Response(x)',
        'f/node_modules/dep/package.json': '{"main":"a.js"}',
        'f/node_modules/dep/a.js': 'module.exports = "ok"',
      },
    ],
    [
      'a package that all functions share',
      'f',
      {
        'f/index.js': 'import x from "dep"; export default () => new Response(x)',
        'node_modules/dep/index.js': 'module.exports = "ok"',
      },
    ],
    [
      'conditional exports',
      'f.js',
      {
        'f.js': 'import x from "dep"; export default () => new Response(x)',
        'node_modules/dep/package.json': '{"exports":{"node":"./n.js","worker":"./w.js","default":"./d.js"}}',
        'node_modules/dep/w.js': 'export default "ok"',
      },
    ],
    [
      'JSON and text',
      'f.js',
      {
        'f.js': 'import { x } from "./x.json"; import t from "./t.txt"; export default () => new Response(x + t)',
        'x.json': '{"x":"o"}',
        't.txt': 'k',
      },
    ],
    [
      'top-level await',
      'f.js',
      { 'f.js': 'const x = await Promise.resolve("ok"); export default () => new Response(x)' },
    ],
    [
      'top-level await in an import',
      'f.js',
      {
        'f.js': 'import { x } from "./x.js"; export default () => new Response(x)',
        'x.js': 'export const x = await (async () => "ok")()',
      },
    ],
    [
      'decorators of old',
      'f',
      {
        'f/index.ts':
          'function d(t: any, k: string) { t[k + "d"] = "ok" } class A { @d x() {} } export default () => new Response((new A() as any).xd)',
        'f/tsconfig.json': '{"compilerOptions":{"experimentalDecorators":true}} // comment',
      },
    ],
    [
      'paths of tsconfig',
      'f',
      {
        'f/index.ts': 'import { x } from "@/x"; export default () => new Response(x)',
        'f/src/x.ts': 'export const x = "ok"',
        'f/tsconfig.json': '{"compilerOptions":{"paths":{"@/*":["./src/*"],}}}',
      },
    ],
    [
      'tsconfig that extends another',
      'f',
      {
        'f/index.ts': 'import { x } from "@/x"; export default () => new Response(x)',
        'f/src/x.ts': 'export const x = "ok"',
        'f/tsconfig.json': '{"extends":"./base.json"}',
        'f/base.json': '{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}',
      },
    ],
    [
      'NODE_ENV',
      'f.js',
      { 'f.js': 'export default () => new Response(process.env.NODE_ENV === "production" ? "ok" : "no")' },
    ],
    [
      'decorators of the language',
      'f.ts',
      {
        'f.ts':
          'function d(_: unknown, c: { name: string | symbol }) { return () => c.name } class A { @d ok() {} } export default () => new Response(String(new A().ok()))',
      },
    ],
    [
      'what a package has in place of files and modules for browsers',
      'f.js',
      {
        'f.js': 'import x from "dep"; export default () => new Response(x)',
        'node_modules/dep/package.json': '{"main":"m.js","browser":{"./m.js":"./b.js","fs":false}}',
        'node_modules/dep/m.js': 'module.exports = "no"',
        'node_modules/dep/b.js': 'module.exports = require("fs").readFileSync ? "no" : "ok"',
      },
    ],
    [
      'what a package switches off for browsers, whether it is there or not',
      'f.js',
      {
        'f.js': 'import x from "dep"; export default () => new Response(x)',
        'node_modules/dep/package.json':
          '{"browser":{"./lib/node.js":false,"./gone.js":false,"./folder":false,"other":false,"absent":false}}',
        'node_modules/dep/index.js':
          'const all = [require("./lib/node"), require("./lib/node.js"), require("./gone"), require("./folder"), require("other"), require("absent")];' +
          'module.exports = all.every((x) => Object.keys(x).length === 0) && require("./lib/other").a ? "ok" : JSON.stringify(all)',
        'node_modules/dep/lib/node.js': 'exports.no = 1',
        'node_modules/dep/lib/other.js': 'exports.a = require("./node.mjs")',
        'node_modules/dep/lib/node.mjs': 'export const here = 1',
        'node_modules/dep/folder/index.js': 'exports.no = 2',
        'node_modules/other/index.js': 'exports.no = 3',
      },
    ],
    [
      'a package that looks for require before it uses it',
      'f.js',
      {
        'f.js': 'import "./umd.js"; export default () => new Response(globalThis.found)',
        'umd.js':
          '!function (factory) { typeof exports === "object" && typeof require === "function" ? factory(require("./x.js")) : factory("no") }((x) => { globalThis.found = x })',
        'x.js': 'module.exports = "ok"',
      },
    ],
    [
      'names that Node has everywhere',
      'f.ts',
      {
        'f.ts':
          'import { x } from "./x.js"; export default async () => { const { promise, resolve } = Promise.withResolvers(); setImmediate(resolve, x); return new Response(typeof process.nextTick === "function" ? await promise : "no") }',
        'x.js':
          'const own = ((process) => process)("o"); export const x = global === globalThis && typeof Buffer === "function" ? own + Buffer.from("6b", "hex") : "no"',
      },
    ],
    [
      'names that Node has everywhere, with top-level await',
      'f.js',
      { 'f.js': 'const x = await Buffer.from("ok"); export default () => new Response(String(x))' },
    ],
    [
      'names of Node that code of its own has declared, or looks for in vain',
      'f.js',
      {
        'f.js':
          'class Buffer {} export default () => new Response("no" in new Buffer() || "process" in globalThis || "Buffer" in globalThis ? "no" : "ok")',
      },
    ],
    [
      'the CommonJS form of a package, where it is required',
      'f.cjs',
      {
        'f.cjs': 'const x = require("dep"); module.exports = () => new Response(x())',
        'node_modules/dep/package.json': '{"main":"m.js","module":"e.js"}',
        'node_modules/dep/m.js': 'module.exports = () => "ok"',
        'node_modules/dep/e.js': 'export default () => "no"',
      },
    ],
    [
      'modules that are asked for only where they are',
      'f.js',
      {
        'f.js':
          'let fs; try { fs = require("_tls_wrap") } catch { fs = "ok" } try { await import("node:_tls_wrap") } catch {} export default () => new Response(fs)',
      },
    ],
    [
      'the whole of a built-in, and its names',
      'f.mjs',
      {
        'f.mjs':
          'import process, { env } from "node:process"; import * as all from "process"; import { Buffer } from "buffer"; import b from "buffer"; export default () => new Response(env === process.env && all.env === env && b.Buffer === Buffer && typeof process.nextTick === "function" ? "ok" : "no")',
      },
    ],
    [
      'classes of the same name',
      'f.js',
      {
        'f.js':
          'import { E as Other } from "./e.js"; class E extends Error {} export default () => new Response(E.name + Other.name === "EE" ? "ok" : E.name + Other.name)',
        'e.js': 'export class E extends Error {}',
      },
    ],
    [
      'each file\u2019s own place',
      'f/index.js',
      {
        'f/index.js':
          '"use strict"\nimport { place } from "./lib/x.js"; export default () => new Response(import.meta.url === "file:///f/index.js" && place === "file:///f/lib/x.js /f/lib/x.js /f/lib" ? "ok" : place)',
        'f/lib/x.js':
          '// import.meta\nexport const place = [import.meta.url, import.meta.filename, import.meta.dirname].join(" ")',
      },
    ],
    [
      'an import cycle',
      'f.js',
      {
        'f.js': 'import "./a.js"; export default () => new Response("ok")',
        'a.js': 'import "./b.js"; export const a = 1',
        'b.js': 'import { a } from "./a.js"; export const b = () => a',
      },
    ],
    [
      'Node built-ins that are there',
      'f.js',
      {
        'f.js':
          'import { Buffer } from "node:buffer"; import EventEmitter from "events"; import path from "path"; export default () => new Response(Buffer.from("b2s=", "base64").toString() + (typeof EventEmitter === "function" ? "" : "no") + (path.join("a", "b") === "a/b" ? "" : "no"))',
      },
    ],
  ] as [string, string, Record<string, string>][])('%s', async (_, name, files) => {
    await using folder = await temporaryFolder(files);
    expect(await answer(await bundle(folder, name))).toBe('ok');
  });

  test('JSX, with the settings of tsconfig', async () => {
    await using folder = await temporaryFolder({
      'f/index.tsx': 'export default () => new Response(String(<b id="x">ok</b>))',
      'f/tsconfig.json': '{"compilerOptions":{"jsx":"react-jsx","jsxImportSource":"tiny"}}',
      'f/node_modules/tiny/jsx-runtime.js': 'export const jsx = (t, { children, id }) => `<${t} id=${id}>${children}`',
    });
    expect(await answer(await bundle(folder, 'f'))).toBe('<b id=x>ok');
  });

  test('a graph of a thousand files', async () => {
    const files: Record<string, string> = {
      'f/index.js': 'import { next } from "./m0.js"; export default () => new Response(String(next()))',
    };
    for (let index = 0; index < 1_000; index += 1) {
      files[`f/m${index}.js`] =
        `import { next as n } from "./m${(index + 1) % 1_000}.js"; export const next = () => ${index === 999 ? '"ok"' : 'n()'};`;
    }
    await using folder = await temporaryFolder(files);
    const output = await bundle(folder, 'f');
    expect(output.inputs).toHaveLength(1_001);
    expect(await answer(output)).toBe('ok');
  });

  test('code without a file, which can import packages and nothing else', async () => {
    await using folder = await temporaryFolder({
      'node_modules/dep/index.js': 'module.exports = "ok"',
      'secret.js': 'export default "secret"',
    });
    const source = (code: string): Overrides => ({ code: { source: code, language: 'ts' } });
    expect(
      await answer(await bundle(folder, 'x', source('import x from "dep"; export default () => new Response(x)'))),
    ).toBe('ok');
    expect(
      await answer(await bundle(folder, 'x', source('const x = await "ok"; export default () => new Response(x)'))),
    ).toBe('ok');
    expect(await refusal(folder, 'x', source('import "./secret.js"'))).toContain('inside of its root');
    expect(await refusal(folder, 'x', source(`import "${folder.file('secret.js')}"`))).toContain('inside of its root');
  });
});

describe('a bundle', () => {
  test('comes with its map, hash and sizes', async () => {
    await using folder = await temporaryFolder({
      'f/index.ts': 'import { x } from "./x.ts";\nexport default () => new Response(x)',
      'f/x.ts': 'export const x = "1";',
    });
    const output = await bundle(folder, 'f');
    const map = JSON.parse(output.sourceMap) as { sources: string[]; sourcesContent: string[] };
    expect(map.sources.toSorted()).toEqual(['f/index.ts', 'f/x.ts']);
    expect(map.sourcesContent.join('\n')).toContain('import { x }');
    expect(output.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(output.sizes).toSorted()).toEqual(['f/index.ts', 'f/x.ts']);
    expect(output.sizes['f/x.ts']).toBeGreaterThan(5);
    expect(output.source).not.toContain(folder.path);
  });

  test('is the same for the same sources, another for others', async () => {
    await using folder = await temporaryFolder({ 'f.js': 'export default 1', 'g.js': 'export default 2' });
    const [one, again, two] = [
      await bundle(folder, 'f.js'),
      await bundle(folder, 'f.js'),
      await bundle(folder, 'g.js'),
    ];
    expect(one.hash).toBe(again.hash);
    expect(one.hash).not.toBe(two.hash);
  });

  test('has errors that point into the sources', async () => {
    await using folder = await temporaryFolder({
      'f.ts': '// one\nfunction fail(): never {\n  throw new Error("x");\n}\nexport default () => fail();',
    });
    await using sandbox = await testSandbox();
    const { ending } = await invoke(sandbox, { ...functionOf(''), bundle: await bundle(folder, 'f.ts') });
    const stack = ending.outcome.kind === 'exception' ? ending.outcome.error.stack : '';
    expect(stack.split('\n').map((line) => line.trim())).toEqual([
      'at fail (f.ts:3:9)',
      expect.stringContaining('(f.ts:5:22)'),
    ]);
  });
});

describe('an error', () => {
  test('has file, line, column and the code around it', async () => {
    await using folder = await temporaryFolder({ 'f.ts': 'const a = 1;\nconst b = ;\n' });
    expect(await refusal(folder, 'f.ts')).toBe(
      'f.ts could not be bundled\nf.ts:2:11: Unexpected ";"\n  2 | const b = ;\n    |           ^',
    );
  });

  test('names a missing package and what to do', async () => {
    await using folder = await temporaryFolder({ 'f.ts': 'import "nope"' });
    expect(await refusal(folder, 'f.ts')).toMatch(/f\.ts:1:8: Could not resolve "nope"\n.*npm install nope/);
  });

  test('names a missing built-in, who wants it, and what to do', async () => {
    await using folder = await temporaryFolder({
      'f/index.js': 'import "./lib.js"',
      'f/lib.js': 'import "dep"',
      'f/node_modules/dep/index.js': 'require("./inner")',
      'f/node_modules/dep/inner.js': 'require("_tls_common")',
    });
    const message = await refusal(folder, 'f');
    expect(message).toContain('f imports "_tls_common", which is not available to functions');
    expect(message).toContain(
      'imported by f/index.js -> f/lib.js -> f/node_modules/dep/index.js -> f/node_modules/dep/inner.js -> _tls_common',
    );
    expect(message).toContain('node:buffer');
  });

  test.each(['_tls_wrap', '_http_common', 'node:nonsense', 'node:sea'])(
    'names the built-in %s, whatever else is missing',
    async (name) => {
      await using folder = await temporaryFolder({
        'f/index.js': 'import "./lib.js"; import "./gone.js"; import "nope"',
        'f/lib.js': `import "${name}"`,
      });
      const message = await refusal(folder, 'f');
      expect(message).toContain(`f imports "${name}", which is not available to functions`);
      expect(message).toContain(`imported by f/index.js -> f/lib.js -> ${name}`);
      expect(message).toContain('npm install nope');
      expect(message).not.toContain(`npm install ${name}`);
    },
  );

  test('of code without a file names it, too', async () => {
    await using folder = await temporaryFolder({ 'node_modules/dep/index.js': 'require("_tls_wrap")' });
    const code = { source: 'const x = 1;\nimport "dep";\nconst y = ;', language: 'ts' } as const;
    expect(await refusal(folder, 'x', { code })).toContain('x.ts:3:11: Unexpected ";"');
    const other = { source: 'import "dep"', language: 'ts' } as const;
    expect(await refusal(folder, 'x', { code: other })).toContain(
      'imported by x.ts -> node_modules/dep/index.js -> _tls_wrap',
    );
    const located = await bundle(folder, 'x', {
      code: { source: 'export default () => { throw new Error("x") }', language: 'ts' },
    });
    expect(JSON.parse(located.sourceMap)).toMatchObject({ sources: ['x.ts'] });
  });

  test('of a package that asks for modules with a slash at their end', async () => {
    await using folder = await temporaryFolder({
      'f.js': 'import "dep"',
      'node_modules/dep/index.js': 'require("punycode/"); require("_tls_common")',
    });
    expect(await refusal(folder, 'f.js')).toContain('imported by f.js -> node_modules/dep/index.js -> _tls_common');
  });

  test.each([
    ['dep/x', { 'node_modules/dep/package.json': '{"exports":{".":"./i.js"}}' }, '"./x" is not exported'],
    ['@scope/dep/x', {}, 'npm install @scope/dep"'],
    ['nope/x', {}, 'npm install nope"'],
    ['#x', {}, '"imports" of the package.json'],
    ['./X.js', { 'x.js': '' }, 'upper and lower case'],
  ] as [string, Record<string, string>, string][])('says what to do about %s', async (name, files, text) => {
    await using folder = await temporaryFolder({ 'f.js': `import "${name}"`, ...files });
    expect(await refusal(folder, 'f.js')).toContain(text);
  });

  test('is told once', async () => {
    await using folder = await temporaryFolder({ 'f.js': 'import "./x.png"; import y from "./x.png"', 'x.png': '' });
    expect((await refusal(folder, 'f.js')).match(/neither code/g)).toHaveLength(1);
  });

  test.each([
    ['nothing there', 'f', {}, 'there is no such file or folder'],
    ['a folder without a beginning', 'f', { 'f/x.txt': '' }, 'neither a package.json'],
    [
      'a main that is not there',
      'f',
      { 'f/package.json': '{"main":"x.js"}' },
      '"main": "x.js", but there is no such file',
    ],
    ['a package.json that is none', 'f', { 'f/package.json': '{', 'f/index.js': '' }, 'package.json is not valid JSON'],
    [
      'a tsconfig.json that is none',
      'f',
      { 'f/tsconfig.json': '{"a":', 'f/index.js': '' },
      'tsconfig.json is not valid',
    ],
    ['a file of another kind', 'f.png', { 'f.png': 'x' }, 'a function is a file with one of the endings'],
    ['an import of another kind', 'f.js', { 'f.js': 'import "./x.png"', 'x.png': '' }, 'neither code, JSON nor text'],
    ['an import from the network', 'f.js', { 'f.js': 'import "https://example.org/x.js"' }, 'only files and packages'],
  ] as [string, string, Record<string, string>, string][])('is clear about %s', async (_, name, files, text) => {
    await using folder = await temporaryFolder(files);
    expect(await refusal(folder, name)).toContain(text);
  });
});

describe('imports may not leave the root', () => {
  const outside = 'inside of its root';

  test.each([
    ['../', 'import x from "../secret.js"'],
    ['many ../', 'import x from "../../../../../../../../etc/hostname"'],
    ['an absolute path', 'import x from "/etc/hostname"'],
    ['require', 'require("../secret.js")'],
    ['require.resolve and new URL are no ways in', 'import(`../secret.js`)'],
    ['a file: URL', 'import x from "file:///etc/hostname"'],
  ])('by %s', async (_, code) => {
    await using folder = await temporaryFolder({
      'f/index.js': `${code}\nexport default 1`,
      'secret.js': 'export default "secret"',
    });
    expect(await refusal(folder, 'f')).toMatch(/inside of its root|Could not resolve/);
  });

  test('by a symbolic link to a file or a folder', async () => {
    await using folder = await temporaryFolder({
      'f/index.js': 'import "./link.js"',
      'g/index.js': 'import "./dir/secret.js"',
      'out/secret.js': 'export default "secret"',
    });
    await symlink(folder.file('out/secret.js'), folder.file('f/link.js'));
    await symlink(folder.file('out'), folder.file('g/dir'));
    expect(await refusal(folder, 'f')).toContain(outside);
    expect(await refusal(folder, 'g')).toContain(outside);
  });

  test('by a linked package', async () => {
    await using folder = await temporaryFolder({
      'f/index.js': 'import "dep"',
      'f/node_modules/x/index.js': '',
      'out/index.js': '',
    });
    await symlink(folder.file('out'), folder.file('f/node_modules/dep'));
    expect(await refusal(folder, 'f')).toContain(outside);
  });

  test('by package.json, tsconfig.json or a computed import', async () => {
    await using folder = await temporaryFolder({
      'a/package.json': '{"main":"../secret.js"}',
      'b/index.js': 'import "dep"',
      'b/node_modules/dep/package.json': '{"main":"../../../secret.js"}',
      'c/index.ts': 'import "@/secret.js"',
      'c/tsconfig.json': '{"compilerOptions":{"paths":{"@/*":["../*"]}}}',
      'd/index.js': 'export default (name) => require("../out/" + name)',
      'e/package.json': '{"imports":{"#x":"../secret.js"}}',
      'e/index.js': 'import "#x"',
      'out/secret.js': 'export default "secret"',
      'secret.js': 'export default "secret"',
    });
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const message = await refusal(folder, name);
      expect(message).toMatch(/inside of its root|Could not resolve|Invalid/);
      expect(message).not.toContain('"secret"');
    }
  });

  test('by what tsconfig.json extends: it is left out, with a warning', async () => {
    await using folder = await temporaryFolder({
      'f/index.ts': 'export default 1',
      'f/tsconfig.json': '{"extends":"../base.json"}',
      'base.json': '{"compilerOptions":{"jsx":"preserve"}}',
    });
    const { warnings } = await bundle(folder, 'f');
    expect(warnings.map(({ text }) => text).join()).toContain("not in the function's root");
  });

  test('into a package of the tenant next door', async () => {
    await using folder = await temporaryFolder({
      'one/f.js': 'import "../two/node_modules/dep"',
      'two/node_modules/dep/index.js': '',
    });
    expect(await refusal(folder, 'one/f.js')).toContain(outside);
  });
});

describe('files outside of the root are not read', () => {
  const secret = 'sesame-open-thyself';

  test.each([
    ['a source map', (path: string) => `export default () => new Response("x")\n//# sourceMappingURL=${path}`],
    [
      'the sources of a source map',
      (path: string) => {
        const map = JSON.stringify({ version: 3, sources: [path], names: [], mappings: 'AAAA' });
        return `export default () => new Response("x") //# sourceMappingURL=data:application/json;base64,${btoa(map)}`;
      },
    ],
  ])('as %s', async (_, code) => {
    await using folder = await temporaryFolder({ 'secret.js': secret, 'f/index.js': '' });
    for (const path of [folder.file('secret.js'), '../secret.js']) {
      await writeFile(folder.file('f/index.js'), code(path));
      expect(JSON.stringify(await bundle(folder, 'f'))).not.toContain(secret);
      const inMemory = { code: { source: code(path), language: 'js' } as const, base: folder.file('f') };
      expect(JSON.stringify(await bundle(folder, 'x', inMemory))).not.toContain(secret);
    }
  });

  test('and what such a comment says in a string stays as it is', async () => {
    await using folder = await temporaryFolder({
      'f.js': 'export default () => new Response("//# sourceMappingURL=a" + `//# sourceMappingURL=b`)',
    });
    expect(await answer(await bundle(folder, 'f.js'))).toBe('//# sourceMappingURL=a//# sourceMappingURL=b');
  });
});

describe('modules are strict by the language', () => {
  const code =
    'export default () => { let own; (function () { own = this })(); return new Response(String(own === undefined)) }';

  test('those of a function are', async () => {
    await using folder = await temporaryFolder({ 'f.js': `import path from "node:path"; void path; ${code}` });
    expect(await answer(await bundle(folder, 'f.js'))).toBe('true');
  });

  test('and so are they beside an await at their top', async () => {
    await using folder = await temporaryFolder({ 'f.js': `await 0; ${code}` });
    expect(await answer(await bundle(folder, 'f.js'))).toBe('true');
  });

  test('but beside CommonJS, which is not, all is as that needs it', async () => {
    await using folder = await temporaryFolder({
      'f.js': `import undeclared from "./old.cjs"; export default () => new Response(undeclared)`,
      'old.cjs': 'found = "ok"; module.exports = found',
    });
    expect(await answer(await bundle(folder, 'f.js'))).toBe('ok');
  });
});

test('nothing of the host is within reach: require and process are those of the runtime', async () => {
  await using folder = await temporaryFolder({
    'f.js': `export default () => {
        const codeOf = (action) => { try { action() } catch (error) { return error.code } };
        const code = codeOf(() => require(['_tls_', 'wrap'].join('')));
        const { env, binding, mainModule, dlopen, kill, getBuiltinModule } = process;
        return Response.json([code, Object.keys(env), binding, mainModule, dlopen, kill, getBuiltinModule, require.main, require.cache, require.resolve]);
      }`,
  });
  const nothing = Array.from({ length: 8 }, () => null);
  expect(JSON.parse(await answer(await bundle(folder, 'f.js')))).toEqual(['MODULE_NOT_FOUND', [], ...nothing]);
});

describe('functions of Node find their place', () => {
  test.each([
    ['in CommonJS', 'exports.x = () => __filename + " " + __dirname'],
    [
      'after a directive without semicolon',
      '"use strict"\nconst a = __filename; exports.x = () => a + " " + __dirname',
    ],
    [
      'after comments',
      '#!/usr/bin/env node\n/* a */ // b\nconst { x } = { x: () => `${__filename} ${__dirname}` }\nmodule.exports = { x }',
    ],
    [
      'with text that looks like a module',
      'const text = `\nimport x from "y"\n`\nexports.x = () => __filename + " " + __dirname',
    ],
  ])('%s', async (_, code) => {
    await using folder = await temporaryFolder({
      'f.js': 'const { x } = require("./lib/y"); module.exports = { handler: () => `${x()} ${__filename}` }',
      'lib/y.js': code,
    });
    const output = await bundle(folder, 'f.js', { nodeGlobals: true });
    await using sandbox = await testSandbox();
    const { text } = await invoke(sandbox, {
      ...functionOf('', {}, { dialect: { name: 'kubeless', settings: { handler: 'handler' } } }),
      bundle: output,
    });
    expect(text).toBe('/kubeless/lib/y.js /kubeless/lib /kubeless/f.js');
  });

  test('and what is missing fails where it is asked for', async () => {
    await using folder = await temporaryFolder({
      'f.js':
        'const lazy = (name) => { try { return name() } catch (e) { return e.code } }; module.exports = () => [lazy(() => require("_tls_wrap")), lazy(() => require("nope")), lazy(() => require("./gone")), lazy(() => require("a" + "b"))].join()',
    });
    const output = await bundle(folder, 'f.js', { nodeGlobals: true });
    await using sandbox = await testSandbox();
    const { text } = await invoke(sandbox, {
      ...functionOf('', {}, { dialect: { name: 'kubeless', settings: { handler: 'handler' } } }),
      bundle: output,
    });
    expect(text).toBe(Array.from({ length: 4 }, () => 'MODULE_NOT_FOUND').join());
  });
});

describe('hostile sources', () => {
  test('of 200 MB are refused by their size', async () => {
    await using folder = await temporaryFolder({ 'f.js': 'x' });
    await truncate(folder.file('f.js'), 200_000_000);
    expect(await refusal(folder, 'f.js')).toContain('"f.js" has 200000000 bytes');
  });

  test('in too many files, or too many bytes together, are refused', async () => {
    await using folder = await temporaryFolder({
      'f.js': 'import "./a.js"; import "./b.js"',
      'a.js': '"a".length',
      'b.js': '"b".length',
    });
    expect(await refusal(folder, 'f.js', { limits: { sourceFiles: 2 } })).toContain('over 2 source files');
    expect(await refusal(folder, 'f.js', { limits: { sourceBytes: 40 } })).toContain('over 40 bytes together');
  });

  test('that become too large a bundle are refused, with the largest parts', async () => {
    await using folder = await temporaryFolder({
      'f.js': 'import t from "./t.txt"; export default t + t',
      't.txt': 'x'.repeat(3_000),
    });
    expect(await refusal(folder, 'f.js', { limits: { bundleBytes: 3_100 } })).toMatch(
      /the bundle has \d+ bytes; 3100 are allowed .*t\.txt/,
    );
  });

  test('that take too long are given up, and the next function is not harmed', async () => {
    await using folder = await temporaryFolder({
      'f.js': 'export default (x) => require("../../" + x)',
      'ok.js': 'export default 1',
    });
    expect(await refusal(folder, 'f.js', { limits: { timeMs: 500 } })).toContain('over 500 ms');
    await bundle(folder, 'ok.js');
  });

  test('that take long do not hold up the others', async () => {
    await using folder = await temporaryFolder({
      'slow.js': 'export default (x) => require("../../" + x)',
      'quick.js': 'export default 1',
    });
    const single = createBundler({ workers: 1 });
    const order: string[] = [];
    await Promise.all(
      ['slow.js', 'quick.js'].map(async (name) => {
        await single.bundle(requestFor(folder, name, { limits: { timeMs: 5_000 } })).catch(() => {});
        order.push(name);
      }),
    );
    await single.close();
    expect(order).toEqual(['quick.js', 'slow.js']);
  });

  test('that take too much memory are given up', async () => {
    const small = createBundler({ memoryBytes: 250 * 2 ** 20 });
    await using folder = await temporaryFolder({
      'f.js': `export default ${'['.repeat(3e6)}${']'.repeat(3e6)}`,
      'ok.js': 'export default 1',
    });
    await expect(small.bundle(requestFor(folder, 'f.js'))).rejects.toThrow('250 MiB of memory');
    await small.bundle(requestFor(folder, 'ok.js'));
    await small.close();
  });

  test('that are no files are refused', async () => {
    await using folder = await temporaryFolder({ 'f.js': 'import "./pipe.js"' });
    await promisify(execFile)('mkfifo', [folder.file('pipe.js')]);
    expect(await refusal(folder, 'f.js')).toContain('"pipe.js" is not a regular file');
  });

  test('with a package.json like a plugin are data', async () => {
    await using folder = await temporaryFolder({
      'f/package.json':
        '{"main":"index.js","esbuild":{"plugins":["./evil.js"]},"browser":{"./index.js":"./other.js"},"sideEffects":["../*"],"type":5,"exports":{"./*":null}}',
      'f/index.js': 'export default () => new Response("ok")',
      'f/other.js': 'export default () => new Response("other")',
      'f/evil.js': 'throw new Error("ran")',
    });
    expect(await answer(await bundle(folder, 'f'))).toBe('ok');
  });

  test('never run while they are bundled', async () => {
    await using folder = await temporaryFolder({});
    const marker = folder.file('ran');
    await writeFile(
      folder.file('f.js'),
      `require("fs").writeFileSync(${JSON.stringify(marker)}, "x"); globalThis.ran = true`,
    );
    await bundle(folder, 'f.js');
    await expect(access(marker)).rejects.toThrow('ENOENT');
    expect((globalThis as { ran?: boolean }).ran).toBeUndefined();
  });
});

test('closing ends what is under way, and every process', async () => {
  const own = createBundler();
  await using folder = await temporaryFolder({ 'f.js': 'export default (x) => require("../../" + x)' });
  const pending = own.bundle(requestFor(folder, 'f.js'));
  await Promise.all([expect(pending).rejects.toThrow('closed'), own.close()]);
  await expect(own.bundle(requestFor(folder, 'f.js'))).rejects.toThrow('closed');
});
