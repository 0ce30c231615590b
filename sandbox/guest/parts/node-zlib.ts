/** `node:zlib`: the functions, synchronous and with a callback, and the streams. The host does the work. */
import { queueMicrotask } from '../core/facade.ts';
import { viewBufferSource } from './shared/buffer-source.ts';
import { assertFunction } from './shared/node-error.ts';
import { operateSync } from './shared/operation.ts';
import { constants } from './node-zlib/constants.ts';
import { crc32 } from './node-zlib/crc32.ts';
import { bytesOf, checkedOptions, codes, kinds, type Options, toBuffer, withNumber } from './node-zlib/data.ts';
import { streamClass } from './node-zlib/streams.ts';

type Callback = (error: Error | null, result?: Uint8Array | Info) => void;
type Name = keyof typeof kinds;

interface Info {
  readonly buffer: Uint8Array;
  readonly engine: object;
}

/** With the option `info`, the stream that could have done it comes with the result. */
function process(name: Name, data: unknown, options: Options | undefined): Uint8Array | Info {
  const kind = kinds[name];
  const given = checkedOptions(options, kind);
  const dictionary = viewBufferSource(options?.['dictionary']);
  // Not before the options were read: their getters may make it smaller.
  const bytes = bytesOf(data);
  const text = JSON.stringify([
    kind,
    { ...given, dictionary: dictionary === undefined ? undefined : new Uint8Array(dictionary).toBase64() },
  ]);
  try {
    const buffer = toBuffer(operateSync('zlib.once', text, bytes) as Uint8Array<ArrayBuffer>);
    return options?.['info'] === true ? { buffer, engine: new (classOf(name))(options) } : buffer;
  } catch (thrown) {
    throw withNumber(thrown);
  }
}

function synchronous(name: Name) {
  return (data: unknown, options?: Options): Uint8Array | Info => process(name, data, options);
}

function withCallback(name: Name) {
  const kind = kinds[name];
  return (data: unknown, ...rest: [Callback] | [Options, Callback]): void => {
    const callback = rest.at(-1) as Callback;
    assertFunction('callback', callback);
    const options = rest.length > 1 ? (rest[0] as Options) : {};
    checkedOptions(options, kind);
    const bytes = bytesOf(data);
    queueMicrotask(() => {
      let result: Uint8Array | Info;
      try {
        result = process(name, bytes, options);
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

for (const name of Object.keys(kinds) as Name[]) {
  const className = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  members[name] = withCallback(name);
  members[`${name}Sync`] = synchronous(name);
  members[`create${className}`] = (options?: Options): object => new (classOf(name))(options);
  Object.defineProperty(members, className, { configurable: true, enumerable: true, get: () => classOf(name) });
}

/** As they were called before there was `constants`. */
for (const [name, value] of Object.entries(constants)) {
  if (name.startsWith('BROTLI')) continue;
  Object.defineProperty(members, name, { configurable: false, enumerable: false, value });
}

export default members;
