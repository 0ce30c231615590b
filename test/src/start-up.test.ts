/** What `isohost start` does not load before it is ready: whoever waits for it waits for all that it loads. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { processTree } from '../../bundler/process-tree.ts';
import { cli } from '../support/cli.ts';
import { temporaryFolder } from '../support/files.ts';

const hook = fileURLToPath(new URL('../support/loaded-modules.js', import.meta.url));
const hello = 'export default () => new Response("hello");';

interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** Resolves when it has written the text. */
  wrote(text: string): Promise<void>;
}

async function serve(folder: string, env: Record<string, string>, ...options: string[]): Promise<Server> {
  const child = spawn(process.execPath, ['--import', hook, cli, 'start', '--port', '0', ...options], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const wrote = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(output);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await wrote('ready ');
  return {
    pid: child.pid!,
    url: /^ready (\S+)$/m.exec(output)![1]!,
    wrote,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('a server that is ready has loaded nothing that only answers need', async () => {
  await using folder = await temporaryFolder({ 'functions/hello.js': hello });
  const env = { ISOHOST_CACHE_FOLDER: folder.file('cache'), LOADED_MODULES: folder.file('loaded') };
  // The first start bundles, and makes what later ones find.
  await (await serve(folder.path, env))[Symbol.asyncDispose]();
  await using server = await serve(folder.path, env);
  const listed = async (when: string): Promise<string[]> =>
    Array.from(
      (await readFile(folder.file(`loaded.${when}`), 'utf8')).matchAll(/^NativeModule (.+)$/gm),
      ([, name]) => name!,
    );
  const lazy = [
    'internal/deps/undici/undici',
    'internal/deps/amaro/dist/index',
    'http2',
    'https',
    'tls',
    'inspector',
    'sqlite',
  ];
  const atReady = await listed('ready');
  expect(atReady).toContain('http');
  expect(atReady.filter((name) => lazy.includes(name))).toEqual([]);
  // It is the same list when something has been called, and then `fetch` is in it.
  expect(await (await fetch(`${server.url}/hello`)).text()).toBe('hello');
  process.kill(server.pid, 'SIGUSR2');
  await server.wrote('told');
  expect(await listed('later')).toContain('internal/deps/undici/undici');
});

test('a server without cells ends the one that was started before it knew', async () => {
  await using folder = await temporaryFolder({
    'functions/hello.js': hello,
    'isohost.config.json': '{"isolation":{"cells":0}}',
  });
  const env = { ISOHOST_CACHE_FOLDER: folder.file('cache'), LOADED_MODULES: folder.file('loaded') };
  await using server = await serve(folder.path, env);
  expect(await (await fetch(`${server.url}/hello`)).text()).toBe('hello');
  const states = processTree(server.pid)
    .slice(1)
    .map(async (pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  // A process that nobody takes note of has no command any more, and would be listed for ever.
  expect((await Promise.all(states)).filter((command) => command === '' || command.includes('cell'))).toEqual([]);
});
