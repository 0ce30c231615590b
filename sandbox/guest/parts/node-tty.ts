/** `node:tty`: loads, and says at use that there is no terminal. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:tty';
const remedy = 'there is no terminal; use console';

export default {
  ...unavailableFunctions(module, remedy, []),
  ...unavailableClasses(module, remedy, ['ReadStream', 'WriteStream']),
  isatty: () => false,
};
