/** The Fetch Standard's classes: https://fetch.spec.whatwg.org */
export { bodyBytes, bodyOf, bodyStream, type GuestReadableStream, HeldBody, takeHeldBody } from './fetch/body.ts';
export { Headers } from './fetch/headers.ts';
export { clientAddress, Request, requestFromWire, type RequestInit, requestParts } from './fetch/request.ts';
export { receivedResponse, Response, responseParts } from './fetch/response.ts';
