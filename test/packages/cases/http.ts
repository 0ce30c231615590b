import type { PackageCase } from '../package-case.ts';

/** A body of JSON, read and answered. */
const order = {
  path: '/orders',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"sku":"tea"}',
  status: 201,
  answer: { ordered: { sku: 'tea' } },
};

/** Web frameworks and routers. */
export const httpCases: Readonly<Record<string, PackageCase>> = {
  hono: {
    packages: ['hono', '@hono/zod-validator'],
    calls: [
      {
        path: '/api/items/7?q=tea',
        headers: { origin: 'https://example.com' },
        answered: {
          'access-control-allow-origin': 'https://example.com',
          'x-content-type-options': 'nosniff',
          etag: '"b3162f37d814db5e45a5472fd79d0d0b83a8802f"',
        },
        answer: { id: 7, q: 'tea' },
      },
      { path: '/api/items/x', status: 404, answer: 'not here' },
      {
        path: '/api/items/7',
        method: 'OPTIONS',
        headers: { origin: 'https://example.com', 'access-control-request-method': 'PUT' },
        status: 204,
        answered: { 'access-control-allow-methods': 'GET,PUT' },
        answer: '',
      },
      {
        path: '/admin/',
        status: 401,
        answered: { 'www-authenticate': 'Basic realm="Secure Area"' },
        answer: 'Unauthorized',
      },
      { path: '/admin/', headers: { authorization: 'Basic YWRhOmxvdmVsYWNl' }, answer: 'welcome' },
      { path: '/me', status: 401, answer: 'Unauthorized' },
      {
        path: '/token',
        answer:
          'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJleHAiOjQwMDAwMDAwMDB9.2INSP8PMNTXPbsvbRuTub4ZroMYLiUArKh3PoQbB9io',
      },
      {
        path: '/me',
        headers: {
          authorization:
            'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJleHAiOjQwMDAwMDAwMDB9.2INSP8PMNTXPbsvbRuTub4ZroMYLiUArKh3PoQbB9io',
        },
        answer: { sub: 'ada', exp: 4000000000 },
      },
      {
        path: '/orders',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"sku":"tea","count":2}',
        status: 201,
        answer: { ordered: { sku: 'tea', count: 2 } },
      },
      {
        path: '/orders',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"sku":"tea","count":-2}',
        status: 400,
        answer: /Too small: expected number to be >0/,
      },
      {
        path: '/form',
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'name=Ada',
        answer: 'hello Ada',
      },
      { path: '/stream', answer: 'one two three' },
      {
        path: '/events',
        answered: { 'content-type': 'text/event-stream' },
        answer:
          'event: tick\ndata: at 0\nid: 0\n\nevent: tick\ndata: at 1\nid: 1\n\nevent: tick\ndata: at 2\nid: 2\n\n',
      },
      {
        path: '/packed',
        headers: { 'accept-encoding': 'gzip' },
        answered: { 'content-encoding': 'gzip' },
        answer: 'pack me '.repeat(500),
      },
      {
        path: '/visits',
        headers: { cookie: 'visits=4' },
        answered: { 'set-cookie': 'visits=5; Path=/; HttpOnly' },
        answer: 'visit 5',
      },
      {
        path: '/page',
        answer:
          '<html><head><title>Tea &amp; cake</title></head><body><p class="menu">&lt;scones&gt;</p></body></html>',
      },
      { path: '/html', answer: '<b>1 &lt; 2</b>' },
      { path: '/teapot', status: 418, answer: 'I am a teapot' },
    ],
  },
  h3: {
    packages: ['h3'],
    calls: [
      { path: '/users/7?q=x', answered: { 'x-user': 'yes' }, answer: { id: '7', query: { q: 'x' } } },
      {
        path: '/sum',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"numbers":[1,2,3]}',
        answer: { sum: 6 },
      },
      { path: '/forbidden', status: 403, answer: { status: 403, message: 'not you' } },
    ],
  },
  'itty-router': {
    packages: ['itty-router'],
    calls: [
      { path: '/todos/3?done=yes', answer: { id: '3', done: true } },
      {
        path: '/todos',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"title":"tea"}',
        answer: { created: 'tea' },
      },
      { path: '/broken', status: 422, answer: { status: 422, error: 'no' } },
      { path: '/nothing', status: 404, answer: { status: 404, error: 'Not Found' } },
    ],
  },
  express: {
    packages: ['express'],
    isApplication: true,
    calls: [
      {
        path: '/items/7?q=x',
        answered: {
          'content-type': 'application/json; charset=utf-8',
          'x-middleware': 'yes',
          'x-powered-by': 'Express',
        },
        answer: { id: '7', query: { q: 'x' } },
      },
      order,
      { path: '/moved', status: 302, answered: { location: '/express/items/1' }, answer: /Redirecting/ },
      { path: '/parts', answer: 'one two' },
      { path: '/fails', status: 500, answer: 'no tea' },
      { path: '/nothing', status: 404, answer: /Cannot GET \/express\/nothing/ },
    ],
  },
  koa: {
    packages: ['koa'],
    isApplication: true,
    calls: [
      { path: '/x?y=1', answered: { 'x-after': '200' }, answer: { path: '/koa/x', query: { y: '1' } } },
      { path: '/parts', answer: 'one two' },
      { path: '/fails', status: 418, answer: 'a teapot' },
    ],
  },
  fastify: {
    packages: ['fastify'],
    trust: 'trusted',
    isApplication: true,
    calls: [{ path: '/items/7', answer: { id: '7' } }, order],
  },
};
