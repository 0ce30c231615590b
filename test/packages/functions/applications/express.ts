import express, { type ErrorRequestHandler } from 'express';

const app = express();
app.use(express.json());
app.use((_request, response, next) => {
  response.set('x-middleware', 'yes');
  next();
});
app.get('/express/items/:id', (request, response) => {
  response.json({ id: request.params['id'], query: request.query });
});
app.post('/express/orders', (request, response) => {
  response.status(201).json({ ordered: request.body as unknown });
});
app.get('/express/moved', (_request, response) => response.redirect('/express/items/1'));
app.get('/express/parts', (_request, response) => {
  response.write('one ');
  setTimeout(() => response.end('two'), 1);
});
app.get('/express/fails', () => Promise.reject(new Error('no tea')));
const onError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
  response.status(500).send(error.message);
};
app.use(onError);

export default app;
