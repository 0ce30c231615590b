/** `event.extensions.request` and `event.extensions.response`: as much of Express' objects as Kubeless functions rely on. */
export type { Exchange, KubelessRequest } from './kubeless/exchange.ts';
export { createExchange } from './kubeless/exchange.ts';
