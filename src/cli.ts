#!/usr/bin/env node
/** The command line's entry: has Node keep what it compiles of isohost, which halves the time to load it, and loads the rest. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
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
await import('./command-line.ts');
