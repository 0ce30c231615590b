/** Headers as a function may send them. */
import { egressCodes, EgressError } from './egress.ts';
import { maxHeaderLines } from '../wire.ts';

const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** No CR, LF or NUL. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const maxHeaderBytes = 64 * 1024;

/**
 * What belongs to the connection. Functions that pass on a request send these along; they are left out, since to believe them would let
 * the next request on the connection be read as a part of this one.
 */
const ofConnection =
  /^(?:connection|expect|host|http2-settings|keep-alive|te|trailer|transfer-encoding|upgrade|via|proxy-.*)$/;

export interface CheckedHeaders {
  readonly lines: string[];
  /** `Content-Length`, as the function gave it. */
  readonly contentLength: number | undefined;
}

/** @throws EgressError */
export function checkRequestHeaders(given: readonly string[]): CheckedHeaders {
  if (given.length > maxHeaderLines * 2 || given.length % 2 !== 0) {
    throw invalid(`over ${maxHeaderLines} header lines`);
  }
  const lines: string[] = [];
  let bytes = 0;
  let contentLength: number | undefined;
  for (let index = 0; index < given.length; index += 2) {
    const name = given[index]!.toLowerCase();
    const value = given[index + 1]!;
    bytes += name.length + value.length + 4;
    if (!headerName.test(name)) throw invalid(`an invalid header name: ${JSON.stringify(name.slice(0, 80))}`);
    if (!headerValue.test(value)) throw invalid(`an invalid value of the header "${name}"`);
    if (name === 'content-length') contentLength = readLength(value, contentLength);
    else if (!ofConnection.test(name)) lines.push(name, value);
  }
  if (bytes > maxHeaderBytes) throw invalid(`headers of ${bytes} bytes; at most ${maxHeaderBytes} are allowed`);
  addUnlessGiven(lines, 'accept', '*/*');
  addUnlessGiven(lines, 'accept-encoding', 'gzip, deflate, br, zstd');
  addUnlessGiven(lines, 'user-agent', 'isohost');
  return { lines, contentLength };
}

/** The lines without some, by name. */
export function withoutHeaders(lines: readonly string[], isDropped: (name: string) => boolean): string[] {
  return lines.filter((_, index) => !isDropped(lines[index - (index % 2)]!));
}

export function headerOf(lines: readonly string[], name: string): string | undefined {
  for (let index = 0; index < lines.length; index += 2) if (lines[index] === name) return lines[index + 1];
  return undefined;
}

function readLength(value: string, earlier: number | undefined): number {
  const length = /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
  if (length === undefined || (earlier !== undefined && earlier !== length)) {
    throw invalid(`a Content-Length of ${JSON.stringify(value.slice(0, 80))}; leave it out, it is set for you`);
  }
  return length;
}

function addUnlessGiven(lines: string[], name: string, value: string): void {
  if (headerOf(lines, name) === undefined) lines.push(name, value);
}

function invalid(problem: string): EgressError {
  return new EgressError(egressCodes.invalid, `the request has ${problem}`);
}
