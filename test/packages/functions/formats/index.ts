// Each of these files is a function; together they are bundled once, and a call loads the one that its path begins with.
const functions: Record<string, () => Promise<{ default: any }>> = {
  compression: () => import('./compression.ts'),
  'csv-parse': () => import('./csv-parse.ts'),
  'iconv-lite': () => import('./iconv-lite.ts'),
  'msgpack-cbor': () => import('./msgpack-cbor.ts'),
  papaparse: () => import('./papaparse.ts'),
  'pdf-lib': () => import('./pdf-lib.ts'),
  qrcode: () => import('./qrcode.ts'),
  superjson: () => import('./superjson.ts'),
  'toml-ini-json5': () => import('./toml-ini-json5.ts'),
  xml: () => import('./xml.ts'),
  yaml: () => import('./yaml.ts'),
};

export default async function (request: Request, env: object, ctx: object) {
  const [, name = ''] = new URL(request.url).pathname.split('/');
  const { default: handler } = await functions[name]!();
  return typeof handler === 'function' ? handler(request, env, ctx) : handler.fetch(request, env, ctx);
}
