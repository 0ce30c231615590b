import got, { HTTPError, TimeoutError } from 'got';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const api = got.extend({ prefixUrl: env.UPSTREAM, headers: { 'x-hook': 'yes' } });
  const posted: any = await api.post('echo', { json: { a: 1 }, searchParams: { q: 'x' } }).json();
  const missing = await api.get('status/404').catch((error) => error instanceof HTTPError && error.response.statusCode);
  const slow = await api
    .get('slow', { signal: AbortSignal.timeout(20) })
    .catch((error) => error instanceof TimeoutError);
  return Response.json({
    posted: [posted.method, posted.url, posted.body, posted.headers['x-hook']],
    missing,
    slow,
  });
}
