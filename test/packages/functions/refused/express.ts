import express from 'express';

const app = express();
app.get('/express', (request, response) => response.json({ query: request.query }));

export default app;
