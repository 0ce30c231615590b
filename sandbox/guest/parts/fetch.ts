/** The Fetch Standard's classes: https://fetch.spec.whatwg.org */
import { cloneOfHeaders } from './fetch/headers.ts';
import { cloneOfRequest } from './fetch/request.ts';

/** As on Workers: a response cannot be cloned by this, and neither can a request with a body. */
export function cloneOf(value: object): object | undefined {
  return cloneOfHeaders(value) ?? cloneOfRequest(value);
}

export { bodyBytes, bodyOf, bodyStream, type GuestReadableStream, HeldBody, takeHeldBody } from './fetch/body.ts';
export { Headers } from './fetch/headers.ts';
export { clientAddress, Request, requestFromWire, type RequestInit, requestParts } from './fetch/request.ts';
export { receivedResponse, Response, responseParts } from './fetch/response.ts';
