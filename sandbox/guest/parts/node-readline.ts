/** `node:readline`: loads, and says at use that there is no terminal. */
import { part } from '../core/facade.ts';
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:readline';
const remedy = 'there is no terminal; read request.body';

export default {
  ...unavailableFunctions(module, remedy, [
    'createInterface',
    'clearLine',
    'clearScreenDown',
    'cursorTo',
    'emitKeypressEvents',
    'moveCursor',
  ]),
  ...unavailableClasses(module, remedy, ['Interface']),
  promises: part('node-readline-promises').default,
};
