/** `node:repl`: loads, and says at use that there is no terminal. */
import { builtins } from '../manifest.ts';
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:repl';
const remedy = 'there is no terminal; read request.body';
const names = Object.keys(builtins)
  .map((name) => name.slice('node:'.length))
  .filter((name) => !name.startsWith('_'));

/** What a prompt throws to ask for the next line. */
class Recoverable extends SyntaxError {
  readonly err: unknown;

  constructor(error: unknown) {
    super();
    this.err = error;
  }
}

export default {
  ...unavailableFunctions(module, remedy, ['isValidSyntax', 'start', 'writer']),
  ...unavailableClasses(module, remedy, {
    REPLServer: ['clearBufferedCommand', 'close', 'defineCommand', 'displayPrompt', 'setPrompt', 'setupHistory'],
  }),
  REPL_MODE_SLOPPY: Symbol('repl-sloppy'),
  REPL_MODE_STRICT: Symbol('repl-strict'),
  Recoverable,
  _builtinLibs: names,
  builtinModules: names,
};
