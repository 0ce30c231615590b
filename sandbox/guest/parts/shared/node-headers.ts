/** Header lines as Node joins them: https://nodejs.org/api/http.html#messageheaders */
export type NodeHeaders = Record<string, string | string[]>;

/** Names that Node keeps the first line of. */
const singleHeaders = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

export function addHeaderLine(headers: NodeHeaders, field: string, value: string): void {
  const name = field.toLowerCase();
  const earlier = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (name === 'set-cookie') {
    if (Array.isArray(earlier)) earlier.push(value);
    else headers[name] = [value];
  } else if (typeof earlier !== 'string') {
    headers[name] = value;
  } else if (!singleHeaders.has(name)) {
    headers[name] = `${earlier}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
}
