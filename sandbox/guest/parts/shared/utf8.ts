/** UTF-8 as Node's buffers have it: malformed bytes become U+FFFD by the rules of the Encoding Standard, lone surrogates too. */

export function byteLengthOfUtf8(text: string): number {
  const { length } = text;
  let bytes = length;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    if (isLead(code) && isTrail(text.charCodeAt(index + 1))) index += 1;
  }
  return bytes;
}

/** Writes whole characters only. @returns How many bytes were written. */
export function writeUtf8(target: Uint8Array, text: string, offset: number, length: number): number {
  const end = offset + length;
  let at = offset;
  for (let index = 0; index < text.length; index += 1) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      if (at >= end) break;
      target[at++] = code;
      continue;
    }
    if (code < 0x800) {
      if (at + 2 > end) break;
      target[at++] = 0xc0 | (code >> 6);
      target[at++] = 0x80 | (code & 0x3f);
      continue;
    }
    const next = isLead(code) ? text.charCodeAt(index + 1) : 0;
    if (isTrail(next)) {
      if (at + 4 > end) break;
      code = 0x1_00_00 + ((code & 0x3ff) << 10) + (next & 0x3ff);
      index += 1;
      target[at++] = 0xf0 | (code >> 18);
      target[at++] = 0x80 | ((code >> 12) & 0x3f);
    } else {
      if (at + 3 > end) break;
      if ((code & 0xf800) === 0xd800) code = 0xfffd;
      target[at++] = 0xe0 | (code >> 12);
    }
    target[at++] = 0x80 | ((code >> 6) & 0x3f);
    target[at++] = 0x80 | (code & 0x3f);
  }
  return at - offset;
}

const chunkUnits = 4_096;

export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let units: number[] = [];
  let index = start;
  while (index < end) {
    const byte = bytes[index]!;
    index += 1;
    if (byte < 0x80) {
      units.push(byte);
    } else {
      let needed = 0;
      let lower = 0x80;
      let upper = 0xbf;
      let code = 0;
      if (byte >= 0xc2 && byte <= 0xdf) {
        needed = 1;
        code = byte & 0x1f;
      } else if (byte >= 0xe0 && byte <= 0xef) {
        needed = 2;
        if (byte === 0xe0) lower = 0xa0;
        if (byte === 0xed) upper = 0x9f;
        code = byte & 0xf;
      } else if (byte >= 0xf0 && byte <= 0xf4) {
        needed = 3;
        if (byte === 0xf0) lower = 0x90;
        if (byte === 0xf4) upper = 0x8f;
        code = byte & 0x7;
      }
      if (needed === 0) code = 0xfffd;
      for (; needed > 0; needed -= 1) {
        const next = index < end ? bytes[index]! : 0;
        if (next < lower || next > upper) {
          code = 0xfffd;
          break;
        }
        lower = 0x80;
        upper = 0xbf;
        code = (code << 6) | (next & 0x3f);
        index += 1;
      }
      if (code > 0xffff) {
        code -= 0x1_00_00;
        units.push(0xd800 | (code >> 10), 0xdc00 | (code & 0x3ff));
      } else {
        units.push(code);
      }
    }
    if (units.length < chunkUnits) continue;
    text += String.fromCharCode.apply(undefined, units);
    units = [];
  }
  return text + String.fromCharCode.apply(undefined, units);
}

function isLead(code: number): boolean {
  return (code & 0xfc00) === 0xd800;
}

function isTrail(code: number): boolean {
  return (code & 0xfc00) === 0xdc00;
}
