/** `node:wasi`: loads, and says at use that there is no system to give access to. */
import {
  assertBoolean,
  assertInteger,
  assertObject,
  assertString,
  invalidArgument,
  invalidValue,
} from './shared/node-error.ts';
import { unavailable, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:wasi';
const remedy = 'there is no system to give access to; instantiate the module with imports of your own';

// oxlint-disable-next-line no-extraneous-class -- a class of Node's, whose methods are put on it below
class WASI {
  constructor(options: Record<string, unknown> = {}) {
    assertObject('options', options);
    const { version, args, env, preopens, returnOnExit } = options as Record<string, unknown>;
    if (version !== undefined && version !== 'unstable' && version !== 'preview1') {
      throw invalidValue('options.version', version, "must be 'unstable' or 'preview1'");
    }
    if (args !== undefined && !Array.isArray(args)) throw invalidArgument('options.args', 'an instance of Array', args);
    if (env !== undefined) assertObject('options.env', env);
    if (preopens !== undefined) assertObject('options.preopens', preopens);
    for (const name of ['stdin', 'stdout', 'stderr']) {
      if (options[name] !== undefined) assertInteger(`options.${name}`, options[name], 0, 2 ** 31 - 1);
    }
    if (returnOnExit !== undefined) assertBoolean('options.returnOnExit', returnOnExit);
    if (version !== undefined) assertString('options.version', version);
    throw unavailable(`WASI of ${module}`, remedy);
  }
}
Object.assign(WASI.prototype, unavailableFunctions(module, remedy, ['getImportObject', 'initialize', 'start']));

export default { WASI };
