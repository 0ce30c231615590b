/** A process that makes one code cache: reads its input as JSON from stdin and writes the cache to stdout, or nothing. See code-cache.ts. */
import { text } from 'node:stream/consumers';
import { isMadeForIsolates } from './inline-code-cache.ts';
import { makeWarmCache, type WarmUpInput } from './warm-cache.ts';

const cache = makeWarmCache(JSON.parse(await text(process.stdin)) as WarmUpInput);
process.stdout.end(isMadeForIsolates(cache) ? cache : '');
