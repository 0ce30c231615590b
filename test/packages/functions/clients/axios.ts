import axios, { AxiosError } from 'axios';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const api = axios.create({ baseURL: env.UPSTREAM, adapter: 'fetch', headers: { 'x-client': 'axios' } });
  api.interceptors.request.use((config) => {
    config.headers.set('x-intercepted', 'yes');
    return config;
  });
  const got = await api.get('/echo', { params: { q: 'a b', list: [1, 2] } });
  const posted = await api.post('/echo', { hello: 'world' });
  const form = new FormData();
  form.set('field', 'value');
  const uploaded = await api.post('/echo', form);
  const missing = await api.get('/status/404').catch((error: AxiosError) => [error.code, error.response?.status]);
  const slow = await api.get('/slow', { timeout: 20 }).catch((error: AxiosError) => error.code);
  return Response.json({
    got: [got.data.method, got.data.url, got.data.headers['x-client'], got.data.headers['x-intercepted']],
    posted: [posted.data.body, posted.data.headers['content-type']],
    uploaded: uploaded.data.body.includes('name="field"'),
    missing,
    slow,
  });
}
