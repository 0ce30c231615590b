/** https://url.spec.whatwg.org/#percent-encoded-bytes */

/** The characters of each percent-encode set, as a pattern; they grow out of each other in the standard's order. */
const c0 = '\\0-\\x1f\\x7f-\\u{10ffff}';
const fragment = `${c0} "<>\``;
const query = `${c0} "#<>`;
const path = `${query}?^\`{}`;
const userinfo = `${path}/:;=@[\\\\\\]|`;

export interface EncodeSet {
  readonly test: RegExp;
  readonly all: RegExp;
}

function encodeSet(characters: string): EncodeSet {
  return { test: new RegExp(`[${characters}]`, 'u'), all: new RegExp(`[${characters}]`, 'gu') };
}

export const c0Set = encodeSet(c0);
export const fragmentSet = encodeSet(fragment);
export const querySet = encodeSet(query);
export const specialQuerySet = encodeSet(`${query}'`);
export const pathSet = encodeSet(path);
export const userinfoSet = encodeSet(userinfo);

/** Takes well-formed text: a lone surrogate has no UTF-8 form. */
export function percentEncode(text: string, set: EncodeSet): string {
  return set.test.test(text) ? text.replace(set.all, encodeCharacter) : text;
}

function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0x80) return encodeURIComponent(character);
  return `%${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}`;
}
