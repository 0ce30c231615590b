/** `node:child_process`: loads, and says at use that there are no processes. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:child_process';
const remedy = 'there are no processes; call another function with fetch';

export default {
  ...unavailableFunctions(module, remedy, [
    'exec',
    'execFile',
    'execFileSync',
    'execSync',
    'fork',
    'spawn',
    'spawnSync',
  ]),
  ...unavailableClasses(module, remedy, ['ChildProcess']),
};
