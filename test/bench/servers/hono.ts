/** Functions as handlers of a Hono app: what is left when nothing is isolated. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { serverArguments } from './arguments.ts';

interface WebFunction {
  fetch(request: Request): Promise<Response>;
}

const { port, functions } = serverArguments();
const app = new Hono();
for (const { name, file } of functions) {
  const { default: fn } = (await import(file)) as { default: WebFunction };
  app.all(`/${name}`, (context) => fn.fetch(context.req.raw));
}
serve({ fetch: app.fetch, hostname: '127.0.0.1', port });
