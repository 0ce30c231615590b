/** `node:vm`: loads, and says at use that there are no further contexts. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:vm';
const remedy = 'code cannot be run in a context of its own; import it, so that it is bundled';

export default {
  ...unavailableFunctions(module, remedy, [
    'compileFunction',
    'createContext',
    'createScript',
    'measureMemory',
    'runInContext',
    'runInNewContext',
    'runInThisContext',
  ]),
  ...unavailableClasses(module, remedy, ['Script']),
  /** None can have been made. */
  isContext: () => false,
  constants: {
    __proto__: null,
    DONT_CONTEXTIFY: Symbol('vm_context_no_contextify'),
    USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol('vm_dynamic_import_main_context_default'),
  },
};
