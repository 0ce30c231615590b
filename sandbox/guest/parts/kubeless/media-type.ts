import { format, parse } from 'content-type';
import { part } from '../../core/facade.ts';
import { mediaTypeOf } from '../shared/media-type.ts';

/** What functions ask for most; the whole table is a part of its own. */
const common: ReadonlyMap<string, string> = new Map([
  ['bin', 'application/octet-stream'],
  ['css', 'text/css'],
  ['csv', 'text/csv'],
  ['gif', 'image/gif'],
  ['htm', 'text/html'],
  ['html', 'text/html'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['js', 'application/javascript'],
  ['json', 'application/json'],
  ['md', 'text/markdown'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['text', 'text/plain'],
  ['txt', 'text/plain'],
  ['webp', 'image/webp'],
  ['xml', 'application/xml'],
  ['zip', 'application/zip'],
]);

/** The type of a file name or a bare extension. */
export function lookupType(name: string): string | undefined {
  const extension = name.replace(/^.*[./\\]/, '').toLowerCase();
  return common.get(extension) ?? part('kubeless-files').typeOfExtension(extension);
}

/** A type as it is, or that of a shorthand. */
export function expandType(type: string): string {
  return type.includes('/') ? type : (lookupType(type) ?? 'application/octet-stream');
}

/** Text types get their charset when they are set, as Express adds it. */
export function withCharset(type: string): string {
  if (/;\s*charset\s*=/.test(type)) return type;
  return /^text\/|^application\/(?:javascript|json)/.test(type) ? `${type}; charset=utf-8` : type;
}

/**
 * Text is sent in UTF-8, whatever charset was set.
 *
 * @throws TypeError for what is no media type.
 */
export function withUtf8(type: string): string {
  const parsed = parse(type);
  parsed.parameters['charset'] = 'utf-8';
  return format(parsed);
}

/** https://www.npmjs.com/package/type-is: `false` when nothing fits, otherwise what fits. */
export function matchTypes(contentType: string | undefined, patterns: readonly unknown[]): string | false {
  const actual = mediaTypeOf(contentType);
  if (actual === undefined) return false;
  if (patterns.length === 0) return actual;
  for (const pattern of patterns) {
    const expected = expandPattern(pattern);
    if (typeof pattern !== 'string' || expected === undefined || !fits(actual, expected)) continue;
    return pattern.startsWith('+') || pattern.includes('*') ? actual : pattern;
  }
  return false;
}

function expandPattern(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return undefined;
  if (pattern === 'urlencoded') return 'application/x-www-form-urlencoded';
  if (pattern === 'multipart') return 'multipart/*';
  if (pattern.startsWith('+')) return `*/*${pattern}`;
  return pattern.includes('/') ? pattern : lookupType(pattern);
}

function fits(actual: string, pattern: string): boolean {
  const [type, subtype, ...rest] = pattern.split('/');
  const [actualType, actualSubtype] = actual.split('/') as [string, string];
  if (subtype === undefined || rest.length > 0) return false;
  if (type !== '*' && type !== actualType) return false;
  if (subtype.startsWith('*+')) {
    return subtype.length <= actualSubtype.length + 1 && actualSubtype.endsWith(subtype.slice(1));
  }
  return subtype === '*' || subtype === actualSubtype;
}
