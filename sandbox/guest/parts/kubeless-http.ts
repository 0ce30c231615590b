/** `event.extensions.request` and `event.extensions.response`: the objects of Express 4, and of Node below them. */
export type { Exchange, IncomingHeaders, KubelessRequest } from './kubeless/exchange.ts';
export { createExchange } from './kubeless/exchange.ts';
