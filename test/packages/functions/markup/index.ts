// Each of these files is a function; together they are bundled once, and a call loads the one that its path begins with.
const functions: Record<string, () => Promise<{ default: any }>> = {
  cheerio: () => import('./cheerio.ts'),
  'highlight-js': () => import('./highlight-js.ts'),
  htmlparser2: () => import('./htmlparser2.ts'),
  katex: () => import('./katex.ts'),
  linkedom: () => import('./linkedom.ts'),
  'markdown-it': () => import('./markdown-it.ts'),
  marked: () => import('./marked.ts'),
  parse5: () => import('./parse5.ts'),
  remark: () => import('./remark.ts'),
  'sanitize-html': () => import('./sanitize-html.ts'),
  shiki: () => import('./shiki.ts'),
  turndown: () => import('./turndown.ts'),
};

export default async function (request: Request, env: object, ctx: object) {
  const [, name = ''] = new URL(request.url).pathname.split('/');
  const { default: handler } = await functions[name]!();
  return typeof handler === 'function' ? handler(request, env, ctx) : handler.fetch(request, env, ctx);
}
