/** `node:dns`. */
import { part } from '../core/facade.ts';
import { dnsModule } from './shared/dns-module.ts';

export default {
  ...dnsModule('node:dns'),
  ADDRCONFIG: 32,
  ALL: 16,
  V4MAPPED: 8,
  promises: part('node-dns-promises').default,
};
