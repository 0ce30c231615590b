/** The package as users get it: packed, installed in an empty project, and used under each Node version that it supports. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../support/files.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const timeout = 240_000;

/** npm as a user calls it: not as the npm that runs these tests has been set up. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'NODE_ENV'),
) as Record<string, string>;

let project: TemporaryFolder;

beforeAll(async () => {
  project = await temporaryFolder({
    'package.json': '{"name":"empty","private":true,"type":"module"}',
    'functions/hello.ts': 'export default (): Response => new Response("Hello");',
    'use.mjs': `
      import { createHost, createApp, HostError } from 'isohost';
      const host = await createHost({ memoryMiB: 64 });
      await host.deploy({ name: 'hello', source: 'export default (r: Request) => new Response("Hello from " + atob(btoa(new URL(r.url).pathname)))' });
      const response = await createApp(host).request('/hello/x');
      console.log(process.version, await response.text());
      const error = await host.deploy({ name: 'a b', source: '' }).catch((e) => e);
      console.log(error instanceof HostError, error.code);
      await host.close();`,
    'start.mjs': `
      import { spawn } from 'node:child_process';
      const child = spawn(process.execPath, ['node_modules/isohost/dist/src/cli.js', 'start', '--port', '0'], { stdio: ['ignore', 'inherit', 'pipe'] });
      let output = '';
      child.stderr.on('data', async (chunk) => {
        const wasReady = output.includes('ready ');
        output += chunk;
        const url = /^ready (\\S+)$/m.exec(output)?.[1];
        if (wasReady || url === undefined) return;
        console.log(await (await fetch(url + '/hello')).text());
        child.kill('SIGTERM');
      });
      child.on('exit', (code) => console.log('exit', code));`,
    'types.ts': `
      import { createApp, createHost, defineConfig, type Host, type InvocationRecord, type Outcome } from 'isohost';
      const host: Host = await createHost({ onInvocation: (record: InvocationRecord) => void (record.outcome satisfies Outcome) });
      const status: number = (await createApp(host).request('/x')).status;
      // @ts-expect-error a number
      await createHost({ memoryMiB: '64' });
      export default defineConfig({ port: status, functions: { f: { cpuTimeMs: 5 } } });`,
    'tsconfig.json':
      '{"compilerOptions":{"module":"nodenext","target":"esnext","strict":true,"skipLibCheck":false,"noEmit":true,"types":["node"]},"files":["types.ts"]}',
  });
  await run('npm', ['run', 'build'], { cwd: root, env });
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project.path], {
    cwd: root,
    env,
  });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', project.file(packed.filename)], {
    cwd: project.path,
    env,
  });
}, timeout);
afterAll(() => project[Symbol.asyncDispose]());

/** Where Node of a major version is. */
async function nodeOf(major: number): Promise<string> {
  if (process.version.startsWith(`v${major}.`)) return process.execPath;
  const print = ['node', '-p', 'process.execPath'];
  const { stdout } = await run('npm', ['exec', '--yes', '--package', `node@${major}`, '--', ...print], { env });
  return stdout.trim();
}

describe.each([24, 26])('under Node %i', (major) => {
  let path: string;
  beforeAll(async () => {
    path = await nodeOf(major);
  }, timeout);
  const node = async (...script: string[]): Promise<string[]> => {
    const { stdout } = await run(path, script, { cwd: project.path, env, timeout });
    return stdout.trim().split('\n');
  };

  test('embeds', { timeout }, async () => {
    expect(await node('use.mjs')).toEqual([
      expect.stringMatching(new RegExp(`^v${major}\\..* Hello from /hello/x$`)),
      'true ISOHOST_INVALID_NAME',
    ]);
  });

  test('starts', { timeout }, async () => {
    expect(await node('start.mjs')).toEqual(['Hello', 'exit 0']);
  });

  test('examines itself', { timeout }, async () => {
    const lines = await node('node_modules/isohost/dist/src/cli.js', 'doctor', '--only', 'escape');
    expect(lines.at(-1)).toMatch(/^Healthy: 52 attacks held/);
  });
});

test('has types that a strict project accepts', { timeout }, async () => {
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '@types/node@26'], {
    cwd: project.path,
    env,
  });
  const { stdout } = await run(`${root}node_modules/.bin/tsc`, ['-p', '.'], { cwd: project.path, env }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

test('is clean for publint', { timeout }, async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([]);
});

test('holds what is needed and no more', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, env });
  const [{ files, unpackedSize }] = JSON.parse(stdout) as [{ files: { path: string }[]; unpackedSize: number }];
  for (const { path } of files)
    expect(path).toMatch(
      /^(?:dist\/(?:src|sandbox|bundler)\/|types\/(?:function|globals|web)\.d\.ts$|dist\/config\.schema\.json$|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/,
    );
  expect(unpackedSize).toBeLessThan(4 * 2 ** 20);
});
