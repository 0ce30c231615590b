/** `node:http2`: loads, and says at use that there are no sockets. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

/** Names of headers and methods, as far as libraries take them from here. */
const http2Constants = {
  HTTP2_HEADER_AUTHORITY: ':authority',
  HTTP2_HEADER_METHOD: ':method',
  HTTP2_HEADER_PATH: ':path',
  HTTP2_HEADER_SCHEME: ':scheme',
  HTTP2_HEADER_STATUS: ':status',
  HTTP2_HEADER_CONTENT_LENGTH: 'content-length',
  HTTP2_HEADER_CONTENT_TYPE: 'content-type',
  HTTP2_METHOD_GET: 'GET',
  HTTP2_METHOD_POST: 'POST',
  NGHTTP2_NO_ERROR: 0,
  NGHTTP2_CANCEL: 8,
};
const module = 'node:http2';
const remedy = 'use fetch for requests, and export a fetch handler to serve';

export default {
  ...unavailableFunctions(module, remedy, [
    'connect',
    'createServer',
    'createSecureServer',
    'performServerHandshake',
    'getDefaultSettings',
    'getPackedSettings',
    'getUnpackedSettings',
  ]),
  ...unavailableClasses(module, remedy, ['Http2ServerRequest', 'Http2ServerResponse']),
  constants: http2Constants,
  sensitiveHeaders: Symbol('sensitiveHeaders'),
};
