/**
 * isolated-vm by itself, behind Hono: what crossing into an isolate costs at least, with nothing around it. Limits there are none but that on
 * memory. With `fresh` as third argument, each call has an isolate of its own. The functions are scripts from text to text.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import ivm from 'isolated-vm';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setEngineFlags } from '../../../sandbox/engine-flags.ts';
import { serverArguments } from './arguments.ts';
import { prelude } from './prelude.ts';

const memoryMiB = 128;

type Answering = ivm.Reference<(call: string) => string>;

setEngineFlags();
const isFresh = process.argv[4] === 'fresh';
const { port, functions } = serverArguments();
const app = new Hono();
for (const { name, file } of functions) {
  const source = prelude + readFileSync(file, 'utf8');
  const kept = isFresh ? undefined : open(source).answering;
  app.all(`/${name}`, async ({ req: { raw } }) => {
    const data: unknown = raw.method === 'POST' ? await raw.json() : undefined;
    const call = JSON.stringify({ data, authorization: raw.headers.get('authorization') ?? '' });
    return new Response(await (kept === undefined ? answerFresh(source, call) : kept.apply(undefined, [call])));
  });
}
serve({ fetch: app.fetch, hostname: '127.0.0.1', port });

function open(source: string): { isolate: ivm.Isolate; answering: Answering } {
  const isolate = new ivm.Isolate({ memoryLimit: memoryMiB });
  const context = isolate.createContextSync();
  context.evalSync(source);
  return { isolate, answering: context.global.getSync('answer', { reference: true }) as Answering };
}

function answerFresh(source: string, call: string): string {
  const { isolate, answering } = open(source);
  const answer = answering.applySync(undefined, [call]);
  // What was disposed of is freed in a turn of the event loop.
  isolate.dispose();
  return answer;
}
