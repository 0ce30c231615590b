/** https://mimesniff.spec.whatwg.org/#parsing-a-mime-type */

export interface MimeType {
  /** `type/subtype`, in lower case. */
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const edges = /^[\t\n\r ]+|[\t\n\r ]+$/g;
/** Up to a comma that is in no quotes. */
const listItem = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;
const quotedText = /^[\t\x20-\x7e\x80-\xff]*$/;

export function parseMimeType(input: string): MimeType | undefined {
  const text = input.replaceAll(edges, '');
  const slash = text.indexOf('/');
  if (slash < 1) return undefined;
  const type = text.slice(0, slash);
  const semicolon = text.indexOf(';', slash);
  const subtype = text.slice(slash + 1, semicolon === -1 ? undefined : semicolon).replace(/[\t\n\r ]+$/, '');
  if (!token.test(type) || !token.test(subtype)) return undefined;
  const parameters = new Map<string, string>();
  if (semicolon !== -1) readParameters(text, semicolon, parameters);
  return { essence: `${type}/${subtype}`.toLowerCase(), parameters };
}

export function serializeMimeType({ essence, parameters }: MimeType): string {
  let text = essence;
  for (const [name, value] of parameters) {
    text += `;${name}=${token.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`}`;
  }
  return text;
}

/** Of all values of a header, the last type that is one. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type */
export function extractMimeType(header: string): MimeType | undefined {
  let found: MimeType | undefined;
  for (const value of header.match(listItem) ?? []) {
    const type = parseMimeType(value);
    if (type === undefined || type.essence === '*/*') continue;
    const charset = found?.essence === type.essence ? found.parameters.get('charset') : undefined;
    const isKept = charset !== undefined && !type.parameters.has('charset');
    found = isKept ? { ...type, parameters: new Map([...type.parameters, ['charset', charset]]) } : type;
  }
  return found;
}

/** The type of a blob that is made of a body. */
export function blobTypeOf(contentType: string | null): string {
  const type = contentType === null ? undefined : extractMimeType(contentType);
  return type === undefined ? '' : serializeMimeType(type);
}

function readParameters(text: string, start: number, parameters: Map<string, string>): void {
  let position = start;
  while (position < text.length) {
    position += 1;
    while (/[\t\n\r ]/.test(text[position] ?? '')) position += 1;
    const nameStart = position;
    while (position < text.length && text[position] !== ';' && text[position] !== '=') position += 1;
    const name = text.slice(nameStart, position).toLowerCase();
    if (text[position] !== '=') continue;
    position += 1;
    let value = '';
    if (text[position] === '"') {
      position += 1;
      while (position < text.length && text[position] !== '"') {
        if (text[position] === '\\' && position + 1 < text.length) position += 1;
        value += text[position]!;
        position += 1;
      }
      while (position < text.length && text[position] !== ';') position += 1;
    } else {
      const valueStart = position;
      while (position < text.length && text[position] !== ';') position += 1;
      value = text.slice(valueStart, position).replace(/[\t\n\r ]+$/, '');
      if (value === '') continue;
    }
    if (token.test(name) && quotedText.test(value) && !parameters.has(name)) parameters.set(name, value);
  }
}
