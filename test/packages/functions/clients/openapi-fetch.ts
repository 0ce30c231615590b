import createClient, { type Middleware } from 'openapi-fetch';

interface paths {
  '/echo/{id}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    put: {
      parameters: { path: { id: number }; query?: { q?: string } };
      requestBody: { content: { 'application/json': { name: string } } };
      responses: {
        200: {
          content: {
            'application/json': { method: string; url: string; body: string; headers: Record<string, string> };
          };
        };
      };
    };
  };
}

const stamp: Middleware = {
  onRequest({ request }) {
    request.headers.set('x-stamp', 'yes');
    return request;
  },
};

export default async function (_: Request, env: { UPSTREAM: string }) {
  const client = createClient<paths>({ baseUrl: env.UPSTREAM });
  client.use(stamp);
  const { data, response } = await client.PUT('/echo/{id}', {
    params: { path: { id: 7 }, query: { q: 'x' } },
    body: { name: 'Ada' },
  });
  return Response.json([response.status, data?.method, data?.url, data?.body, data?.headers['x-stamp']]);
}
