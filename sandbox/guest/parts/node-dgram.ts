/** `node:dgram`: loads, and says at use that there are no sockets. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:dgram';
const remedy = 'there are no sockets; use fetch';

export default {
  ...unavailableFunctions(module, remedy, ['createSocket']),
  ...unavailableClasses(module, remedy, ['Socket']),
};
