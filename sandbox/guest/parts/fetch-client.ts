/** https://fetch.spec.whatwg.org/#fetch-method: what a function sends leaves through the host, and nowhere else. */
export { fetch } from './fetch-client/fetch.ts';
