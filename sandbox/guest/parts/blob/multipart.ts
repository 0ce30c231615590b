/** `multipart/form-data` both ways: https://html.spec.whatwg.org/#multipart-form-data and RFC 7578. */
import { part } from '../../core/facade.ts';
import { joinBytes } from '../shared/join-bytes.ts';
import { blobBytes, createBlob, createFile } from './blob.ts';
import { entriesOf, FormData } from './form-data.ts';

export interface Multipart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

export function encodeMultipart(form: FormData): Multipart {
  const { encodeUtf8 } = part('encoding');
  const boundary = `----isohost-form-${part('crypto').randomBytes(12).toHex()}`;
  const pieces: Uint8Array[] = [];
  for (const [name, value] of entriesOf(form)) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(withLineBreaks(name))}"`;
    if (typeof value === 'string') {
      pieces.push(encodeUtf8(`${head}\r\n\r\n${withLineBreaks(value)}\r\n`));
      continue;
    }
    const type = value.type === '' ? 'application/octet-stream' : value.type;
    pieces.push(
      encodeUtf8(`${head}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`),
      blobBytes(value),
      encodeUtf8('\r\n'),
    );
  }
  pieces.push(encodeUtf8(`--${boundary}--\r\n`));
  return { bytes: joinBytes(pieces), contentType: `multipart/form-data; boundary=${boundary}` };
}

/** Lines may end in LF alone, as some senders write them. @returns `undefined` when the bytes are no such form. */
export function parseMultipart(bytes: Uint8Array<ArrayBuffer>, boundary: string): FormData | undefined {
  const { decodeUtf8WithMark, encodeUtf8 } = part('encoding');
  const form = new FormData();
  const mark = encodeUtf8(`--${boundary}`);
  const separator = encodeUtf8(`\n--${boundary}`);
  // Some senders begin with an empty line.
  let position = lineBreakAt(bytes, 0);
  if (!startsWith(bytes, mark, position)) return undefined;
  position += mark.length;
  for (;;) {
    if (startsWith(bytes, dashes, position)) return form;
    // White space may follow a boundary.
    while (bytes[position] === 0x20 || bytes[position] === 0x09) position += 1;
    const afterMark = lineBreakAt(bytes, position);
    if (afterMark === position) return undefined;
    const head = readHead(bytes, afterMark);
    if (head === undefined) return undefined;
    // The line break that ends the head may be the one before the boundary.
    const end = indexOf(bytes, separator, head.end - 1);
    if (end === -1) return undefined;
    const bodyEnd = Math.max(bytes[end - 1] === carriageReturn ? end - 1 : end, head.end);
    const body = bytes.subarray(head.end, bodyEnd);
    if (head.fileName === undefined) {
      form.append(head.name, decodeUtf8WithMark(body));
    } else {
      form.append(head.name, createFile(createBlob(body.slice(), head.type ?? 'text/plain'), head.fileName));
    }
    position = end + separator.length;
  }
}

interface Head {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly type: string | undefined;
  /** Where the body begins. */
  readonly end: number;
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const dashes = new Uint8Array([0x2d, 0x2d]);
const maxHeadBytes = 64 * 1024;

function readHead(bytes: Uint8Array, start: number): Head | undefined {
  const { decodeUtf8WithMark } = part('encoding');
  let name: string | undefined;
  let fileName: string | undefined;
  let type: string | undefined;
  let position = start;
  for (;;) {
    const next = lineBreakAt(bytes, position);
    if (next !== position) return name === undefined ? undefined : { name, fileName, type, end: next };
    const feed = bytes.indexOf(lineFeed, position);
    if (feed === -1 || feed - start > maxHeadBytes) return undefined;
    const line = decodeUtf8WithMark(bytes.subarray(position, bytes[feed - 1] === carriageReturn ? feed - 1 : feed));
    position = feed + 1;
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    const value = line.slice(colon + 1).replaceAll(/^[\t ]+|[\t ]+$/g, '');
    switch (line.slice(0, colon).toLowerCase()) {
      case 'content-disposition': {
        if (!/^form-data\s*(?:;|$)/i.test(value)) {
          throw new TypeError(
            `Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. Got: ${JSON.stringify(value.slice(0, 200))}`,
          );
        }
        name = parameterOf(value, 'name');
        fileName = parameterOf(value, 'filename');
        break;
      }
      case 'content-type':
        type = value;
    }
  }
}

/** Where the line after a line break begins; the position itself where there is none. */
function lineBreakAt(bytes: Uint8Array, position: number): number {
  if (bytes[position] === lineFeed) return position + 1;
  return bytes[position] === carriageReturn && bytes[position + 1] === lineFeed ? position + 2 : position;
}

function parameterOf(value: string, key: string): string | undefined {
  const found = new RegExp(`;\\s*${key}\\s*=\\s*(?:"([^"]*)"|([^\\s;"]+))`, 'i').exec(value);
  const text = found?.[1] ?? found?.[2];
  return text?.replaceAll(/%0a/gi, '\n').replaceAll(/%0d/gi, '\r').replaceAll('%22', '"');
}

function escapeName(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

function withLineBreaks(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, '\r\n');
}

function startsWith(bytes: Uint8Array, wanted: Uint8Array, position: number): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (bytes[position + index] !== wanted[index]) return false;
  }
  return true;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let index = bytes.indexOf(wanted[0]!, from); index !== -1; index = bytes.indexOf(wanted[0]!, index + 1)) {
    if (startsWith(bytes, wanted, index)) return index;
  }
  return -1;
}
