/** The short names of media types that Express understands. */
const shorthands: Readonly<Record<string, string>> = {
  bin: 'application/octet-stream',
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  html: 'text/html',
  ico: 'image/vnd.microsoft.icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'application/javascript',
  json: 'application/json',
  multipart: 'multipart/*',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  text: 'text/plain',
  txt: 'text/plain',
  urlencoded: 'application/x-www-form-urlencoded',
  webp: 'image/webp',
  xml: 'application/xml',
  zip: 'application/zip',
};

export function expandType(type: string): string {
  return type.includes('/') ? type : (shorthands[type.replace(/^\./, '').toLowerCase()] ?? 'application/octet-stream');
}

/** Text types get their charset, as Express adds it. */
export function withCharset(type: string): string {
  if (/;\s*charset\s*=/i.test(type)) return type;
  return /^(?:text\/|application\/(?:json|javascript)\b)/i.test(type) ? `${type}; charset=utf-8` : type;
}

/**
 * Whether a media type fits a pattern: a type, a shorthand, `+suffix`, or wildcards in place of type and subtype. Answers the name that
 * `request.is` answers, or `false`.
 */
export function matchType(actual: string, pattern: string): string | false {
  if (pattern.startsWith('+')) return actual.endsWith(pattern) ? actual : false;
  const expected = expandType(pattern).toLowerCase();
  const [type, subtype] = expected.split('/', 2);
  const [actualType, actualSubtype = ''] = actual.split('/', 2);
  const suffix = subtype?.startsWith('*+') === true ? subtype.slice(1) : undefined;
  const fits =
    (type === '*' || type === actualType) &&
    (subtype === '*' || subtype === actualSubtype || (suffix !== undefined && actualSubtype.endsWith(suffix)));
  if (!fits) return false;
  return pattern.includes('/') && !pattern.includes('*') ? pattern : pattern.includes('/') ? actual : pattern;
}
