/** `node:child_process`: loads, and says at use that there are no processes. */
import { assertFunction, assertString, invalidArgument } from './shared/node-error.ts';
import { unavailable, unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:child_process';
const remedy = 'there are no processes; call another function with fetch';

const { ChildProcess } = unavailableClasses(module, remedy, {
  ChildProcess: ['disconnect', 'kill', 'ref', 'send', 'spawn', 'unref'],
});
Object.defineProperty(ChildProcess!.prototype, Symbol.dispose, {
  configurable: true,
  writable: true,
  value(this: { kill(): void }): void {
    this.kill();
  },
});

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export default {
  ...unavailableFunctions(module, remedy, ['_forkChild', 'execFile', 'execFileSync', 'execSync', 'spawn']),
  ChildProcess,
  exec(command: string, options?: unknown, callback?: unknown): never {
    assertString('command', command);
    if (isGiven(options) && typeof options !== 'object') assertFunction('options', options);
    if (isGiven(callback)) assertFunction('callback', callback);
    throw unavailable(`exec of ${module}`, remedy);
  },
  fork(file: string, args?: unknown, options?: unknown): never {
    assertString('modulePath', file);
    if (isGiven(args) && typeof args !== 'object') throw invalidArgument('args', 'of type object', args);
    if (isGiven(options) && typeof options !== 'object') throw invalidArgument('options', 'of type object', options);
    throw unavailable(`fork of ${module}`, remedy);
  },
  spawnSync(file: string): never {
    assertString('file', file);
    throw unavailable(`spawnSync of ${module}`, remedy);
  },
};
