/** The Fetch Standard's classes: https://fetch.spec.whatwg.org */
export { bodyBytes, type GuestReadableStream } from './fetch/body.ts';
export { Headers } from './fetch/headers.ts';
export { Request, requestFromWire } from './fetch/request.ts';
export { Response, responseParts } from './fetch/response.ts';
