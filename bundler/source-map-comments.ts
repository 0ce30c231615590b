/**
 * esbuild reads the source maps that comments in sources name, and the sources that those maps name, wherever they are. That would let a
 * function read any file of the host, so the comments are made to look like other ones.
 *
 * The text may also stand in a string. Written with an escape, it has the same value there.
 */
export function hideSourceMapComments(source: string): string {
  return source.replace(/([#@]\s*source)M(appingURL)/g, '$1\\u004d$2');
}
