import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  type BundleOutput,
  type Bundler,
  BundlerClosed,
  type BundleRequest,
  createBundler,
  defaultBundleLimits,
  keepBundles,
} from '../../bundler/index.ts';
import { KeptFiles } from '../../sandbox/index.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/files.ts';

const real = createBundler();
afterAll(() => real.close());

/** The clock of the file system is coarse: what is younger than that is not kept. */
const settled = () => sleep(120);

const requestFor = (folder: TemporaryFolder, name: string, overrides: Partial<BundleRequest> = {}): BundleRequest => ({
  name,
  code: { path: folder.file(name) },
  base: folder.file('functions'),
  nodeModules: [folder.file('functions/node_modules'), folder.file('shared')],
  builtins: [],
  nodeGlobals: false,
  limits: defaultBundleLimits,
  ...overrides,
});

interface Counting extends Bundler {
  made: number;
}

function keeping(folder: TemporaryFolder, during?: () => Promise<void>): Counting {
  const counting = {
    made: 0,
    async bundle(request: BundleRequest): Promise<BundleOutput> {
      counting.made += 1;
      await during?.();
      return real.bundle(request);
    },
    async close() {},
  };
  const kept = keepBundles(counting, new KeptFiles(folder.file('kept'), '.bundle'));
  return {
    ...kept,
    get made() {
      return counting.made;
    },
  };
}

const sources = {
  'kept/.keep': '',
  'functions/f/index.ts': `
    import { a } from './lib';
    import { b } from 'pack';
    import { c } from '@/deep/c';
    export default async (name: string) => new Response(a + b + c + (await import(\`./words/\${name}.ts\`)).word);`,
  'functions/f/lib/index.ts': 'export const a = "one";',
  'functions/f/src/deep/c.ts': 'export const c = "three";',
  'functions/f/words/x.ts': 'export const word = "x";',
  'functions/f/package.json': '{"main":"index.ts"}',
  'functions/f/tsconfig.json': '{"extends":"./base.json"}',
  'functions/f/base.json': '{"compilerOptions":{"baseUrl":".","paths":{"@/*":["./lib/*","./src/*"]}}}',
  'functions/node_modules/pack/package.json': '{"name":"pack","main":"lib/main.js"}',
  'functions/node_modules/pack/lib/main.js': 'exports.b = require("./two").two;',
  'functions/node_modules/pack/lib/two/index.js': 'exports.two = "two";',
  'functions/other/index.ts': 'export default () => new Response("other")',
  'shared/used-by-nobody/index.js': '',
};

async function write(folder: TemporaryFolder, name: string, content: string): Promise<void> {
  await mkdir(dirname(folder.file(name)), { recursive: true });
  await writeFile(folder.file(name), content);
}

/** Bundles once, and waits for the bundle to be kept. */
async function prepared(files: Record<string, string> = sources, name = 'functions/f'): Promise<TemporaryFolder> {
  const folder = await temporaryFolder(files);
  await settled();
  await keeping(folder).bundle(requestFor(folder, name));
  await vi.waitFor(async () => expect((await readdir(folder.file('kept'))).filter(isBundle)).toHaveLength(1));
  return folder;
}

/** Both texts too, which are no properties of its own where they are packed. */
function plain({ source, sourceMap, fileName, hash, imports, sizes, inputs, warnings }: BundleOutput) {
  return { source, sourceMap, fileName, hash, imports, sizes, inputs: inputs.toSorted(), warnings };
}

const isBundle = (name: string): boolean => name.endsWith('.bundle');

