import ky, { HTTPError, TimeoutError } from 'ky';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const api = ky.create({
    baseUrl: `${env.UPSTREAM}/`,
    hooks: { beforeRequest: [({ request }) => request.headers.set('x-hook', 'yes')] },
  });
  const posted: any = await api.post('echo', { json: { a: 1 }, searchParams: { q: 'x' } }).json();
  const retried: any = await api.get('flaky/ky', { retry: { limit: 2, backoffLimit: 5 } }).json();
  const missing = await api.get('status/404').catch((error) => error instanceof HTTPError && error.response.status);
  const slow = await api.get('slow', { timeout: 20, retry: 0 }).catch((error) => error instanceof TimeoutError);
  return Response.json({
    posted: [posted.method, posted.url, posted.body, posted.headers['x-hook']],
    retried,
    missing,
    slow,
  });
}
