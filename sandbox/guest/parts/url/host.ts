/** https://url.spec.whatwg.org/#host-parsing */
import { callSync } from '../../core/facade.ts';
import { c0Set, percentEncode } from './percent.ts';

const plainDomain = /^[a-z0-9\-._~!$&'()*+,;=]+$/;
const forbiddenHost = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const forbiddenDomain = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

/** The host's function leaves these out, or stops at them. */
const leftOut = /[\0-\x20#%/:?@[\\\]^|\x7f]/;

/** The host as it is serialised, or `undefined` where the standard says failure. */
export function parseHost(input: string, isSpecial: boolean): string | undefined {
  if (input.startsWith('[')) {
    if (!input.endsWith(']')) return undefined;
    const pieces = parseIpv6(input.slice(1, -1));
    return pieces === undefined ? undefined : `[${serializeIpv6(pieces)}]`;
  }
  if (!isSpecial) return forbiddenHost.test(input) ? undefined : percentEncode(input, c0Set);
  const domain = toAsciiDomain(input);
  if (domain === undefined || domain === '' || forbiddenDomain.test(domain)) return undefined;
  return endsInNumber(domain) ? parseIpv4(domain) : domain;
}

function toAsciiDomain(input: string): string | undefined {
  let domain = input;
  if (domain.includes('%')) {
    try {
      domain = decodeURIComponent(domain);
    } catch {
      // Bytes that are no UTF-8 decode to U+FFFD, and a stray % stays: neither can be in a domain.
      return undefined;
    }
  }
  if (leftOut.test(domain)) return undefined;
  const lower = domain.toLowerCase();
  if (plainDomain.test(lower) && !lower.includes('xn--')) return lower;
  const ascii = callSync('domainToAscii', domain);
  return typeof ascii === 'string' && ascii !== '' ? ascii : undefined;
}

function endsInNumber(domain: string): boolean {
  const labels = domain.split('.');
  if (labels.at(-1) === '') {
    if (labels.length === 1) return false;
    labels.pop();
  }
  const last = labels.at(-1)!;
  return /^[0-9]+$/.test(last) || /^0x[0-9a-f]*$/.test(last);
}

function parseIpv4(domain: string): string | undefined {
  const parts = domain.split('.');
  if (parts.at(-1) === '' && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const numbers: number[] = [];
  for (const part of parts) {
    const number = parseIpv4Number(part);
    if (number === undefined) return undefined;
    numbers.push(number);
  }
  const last = numbers.pop()!;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  let address = last;
  numbers.forEach((number, index) => {
    address += number * 256 ** (3 - index);
  });
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function parseIpv4Number(text: string): number | undefined {
  if (text === '') return undefined;
  if (/^0x[0-9a-f]*$/.test(text)) return text.length === 2 ? 0 : Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number.parseInt(text, 10) : undefined;
}

/** https://url.spec.whatwg.org/#concept-ipv6-parser */
function parseIpv6(input: string): number[] | undefined {
  const pieces = [0, 0, 0, 0, 0, 0, 0, 0];
  let piece = 0;
  let compress = -1;
  let at = 0;
  if (input[at] === ':') {
    if (input[at + 1] !== ':') return undefined;
    at += 2;
    piece = 1;
    compress = 1;
  }
  while (at < input.length) {
    if (piece === 8) return undefined;
    if (input[at] === ':') {
      if (compress !== -1) return undefined;
      at += 1;
      piece += 1;
      compress = piece;
      continue;
    }
    let value = 0;
    let length = 0;
    while (length < 4 && /^[0-9a-fA-F]$/.test(input[at] ?? '')) {
      value = value * 16 + Number.parseInt(input[at]!, 16);
      at += 1;
      length += 1;
    }
    if (input[at] === '.') {
      if (length === 0 || piece > 6) return undefined;
      const bytes = parseEmbeddedIpv4(input.slice(at - length));
      if (bytes === undefined) return undefined;
      pieces[piece] = bytes[0]! * 256 + bytes[1]!;
      pieces[piece + 1] = bytes[2]! * 256 + bytes[3]!;
      piece += 2;
      break;
    }
    if (input[at] === ':') {
      at += 1;
      if (at === input.length) return undefined;
    } else if (at < input.length) {
      return undefined;
    }
    pieces[piece] = value;
    piece += 1;
  }
  if (compress === -1) return piece === 8 ? pieces : undefined;
  // The pieces after `::` move to the end.
  const moved = piece - compress;
  return [
    ...pieces.slice(0, compress),
    ...Array.from({ length: 8 - piece }, () => 0),
    ...pieces.slice(compress, compress + moved),
  ];
}

function parseEmbeddedIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function serializeIpv6(pieces: readonly number[]): string {
  const [start, length] = longestZeroRun(pieces);
  const write = (some: readonly number[]): string => some.map((piece) => piece.toString(16)).join(':');
  if (length < 2) return write(pieces);
  return `${write(pieces.slice(0, start))}::${write(pieces.slice(start + length))}`;
}

function longestZeroRun(pieces: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  pieces.forEach((piece, index) => {
    if (piece !== 0) start = index + 1;
    else if (index + 1 - start > best[1]) best = [start, index + 1 - start];
  });
  return best;
}
