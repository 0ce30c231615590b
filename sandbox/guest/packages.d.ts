declare module 'url/url.js' {
  export function parse(url: string, parseQueryString?: boolean, slashesDenoteHost?: boolean): Url;
  export function format(url: object | string): string;
  export function resolve(from: string, to: string): string;
  export function resolveObject(from: string, to: string): Url;
  export interface Url {
    readonly href: string;
    readonly path: string | null;
    readonly pathname: string | null;
    readonly query: string | null;
    readonly search: string | null;
  }
  export const Url: new () => Url;
}

declare module 'qs' {
  export function parse(query: string, options: { allowPrototypes: boolean }): object;
}

declare module 'content-disposition' {
  export default function contentDisposition(fileName?: string): string;
}

declare module 'content-type' {
  export interface ContentType {
    readonly type: string;
    readonly parameters: Record<string, string>;
  }
  export function parse(text: string): ContentType;
  export function format(type: ContentType): string;
}

declare module 'cookie' {
  export function serialize(name: string, value: string, options: object): string;
}

declare module 'encodeurl' {
  export default function encodeUrl(url: string): string;
}

declare module 'escape-html' {
  export default function escapeHtml(text: string): string;
}

declare module 'fresh' {
  export default function fresh(request: object, response: object): boolean;
}

declare module 'mime/types.json' {
  const types: Readonly<Record<string, readonly string[]>>;
  export default types;
}

declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { readonly headers: object });
    mediaTypes(available?: readonly string[]): string[];
    encodings(available?: readonly string[]): string[];
    charsets(available?: readonly string[]): string[];
    languages(available?: readonly string[]): string[];
  }
}

declare module 'range-parser' {
  export default function parseRange(size: number, header: string, options?: object): unknown;
}

declare module 'statuses' {
  const statuses: Readonly<Record<number, string | undefined>>;
  export default statuses;
}

declare module 'vary' {
  export default function vary(response: object, field: string | readonly string[]): void;
}
