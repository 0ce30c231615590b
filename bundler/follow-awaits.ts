/**
 * Awaits of async functions cannot be followed from within an isolate: V8 resumes them without calling `then`. In the bundles of functions that
 * import node:async_hooks they become generators that call it, so that the guest's node-async-hooks.ts can keep the context across them.
 */
import { transform } from 'esbuild';

const supported = { 'async-await': false, 'async-generator': false, 'for-await': false };

/** How a bundle begins, with top-level await and without. */
const start = /^\((?:async )?function\(module, ?exports, ?/m;

/** What an async function returns: that of a thenable is called later, and in the right context only when `Promise.resolve` has seen it. */
const adopts = 'x.done ? resolve(x.value)';
const adoptsBound =
  'x.done ? resolve(typeof x.value?.then === "function" && !(x.value instanceof Promise) ? Promise.resolve(x.value) : x.value)';

/**
 * @param source A script whose value is a function.
 * @param sourceMap JSON text of its map.
 */
export async function followAwaits(source: string, sourceMap: string): Promise<{ source: string; sourceMap: string }> {
  const inline = Buffer.from(sourceMap).toString('base64');
  const { code, map } = await transform(`${source}\n//# sourceMappingURL=data:application/json;base64,${inline}`, {
    charset: 'utf8',
    legalComments: 'none',
    loader: 'js',
    logLevel: 'silent',
    sourcemap: 'external',
    sourcesContent: true,
    supported,
    target: 'node24',
  });
  const place = start.exec(code)?.index;
  if (place === undefined) throw new Error('esbuild has changed how it writes functions');
  // Its helpers stand before the function. They are not to be globals; and nothing may move to another line.
  const [helpers, bundle] = [code.slice(0, place), code.slice(place).trimEnd().replace(/;$/, '')];
  if (helpers.includes('__async =') && !helpers.includes(adopts))
    throw new Error('esbuild has changed its helper for await');
  return { source: `(function(){${helpers.replace(adopts, adoptsBound)}return${bundle}})()`, sourceMap: map };
}
