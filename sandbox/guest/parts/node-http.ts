/** `node:http`: servers, which the function answers by; requests, which are sent by `fetch`; names and checks of headers. */
import { part } from '../core/facade.ts';
import { httpModule } from './shared/http-module.ts';
import { METHODS, STATUS_CODES } from './shared/http-names.ts';
import { withCode } from './shared/node-error.ts';

function validateHeaderName(name: unknown): void {
  if (typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return;
  throw withCode(new TypeError(`Header name must be a valid HTTP token ["${String(name)}"]`), 'ERR_INVALID_HTTP_TOKEN');
}

function validateHeaderValue(name: string, value: unknown): void {
  if (value === undefined) {
    throw withCode(new TypeError(`Invalid value "undefined" for header "${name}"`), 'ERR_HTTP_INVALID_HEADER_VALUE');
  }
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[^\t\x20-\x7e\x80-\xff]/.test(`${value as string}`)) {
    throw withCode(new TypeError(`Invalid character in header content ["${name}"]`), 'ERR_INVALID_CHAR');
  }
}

const { CloseEvent, MessageEvent } = part('event-types');
const { ClientRequest, IncomingMessage, OutgoingMessage, ServerResponse } = part('node-http-objects');

export default {
  ...httpModule('node:http', 80),
  ClientRequest,
  CloseEvent,
  IncomingMessage,
  METHODS,
  MessageEvent,
  OutgoingMessage,
  STATUS_CODES,
  ServerResponse,
  get WebSocket(): object {
    return part('web-socket').WebSocket;
  },
  maxHeaderSize: 16_384,
  /** Parsers are the host's. */
  setMaxIdleHTTPParsers(): void {},
  validateHeaderName,
  validateHeaderValue,
};
