import wretch from 'wretch';
import FormDataAddon from 'wretch/addons/formData';
import QueryStringAddon from 'wretch/addons/queryString';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const api = wretch(env.UPSTREAM).addon(QueryStringAddon).addon(FormDataAddon).auth('Bearer x');
  const posted: any = await api.url('/echo').query({ q: 'x' }).post({ a: 1 }).json();
  const form: any = await api.url('/echo').formData({ field: 'value' }).post().json();
  const missing = await api
    .get('/status/404')
    .notFound(() => 'not found')
    .json();
  return Response.json({
    posted: [posted.url, posted.body, posted.headers.authorization],
    form: form.body.includes('name="field"'),
    missing,
  });
}
