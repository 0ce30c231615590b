import Negotiator from 'negotiator';
import type { IncomingHeaders } from './exchange.ts';
import { lookupType } from './media-type.ts';

/** https://www.npmjs.com/package/accepts: those that are preferred, the best of those that are offered, or `false`. */
export type Accepted = string | false | readonly string[];

type Offers = readonly (string | readonly string[])[];

export function acceptedTypes(headers: IncomingHeaders, offers: Offers): Accepted {
  const negotiator = new Negotiator({ headers });
  const types = flatten(offers);
  if (types.length === 0) return negotiator.mediaTypes();
  if (!headers['accept']) return types[0]!;
  const full = types.map((type) => (type.includes('/') ? type : lookupType(type)));
  const [first] = negotiator.mediaTypes(full.filter((type) => type !== undefined));
  return first === undefined ? false : types[full.indexOf(first)]!;
}

/** @param header `Accept-Encoding`, `Accept-Charset` or `Accept-Language`. */
export function accepted(
  headers: IncomingHeaders,
  header: 'encodings' | 'charsets' | 'languages',
  offers: Offers,
): Accepted {
  const negotiator = new Negotiator({ headers });
  const names = flatten(offers);
  return names.length === 0 ? negotiator[header]() : (negotiator[header](names)[0] ?? false);
}

/** Offers come as a list or one by one. */
function flatten(offers: Offers): readonly string[] {
  return Array.isArray(offers[0]) ? (offers[0] as readonly string[]) : (offers as readonly string[]);
}
