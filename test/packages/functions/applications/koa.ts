import { Readable } from 'node:stream';
import Koa from 'koa';

const app = new Koa();
app.use(async (context, next) => {
  await next();
  context.set('x-after', String(context.status));
});
app.use((context) => {
  if (context.path === '/koa/parts') context.body = Readable.from(['one ', 'two']);
  else if (context.path === '/koa/fails') context.throw(418, 'a teapot');
  else context.body = { path: context.path, query: context.query };
});

export default app;
