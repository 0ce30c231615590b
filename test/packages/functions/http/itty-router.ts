import { AutoRouter, error, withContent } from 'itty-router';

const router = AutoRouter({ base: '/itty-router' });
router
  .get('/todos/:id', ({ params, query }) => ({ id: params.id, done: query.done === 'yes' }))
  .post('/todos', withContent, ({ content }) => ({ created: content.title }))
  .get('/broken', () => error(422, 'no'));

export default { fetch: router.fetch };
