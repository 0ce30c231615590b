#!/usr/bin/env node
/** The command line's entry: has Node keep what it compiles of isohost, which halves the time to load it, and loads the rest. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { makeCacheFolder } from '../sandbox/cache-folder.ts';
import { defaultCacheFolder } from './cache-folder.ts';

const folder = process.env['ISOHOST_CACHE_FOLDER'] ?? defaultCacheFolder(process.env);
if (folder !== '') {
  try {
    makeCacheFolder(folder);
    enableCompileCache(join(folder, 'node'));
  } catch {
    // The host says why, where it has a log.
  }
}

/** Commands whose start-up somebody waits for. */
const serving: readonly (string | undefined)[] = ['start', 'kubeless'];

async function bundledCommandLine(): Promise<string | undefined> {
  if (!import.meta.url.endsWith('.ts') || !serving.includes(process.argv[2])) return undefined;
  try {
    const { checkoutCommandLine } = await import('../bundler/checkout-processes.ts');
    return await checkoutCommandLine();
  } catch {
    // The sources do as well, only slower.
    return undefined;
  }
}

const bundled = await bundledCommandLine();
await (bundled === undefined ? import('./command-line.ts') : import(bundled));