describe('a kept bundle', () => {
  test('is what the next start gets, as it was', async () => {
    await using folder = await prepared();
    const next = keeping(folder);
    const request = requestFor(folder, 'functions/f');
    expect(plain(await next.bundle(request))).toEqual(plain(await real.bundle(request)));
    expect(next.made).toBe(0);
  });

  test.each<[string, (folder: TemporaryFolder) => Promise<unknown>]>([
    ['a source, in as many letters', (folder) => write(folder, 'functions/f/lib/index.ts', 'export const a = "ONE";')],
    ['a file in front of a folder', (folder) => write(folder, 'functions/f/lib.ts', 'export const a = "file";')],
    ['a file that goes before another', (folder) => write(folder, 'functions/f/lib/index.tsx', 'export const a = 1;')],
    ['a target of "paths" that comes first', (folder) => write(folder, 'functions/f/lib/deep/c.ts', 'export let c')],
    ['one more file for a computed import', (folder) => write(folder, 'functions/f/words/y.ts', 'export const word=1')],
    ['package.json', (folder) => write(folder, 'functions/f/package.json', '{"main":"lib/index.ts"}')],
    ['what tsconfig.json extends', (folder) => write(folder, 'functions/f/base.json', '{"compilerOptions":{}}')],
    ['a package', (folder) => write(folder, 'functions/node_modules/pack/lib/main.js', 'exports.b = "2";')],
    [
      'which files a package switches off',
      (folder) =>
        write(
          folder,
          'functions/node_modules/pack/package.json',
          '{"name":"pack","main":"lib/main.js","browser":{"./lib/two/index.js":false}}',
        ),
    ],
    ['a file in a package', (folder) => write(folder, 'functions/node_modules/pack/lib/two.js', 'exports.two = 2;')],
    ['a package that is nearer', (folder) => write(folder, 'functions/f/node_modules/pack/index.js', 'exports.b = 2;')],
    ['a package of a folder for all', (folder) => write(folder, 'shared/pack/index.js', 'exports.b = 2;')],
    [
      'a package that is a link now',
      async (folder) => {
        await rename(folder.file('functions/node_modules/pack'), folder.file('functions/f/moved'));
        await symlink(folder.file('functions/f/moved'), folder.file('functions/node_modules/pack'));
      },
    ],
    [
      'where the function is',
      async (folder) => {
        await rename(folder.file('functions/f'), folder.file('functions/old'));
        await symlink(folder.file('functions/other'), folder.file('functions/f'));
      },
    ],
  ])('is made anew after a change of %s', async (_, change) => {
    await using folder = await prepared();
    await change(folder);
    const next = keeping(folder);
    await next.bundle(requestFor(folder, 'functions/f')).catch(() => {});
    expect(next.made).toBe(1);
  });

  test.each<[string, (folder: TemporaryFolder) => Promise<unknown>]>([
    ['a file was touched', (folder) => utimes(folder.file('functions/f/index.ts'), new Date(), new Date())],
    ['another function came', (folder) => write(folder, 'functions/third/index.ts', 'export default 1;')],
  ])('stays when %s', async (_, change) => {
    await using folder = await prepared();
    await change(folder);
    const next = keeping(folder);
    await next.bundle(requestFor(folder, 'functions/f'));
    expect(next.made).toBe(0);
  });

  test('is for one set of settings', async () => {
    await using folder = await prepared();
    const next = keeping(folder);
    await next.bundle(requestFor(folder, 'functions/f', { nodeGlobals: true }));
    await next.bundle(requestFor(folder, 'functions/f', { limits: { ...defaultBundleLimits, bundleBytes: 9_999 } }));
    expect(next.made).toBe(2);
  });

  test('is made anew when the file that holds it is damaged', async () => {
    await using folder = await prepared();
    const name = (await readdir(folder.file('kept'))).find(isBundle);
    const file = join(folder.file('kept'), name!);
    const content = await readFile(file);
    content[content.length - 20]! ^= 1;
    await writeFile(file, content);
    const next = keeping(folder);
    await next.bundle(requestFor(folder, 'functions/f'));
    expect(next.made).toBe(1);
  });

  test('is not waited for when a pipe is where a source was', async () => {
    await using folder = await prepared();
    await rm(folder.file('functions/f/lib/index.ts'));
    execFileSync('mkfifo', [folder.file('functions/f/lib/index.ts')]);
    const next = keeping(folder);
    await expect(next.bundle(requestFor(folder, 'functions/f'))).rejects.toThrow('is not a regular file');
  });

  test('is of code without a file, too', async () => {
    await using folder = await temporaryFolder(sources);
    await settled();
    const code = { source: 'import { b } from "pack"; export default () => new Response(b)', language: 'ts' } as const;
    const request = requestFor(folder, 'functions/f', { code });
    const first = keeping(folder);
    const output = await first.bundle(request);
    await first.close();
    const next = keeping(folder);
    expect(plain(await next.bundle(request))).toEqual(plain(output));
    await next.bundle({ ...request, code: { ...code, source: `${code.source}.` } }).catch(() => {});
    expect(next.made).toBe(1);
  });
});

describe('what is not kept', () => {
  test('is a bundle whose sources changed while it was made', async () => {
    await using folder = await temporaryFolder(sources);
    await settled();
    const first = keeping(folder, () => write(folder, 'functions/f/lib/index.ts', 'export const a = "during";'));
    await first.bundle(requestFor(folder, 'functions/f'));
    await first.close();
    expect((await readdir(folder.file('kept'))).filter(isBundle)).toEqual([]);
  });

  test('is a function that cannot be bundled', async () => {
    await using folder = await temporaryFolder({ 'kept/.keep': '', 'functions/f/index.ts': 'export default (' });
    await settled();
    const bundler = keeping(folder);
    for (const made of [1, 2]) {
      await expect(bundler.bundle(requestFor(folder, 'functions/f'))).rejects.toThrow('could not be bundled');
      expect(bundler.made).toBe(made);
    }
  });
});

test('after its end it gives nothing out', async () => {
  await using folder = await prepared();
  const next = keeping(folder);
  await next.close();
  await expect(next.bundle(requestFor(folder, 'functions/f'))).rejects.toThrow(BundlerClosed);
});
