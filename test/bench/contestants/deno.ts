/** Deno, whose package brings its binary along. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Contestant } from '../contestant.ts';

const server = fileURLToPath(new URL('../servers/deno.js', import.meta.url));

export const deno: Contestant = {
  name: 'deno',
  title: 'Deno',
  isolation: 'none between functions; the process has Deno’s permissions',
  dialect: 'web',
  async command({ folder, port, functions }) {
    const list = join(folder, 'functions.json');
    await writeFile(list, JSON.stringify(functions));
    await mkdir(join(folder, 'cache'));
    return {
      file: binary(),
      args: ['run', '--no-remote', '--no-config', '--allow-read', '--allow-net=127.0.0.1', server, String(port), list],
      env: { DENO_DIR: join(folder, 'cache'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    };
  },
};

function binary(): string {
  const requireOfDeno = createRequire(createRequire(import.meta.url).resolve('deno/package.json'));
  const libc = process.platform === 'linux' ? '-glibc' : '';
  return requireOfDeno.resolve(`@deno/${process.platform}-${process.arch}${libc}/deno`);
}
