/** The objects of `node:http` and `node:https`: messages, servers, requests. */
export { ClientRequest } from './node-http/client-request.ts';
export { IncomingMessage } from './node-http/incoming-message.ts';
export { OutgoingMessage } from './node-http/outgoing-message.ts';
export { createServer, listeningServer, Server, serverOf } from './node-http/server.ts';
export { ServerResponse } from './node-http/server-response.ts';
