// Each of these files is a function; together they are bundled once, and a call loads the one that its path begins with.
const functions: Record<string, () => Promise<{ default: any }>> = {
  mustache: () => import('./mustache.ts'),
  preact: () => import('./preact.tsx'),
  react: () => import('./react.tsx'),
  svelte: () => import('./svelte.js'),
  vue: () => import('./vue.ts'),
};

export default async function (request: Request, env: object, ctx: object) {
  const [, name = ''] = new URL(request.url).pathname.split('/');
  const { default: handler } = await functions[name]!();
  return typeof handler === 'function' ? handler(request, env, ctx) : handler.fetch(request, env, ctx);
}
