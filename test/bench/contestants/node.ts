/** Contestants that are servers of this folder, run by the same Node as everything else. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command, Contestant, Site } from '../contestant.ts';

const oneFunction = 'serves one function per process';
const keepsThemAll = 'keeps an isolate for each function';
const noWebPlatform = 'the engine has no Web platform';
const withoutWebPlatform = { jwt: noWebPlatform, fetch: noWebPlatform, stream: noWebPlatform };

export const nodeContestants: readonly Contestant[] = [
  {
    name: 'hono',
    title: 'Hono, plain',
    isolation: 'none: the function is part of the server',
    dialect: 'web',
    command: (site) => nodeServer('hono', site),
  },
  {
    name: 'vm',
    title: 'vm.runInNewContext (Kubeless)',
    isolation: 'none: a new context for two lines, then the server’s realm',
    dialect: 'kubeless',
    cannot: { many: oneFunction },
    command: (site) => nodeServer('kubeless', site),
  },
  {
    name: 'framework',
    title: 'Functions Framework',
    isolation: 'none: the function is part of the server',
    dialect: 'framework',
    cannot: { many: oneFunction },
    command: (site) => nodeServer('framework', site),
  },
  {
    name: 'worker',
    title: 'Worker per call',
    isolation: 'a new thread per call; it reaches files, sockets, processes',
    dialect: 'web',
    command: (site) => nodeServer('worker', site),
  },
  {
    name: 'quickjs',
    title: 'QuickJS per call',
    isolation: 'a new engine per call, in WebAssembly; interpreted',
    dialect: 'script',
    cannot: withoutWebPlatform,
    command: (site) => nodeServer('quickjs', site),
  },
  {
    name: 'ivm-kept',
    title: 'isolated-vm by itself, kept',
    isolation: 'one V8 isolate for all calls; a limit on memory, no Web platform',
    dialect: 'script',
    cannot: { ...withoutWebPlatform, many: keepsThemAll },
    command: (site) => nodeServer('ivm', site),
  },
  {
    name: 'ivm-fresh',
    title: 'isolated-vm by itself, fresh',
    isolation: 'a new V8 isolate per call; a limit on memory, no Web platform',
    dialect: 'script',
    cannot: withoutWebPlatform,
    command: (site) => nodeServer('ivm', site, 'fresh'),
  },
];

async function nodeServer(name: string, { folder, port, functions }: Site, ...rest: string[]): Promise<Command> {
  const list = join(folder, 'functions.json');
  await writeFile(list, JSON.stringify(functions));
  return {
    file: process.execPath,
    args: [fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url)), String(port), list, ...rest],
  };
}
