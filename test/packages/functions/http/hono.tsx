/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { compress } from 'hono/compress';
import { getCookie, setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { html } from 'hono/html';
import { HTTPException } from 'hono/http-exception';
import { jwt, sign } from 'hono/jwt';
import { logger } from 'hono/logger';
import { secureHeaders } from 'hono/secure-headers';
import { stream, streamSSE } from 'hono/streaming';
import { validator } from 'hono/validator';
import { zValidator } from '@hono/zod-validator';
import { z } from 'zod';

const app = new Hono().basePath('/hono');

app.use(logger());
app.use('/api/*', cors({ origin: 'https://example.com', allowMethods: ['GET', 'PUT'] }), secureHeaders());
app.get('/api/items/:id{[0-9]+}', etag(), (c) => c.json({ id: Number(c.req.param('id')), q: c.req.query('q') }));

app.use('/admin/*', basicAuth({ username: 'ada', password: 'lovelace' }));
app.get('/admin/', (c) => c.text('welcome'));

app.use('/me', jwt({ secret: 'secret of the test', alg: 'HS256' }));
app.get('/me', (c) => c.json(c.get('jwtPayload')));
app.get('/token', async (c) => c.text(await sign({ sub: 'ada', exp: 4_000_000_000 }, 'secret of the test')));

app.post('/orders', zValidator('json', z.object({ sku: z.string(), count: z.number().int().positive() })), (c) =>
  c.json({ ordered: c.req.valid('json') }, 201),
);
app.post(
  '/form',
  validator('form', ({ name }, c) => (typeof name === 'string' ? { name } : c.text('no name', 400))),
  (c) => c.text(`hello ${c.req.valid('form').name}`),
);

app.get('/stream', (c) =>
  stream(c, async (out) => {
    for (const piece of ['one ', 'two ', 'three']) {
      await out.write(piece);
      await out.sleep(1);
    }
  }),
);
app.get('/events', (c) =>
  streamSSE(c, async (out) => {
    for (let i = 0; i < 3; i++) await out.writeSSE({ event: 'tick', id: String(i), data: `at ${i}` });
  }),
);
app.get('/packed', compress({ threshold: 0 }), (c) => c.text('pack me '.repeat(500)));

app.get('/visits', (c) => {
  const visits = Number(getCookie(c, 'visits') ?? 0) + 1;
  setCookie(c, 'visits', String(visits), { httpOnly: true, path: '/' });
  return c.text(`visit ${visits}`);
});

function Page({ title, children }: { title: string; children?: unknown }) {
  return (
    <html>
      <head>
        <title>{title}</title>
      </head>
      <body>{children}</body>
    </html>
  );
}
app.get('/page', (c) =>
  c.html(
    <Page title="Tea & cake">
      <p class="menu">{'<scones>'}</p>
    </Page>,
  ),
);
app.get('/html', (c) => c.html(html`<b>${'1 < 2'}</b>`));

app.get('/teapot', () => {
  throw new HTTPException(418, { message: 'I am a teapot' });
});
app.notFound((c) => c.text('not here', 404));

export default app;
