declare module 'url/url.js' {
  export function parse(url: string, parseQueryString?: boolean, slashesDenoteHost?: boolean): Url;
  export function format(url: object | string): string;
  export function resolve(from: string, to: string): string;
  export function resolveObject(from: string, to: string): Url;
  export interface Url {
    readonly href: string;
  }
  export const Url: new () => Url;
}

declare module 'qs' {
  export function parse(query: string, options: { allowPrototypes: boolean }): object;
}
