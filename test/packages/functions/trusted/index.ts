// Each of these files is a function; together they are bundled once, and a call loads the one that its path begins with.
const functions: Record<string, () => Promise<{ default: any }>> = {
  ajv: () => import('./ajv.ts'),
  ejs: () => import('./ejs.ts'),
  eta: () => import('./eta.ts'),
  handlebars: () => import('./handlebars.ts'),
  'lodash-template': () => import('./lodash-template.ts'),
  nunjucks: () => import('./nunjucks.ts'),
  protobufjs: () => import('./protobufjs.ts'),
  pug: () => import('./pug.ts'),
};

export default async function (request: Request, env: object, ctx: object) {
  const [, name = ''] = new URL(request.url).pathname.split('/');
  const { default: handler } = await functions[name]!();
  return typeof handler === 'function' ? handler(request, env, ctx) : handler.fetch(request, env, ctx);
}
