import { createError, getQuery, getRouterParam, H3, readBody, setResponseHeader } from 'h3';

const app = new H3()
  .get('/h3/users/:id', (event) => {
    setResponseHeader(event, 'x-user', 'yes');
    return { id: getRouterParam(event, 'id'), query: getQuery(event) };
  })
  .post('/h3/sum', async (event) => {
    const { numbers } = (await readBody(event)) as { numbers: number[] };
    return { sum: numbers.reduce((a, b) => a + b, 0) };
  })
  .get('/h3/forbidden', () => {
    throw createError({ status: 403, message: 'not you' });
  });

export default { fetch: (request: Request) => app.fetch(request) };
