// Each of these files is a function; together they are bundled once, and a call loads the one that its path begins with.
const functions: Record<string, () => Promise<{ default: any }>> = {
  bcryptjs: () => import('./bcryptjs.ts'),
  'crypto-js': () => import('./crypto-js.ts'),
  elliptic: () => import('./elliptic.ts'),
  jose: () => import('./jose.ts'),
  jsonwebtoken: () => import('./jsonwebtoken.ts'),
  nanoid: () => import('./nanoid.ts'),
  noble: () => import('./noble.ts'),
  'node-forge': () => import('./node-forge.ts'),
  otpauth: () => import('./otpauth.ts'),
  tweetnacl: () => import('./tweetnacl.ts'),
  ulid: () => import('./ulid.ts'),
  uuid: () => import('./uuid.ts'),
};

export default async function (request: Request, env: object, ctx: object) {
  const [, name = ''] = new URL(request.url).pathname.split('/');
  const { default: handler } = await functions[name]!();
  return typeof handler === 'function' ? handler(request, env, ctx) : handler.fetch(request, env, ctx);
}
