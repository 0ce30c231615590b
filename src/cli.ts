#!/usr/bin/env node
/**
 * The command line's entry: has Node keep what it compiles of isohost, which halves the time to load it, starts the first cell where one will be
 * needed, and loads the rest meanwhile.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { makeCacheFolder } from '../sandbox/cache-folder.ts';
import type { SpawnedCell } from '../sandbox/index.ts';
import { defaultCacheFolder } from './cache-folder.ts';

interface SpawnModule {
  spawnCell(): SpawnedCell;
}

interface CommandLineModule {
  runCommandLine(firstCell: SpawnedCell | undefined): Promise<void>;
}

const folder = process.env['ISOHOST_CACHE_FOLDER'] ?? defaultCacheFolder(process.env);
if (folder !== '') {
  try {
    makeCacheFolder(folder);
    enableCompileCache(join(folder, 'node'));
  } catch {
    // The host says why, where it has a log.
  }
}

const [command, ...rest] = process.argv.slice(2);
/** One of the commands whose start-up somebody waits for. */
const isServing = ['start', 'kubeless'].includes(command ?? '') && !rest.includes('--help') && !rest.includes('-h');

/** Where the modules of the command line are. */
async function bundledRoot(): Promise<URL | undefined> {
  if (!import.meta.url.endsWith('.ts') || !isServing) return undefined;
  try {
    const { checkoutProcesses } = await import('../bundler/checkout-processes.ts');
    return await checkoutProcesses();
  } catch {
    // The sources do as well, only slower.
    return undefined;
  }
}

/** Whether there will be cells, as far as can be told before anything is loaded. Where that is wrong, one has been started for nothing. */
function expectsCells(): boolean {
  if (!isServing || process.env['ISOHOST_CELLS'] === '0') return false;
  return !rest.some((word, index) => word === '--cells=0' || (word === '--cells' && rest[index + 1] === '0'));
}

async function startCell(root: URL | undefined): Promise<SpawnedCell | undefined> {
  if (!expectsCells()) return undefined;
  try {
    const { spawnCell } = (await (root === undefined
      ? import('../sandbox/cells/spawn-cell.ts')
      : import(new URL('sandbox/cells/spawn-cell.js', root).href))) as SpawnModule;
    return spawnCell();
  } catch {
    // The sandbox will try it again, and say why it cannot be.
    return undefined;
  }
}

const root = await bundledRoot();
const firstCell = await startCell(root);
const { runCommandLine } = (await (root === undefined
  ? import('./command-line.ts')
  : import(new URL('src/command-line.js', root).href))) as CommandLineModule;
await runCommandLine(firstCell);
