/** A process that makes one code cache: reads its input as JSON from stdin and writes the cache to stdout, or nothing. See code-cache.ts. */
import { text } from 'node:stream/consumers';
import { makeBundleCache } from './bundle-cache.ts';
import type { CodeCacheRequest } from './code-cache.ts';
import { isMadeForIsolates } from './inline-code-cache.ts';
import { makeWarmCache } from './warm-cache.ts';

const { kind, input } = JSON.parse(await text(process.stdin)) as CodeCacheRequest;
const cache = kind === 'runtime' ? makeWarmCache(input) : makeBundleCache(input);
process.stdout.end(isMadeForIsolates(cache) ? cache : '');
