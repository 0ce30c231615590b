#!/usr/bin/env node
/**
 * The command line of a checkout. It is JavaScript, and lets Node keep what it makes of `cli.ts` beside the packages of the checkout: to load
 * what Node needs for TypeScript takes longer than all else of a process that has nothing to do.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Whoever can write there can write to the packages themselves.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/isohost/node', import.meta.url)));
await import('./cli.ts');
