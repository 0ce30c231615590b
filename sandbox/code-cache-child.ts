/** A process that makes one code cache: reads its input as JSON from stdin and writes the cache to stdout. See code-cache.ts. */
import { text } from 'node:stream/consumers';
import { makeWarmCache, type WarmUpInput } from './warm-cache.ts';

process.stdout.end(makeWarmCache(JSON.parse(await text(process.stdin)) as WarmUpInput));
