/** `node:dns/promises`. */
import { dnsModule } from './shared/dns-module.ts';

export default dnsModule('node:dns/promises');
