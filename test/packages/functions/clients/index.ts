// Each of these files is a function; together they are bundled once, and a call loads the one that its path begins with.
const functions: Record<string, () => Promise<{ default: any }>> = {
  aws4fetch: () => import('./aws4fetch.ts'),
  axios: () => import('./axios.ts'),
  got: () => import('./got.ts'),
  ky: () => import('./ky.ts'),
  ofetch: () => import('./ofetch.ts'),
  'openapi-fetch': () => import('./openapi-fetch.ts'),
  stripe: () => import('./stripe.ts'),
  supabase: () => import('./supabase.ts'),
  urql: () => import('./urql.ts'),
  wretch: () => import('./wretch.ts'),
};

export default async function (request: Request, env: object, ctx: object) {
  const [, name = ''] = new URL(request.url).pathname.split('/');
  const { default: handler } = await functions[name]!();
  return typeof handler === 'function' ? handler(request, env, ctx) : handler.fetch(request, env, ctx);
}
