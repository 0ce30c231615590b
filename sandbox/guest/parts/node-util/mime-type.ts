/** `util.MIMEType` and `util.MIMEParams`: media types, by the rules of the MIME Sniffing Standard. */
import { parseMimeType, serializeMimeType } from '../shared/mime-type.ts';
import { withCode } from '../shared/node-error.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

function invalid(what: string, text: string): TypeError {
  return withCode(new TypeError(`The MIME syntax for a ${what} in "${text}" is invalid`), 'ERR_INVALID_MIME_SYNTAX');
}

export class MIMEParams {
  readonly #values = new Map<string, string>();

  delete(name: string): void {
    this.#values.delete(`${name}`);
  }
  get(name: string): string | null {
    return this.#values.get(`${name}`) ?? null;
  }
  has(name: string): boolean {
    return this.#values.has(`${name}`);
  }
  set(name: string, text: string): void {
    const [key, content] = [`${name}`, `${text}`];
    if (!token.test(key)) throw invalid('parameter name', key);
    if (!value.test(content)) throw invalid('parameter value', content);
    this.#values.set(key, content);
  }
  entries(): MapIterator<[string, string]> {
    return this.#values.entries();
  }
  keys(): MapIterator<string> {
    return this.#values.keys();
  }
  values(): MapIterator<string> {
    return this.#values.values();
  }
  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.#values.entries();
  }
  toString(): string {
    return serializeMimeType({ essence: '', parameters: this.#values }).slice(1);
  }
  toJSON(): string {
    return this.toString();
  }
}

export class MIMEType {
  #type: string;
  #subtype: string;
  readonly #parameters = new MIMEParams();

  constructor(text: string) {
    const parsed = parseMimeType(`${text}`);
    if (parsed === undefined) throw invalid('type', `${text}`);
    const slash = parsed.essence.indexOf('/');
    this.#type = parsed.essence.slice(0, slash);
    this.#subtype = parsed.essence.slice(slash + 1);
    for (const [name, content] of parsed.parameters) this.#parameters.set(name, content);
  }

  get type(): string {
    return this.#type;
  }
  set type(text: string) {
    if (!token.test(`${text}`)) throw invalid('type', `${text}`);
    this.#type = `${text}`.toLowerCase();
  }
  get subtype(): string {
    return this.#subtype;
  }
  set subtype(text: string) {
    if (!token.test(`${text}`)) throw invalid('subtype', `${text}`);
    this.#subtype = `${text}`.toLowerCase();
  }
  get essence(): string {
    return `${this.#type}/${this.#subtype}`;
  }
  get params(): MIMEParams {
    return this.#parameters;
  }
  toString(): string {
    const parameters = this.#parameters.toString();
    return parameters === '' ? this.essence : `${this.essence};${parameters}`;
  }
  toJSON(): string {
    return this.toString();
  }
}
