import fastify from 'fastify';

const app = fastify();
app.get('/fastify/items/:id', (request) => ({ id: (request.params as { id: string }).id }));
app.post('/fastify/orders', (request, reply) => reply.status(201).send({ ordered: request.body }));

export default app;
