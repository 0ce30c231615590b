// A Hono app is a function as it is. Its base path is the name of the function.
//   curl localhost:8080/todo/items
//   curl localhost:8080/todo/items/2
import { Hono } from 'hono';
import { items } from './items.ts';

const app = new Hono().basePath('/todo');

app.get('/items', (context) => context.json(items));
app.get('/items/:id', (context) => {
  const item = items.find(({ id }) => id === Number(context.req.param('id')));
  return item === undefined ? context.json({ error: 'no such item' }, 404) : context.json(item);
});

export default app;
