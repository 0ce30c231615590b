const token = "[!#$%&'*+\\-.0-9A-Z^_`a-z|~]+";
const quoted = '"(?:[ !\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\x20-\\x7e])*"';
/** The grammar of the package media-typer, by which Express and body-parser tell types. */
const mediaType = new RegExp(
  '^ *([A-Za-z0-9][A-Za-z0-9!#$&^_-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}) *' +
    `(?:; *${token} *= *(?:${quoted}|${token}) *)*$`,
);

/** `type/subtype` in lower case, without parameters; `undefined` when it is malformed, parameters included. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType === undefined ? undefined : mediaType.exec(contentType)?.[1]?.toLowerCase();
}
