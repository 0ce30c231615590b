/** `node:readline/promises`: loads, and says at use that there is no terminal. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:readline/promises';
const remedy = 'there is no terminal; read request.body';

export default {
  ...unavailableFunctions(module, remedy, ['createInterface']),
  ...unavailableClasses(module, remedy, ['Interface', 'Readline']),
};
