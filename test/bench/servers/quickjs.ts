/** A fresh QuickJS runtime for every call, behind Hono. The functions are scripts from text to text. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { readFileSync } from 'node:fs';
import { type QuickJSContext, getQuickJS, shouldInterruptAfterDeadline } from 'quickjs-emscripten';
import { serverArguments } from './arguments.ts';
import { prelude } from './prelude.ts';

const memoryBytes = 128 * 2 ** 20;
const stackBytes = 1024 * 1024;
const timeMs = 30_000;

const quickjs = await getQuickJS();
const { port, functions } = serverArguments();
const app = new Hono();
for (const { name, file } of functions) {
  const source = readFileSync(file, 'utf8');
  app.all(`/${name}`, async ({ req: { raw } }) => {
    const data: unknown = raw.method === 'POST' ? await raw.json() : undefined;
    const call = JSON.stringify({ data, authorization: raw.headers.get('authorization') ?? '' });
    return new Response(answer(source, call));
  });
}
serve({ fetch: app.fetch, hostname: '127.0.0.1', port });

function answer(source: string, call: string): string {
  const runtime = quickjs.newRuntime();
  try {
    runtime.setMemoryLimit(memoryBytes);
    runtime.setMaxStackSize(stackBytes);
    runtime.setInterruptHandler(shouldInterruptAfterDeadline(Date.now() + timeMs));
    const context = runtime.newContext();
    try {
      evaluate(context, prelude);
      evaluate(context, source);
      return evaluate(context, `answer(${JSON.stringify(call)})`);
    } finally {
      context.dispose();
    }
  } finally {
    runtime.dispose();
  }
}

function evaluate(context: QuickJSContext, code: string): string {
  const handle = context.unwrapResult(context.evalCode(code));
  const value = String(context.dump(handle));
  handle.dispose();
  return value;
}
