import { FetchError, ofetch } from 'ofetch';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const api = ofetch.create({ baseURL: env.UPSTREAM });
  const posted = await api('/echo', { method: 'POST', body: { a: 1 }, query: { q: 'x' } });
  const retried = await api('/flaky/ofetch', { retry: 2, retryDelay: 1 });
  const missing = await api('/status/404').catch((error) => error instanceof FetchError && error.status);
  return Response.json({ posted: [posted.method, posted.url, posted.body], retried, missing });
}
