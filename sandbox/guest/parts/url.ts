/** The URL Standard's classes: https://url.spec.whatwg.org */
export { URL, parseUrl } from './url/url.ts';
export { URLSearchParams } from './url/search-params.ts';
