/** `node:zlib`: the functions, synchronous and with a callback, and the streams. The host does the work. */
import { queueMicrotask } from '../core/facade.ts';
import { viewBufferSource } from './shared/buffer-source.ts';
import { operateSync } from './shared/operation.ts';
import { constants } from './node-zlib/constants.ts';
import { crc32 } from './node-zlib/crc32.ts';
import {
  bytesOf,
  checkedOptions,
  codes,
  invalid,
  kinds,
  type Options,
  toBuffer,
  withNumber,
} from './node-zlib/data.ts';
import { streamClass } from './node-zlib/streams.ts';

type Callback = (error: Error | null, result?: Uint8Array) => void;
type Name = keyof typeof kinds;

function process(kind: string, data: unknown, options: Options | undefined): Uint8Array {
  const bytes = bytesOf(data);
  const given = checkedOptions(options);
  const dictionary = viewBufferSource(options?.['dictionary']);
  const text = JSON.stringify([
    kind,
    { ...given, dictionary: dictionary === undefined ? undefined : new Uint8Array(dictionary).toBase64() },
  ]);
  try {
    return toBuffer(operateSync('zlib.once', text, bytes) as Uint8Array<ArrayBuffer>);
  } catch (thrown) {
    throw withNumber(thrown);
  }
}

function synchronous(kind: string) {
  return (data: unknown, options?: Options): Uint8Array => process(kind, data, options);
}

function withCallback(kind: string) {
  return (data: unknown, ...rest: [Callback] | [Options, Callback]): void => {
    const callback = rest.at(-1) as Callback;
    if (typeof callback !== 'function') {
      throw invalid('ERR_INVALID_ARG_TYPE', 'The "callback" argument must be of type function.');
    }
    const bytes = bytesOf(data);
    const options = rest.length > 1 ? (rest[0] as Options) : {};
    checkedOptions(options);
    queueMicrotask(() => {
      let result: Uint8Array;
      try {
        result = process(kind, bytes, options);
      } catch (thrown) {
        callback(thrown as Error);
        return;
      }
      callback(null, result);
    });
  };
}

const members: Record<string, unknown> = { codes, constants, crc32 };
const classes = new Map<Name, ReturnType<typeof streamClass>>();

function classOf(name: Name): ReturnType<typeof streamClass> {
  let found = classes.get(name);
  if (found === undefined) {
    found = streamClass(name);
    classes.set(name, found);
  }
  return found;
}

for (const [name, kind] of Object.entries(kinds) as [Name, string][]) {
  const className = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  members[name] = withCallback(kind);
  members[`${name}Sync`] = synchronous(kind);
  members[`create${className}`] = (options?: Options): object => new (classOf(name))(options);
  Object.defineProperty(members, className, { configurable: true, enumerable: true, get: () => classOf(name) });
}

export default members;
