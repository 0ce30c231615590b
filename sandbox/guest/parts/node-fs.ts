/** `node:fs`: every operation fails, since there are no files; nothing exists. */
import { part, queueMicrotask } from '../core/facade.ts';
import { fsConstants } from './shared/fs-constants.ts';
import { handleOperations, noFiles, pathOperations } from './shared/no-files.ts';
import { assertFunction } from './shared/node-error.ts';
import { unavailableClasses } from './shared/unavailable.ts';

type Callback = (error: Error | null, result?: unknown) => void;

function withCallback(operation: string) {
  return (...args: unknown[]): void => {
    const callback = args.at(-1) as Callback;
    assertFunction('cb', callback);
    queueMicrotask(() => callback(noFiles(operation, args[0])));
  };
}

function synchronous(operation: string) {
  return (path?: unknown): never => {
    throw noFiles(operation, path);
  };
}

const operations: Record<string, unknown> = {};
for (const name of [...pathOperations, ...handleOperations]) {
  operations[name] = withCallback(name);
  operations[`${name}Sync`] = synchronous(name);
}
for (const name of ['mkdtempDisposable', 'openAsBlob']) operations[`${name}Sync`] = synchronous(name);
for (const name of ['watch', 'watchFile']) operations[name] = synchronous(name);

interface StatOptions {
  readonly throwIfNoEntry?: boolean;
}

/** Who asks only whether there is something gets the answer. */
function statSync(operation: string) {
  return (path: unknown, { throwIfNoEntry = true }: StatOptions = {}): undefined => {
    if (throwIfNoEntry) throw noFiles(operation, path);
  };
}

/** A stream that fails as soon as somebody wants something of it. */
function streamOf(kind: 'Readable' | 'Writable') {
  return (path: unknown): object => {
    const error = noFiles('open', path);
    const streams = part('package-stream') as unknown as Record<string, new (options: object) => Failing>;
    const stream = new streams[kind]!({});
    stream.destroy(error);
    return Object.assign(stream, { path });
  };
}
interface Failing {
  destroy(error: Error): void;
}

const classes = unavailableClasses('node:fs', 'functions have no files', [
  'Dir',
  'Dirent',
  'ReadStream',
  'Stats',
  'Utf8Stream',
  'WriteStream',
]);

export default {
  ...operations,
  ...classes,
  FileReadStream: classes['ReadStream'],
  FileWriteStream: classes['WriteStream'],
  constants: fsConstants,
  createReadStream: streamOf('Readable'),
  createWriteStream: streamOf('Writable'),
  exists(_path: unknown, callback: (exists: boolean) => void): void {
    assertFunction('cb', callback);
    queueMicrotask(() => callback(false));
  },
  existsSync: (): boolean => false,
  lstatSync: statSync('lstat'),
  openAsBlob: (path: unknown): Promise<never> => Promise.reject(noFiles('open', path)),
  get promises(): object {
    return part('node-fs-promises').default;
  },
  realpath: Object.assign(withCallback('realpath'), { native: withCallback('realpath') }),
  realpathSync: Object.assign(synchronous('realpath'), { native: synchronous('realpath') }),
  statSync: statSync('stat'),
  /** Nothing is watched. */
  unwatchFile(): void {},
};
