/**
 * Packages that parts of the guest runtime are made of, and what is changed in them when they are bundled. Each change fails loudly when a new
 * version of the package has no such place any more.
 */
import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';

type Change = (text: string) => string;

/** By the end of the file's path. */
const changes: readonly (readonly [file: RegExp, change: Change])[] = [
  // The package goes through the members of a global that isolates do not have.
  [/node-inspect-extracted\/dist\/inspect\.js$/, replacing('["Atomics","JSON",', '["JSON",')],
  [
    /web-streams-polyfill\/dist\/[^/]+\.m?js$/,
    (text) => withLaterErrors(withExpectedLengths(withMessagesOfWorkers(withLaterWrites(text)))),
  ],
  // What packages look at when they are loaded, and may never need, would load other parts: here they do not, or later.
  [
    /@exodus\/bytes\/fallback\/platform\.native\.js$/,
    replacing('const { Buffer } = globalThis', 'const Buffer = undefined'),
  ],
  [/@exodus\/bytes\/fallback\/_utils\.js$/, replacing('(() => globalThis.Buffer)()', 'undefined')],
  [/@exodus\/bytes\/fallback\/latin1\.js$/, replacing('(() => globalThis.atob)()', 'undefined')],
  [
    /@exodus\/bytes\/single-byte\.js$/,
    replacing('const { TextDecoder, btoa } = globalThis', 'const { TextDecoder } = globalThis, btoa = undefined'),
  ],
  [
    /readable-stream\/lib\/ours\/util\.js$/,
    replacing(
      'globalThis.Blob || bufferModule.Blob',
      '{ [Symbol.hasInstance]: (value) => value instanceof globalThis.Blob }',
    ),
  ],
];

export const changedPackages: Plugin = {
  name: 'changed-packages',
  setup({ onLoad }) {
    for (const [file, change] of changes) {
      onLoad({ filter: new RegExp(file.source.replaceAll('\\/', '[\\\\/]')) }, async ({ path }) => ({
        contents: change(await readFile(path, 'utf8')),
        loader: 'js',
      }));
    }
  },
};

function replacing(before: string, after: string): Change {
  return (text) => {
    if (!text.includes(before)) throw new Error(`a package has no "${before}" any more`);
    return text.replace(before, () => after);
  };
}

/** The package tries out the class of its errors at once. */
function withLaterErrors(text: string): string {
  const search =
    /const (\w+)=function\(\)\{const \w=null==(\w+)\?void 0:\2\.DOMException;.*?\}\(\)\|\|function\(\)\{.*?,\w\}\(\);/;
  if (!search.test(text)) throw new Error('web-streams-polyfill has changed how it finds DOMException');
  return text.replace(
    search,
    (_, name: string) => `const ${name}=function(...args){return new DOMException(...args)};`,
  );
}

/**
 * A pipe of the package writes a chunk at once when it is enqueued; the standard has it written in a microtask, so that `enqueue` never runs
 * code of the sink. https://streams.spec.whatwg.org/#readable-stream-pipe-to
 */
function withLaterWrites(text: string): string {
  const steps =
    /_chunkSteps\((\w)\)\{this\._state\._currentWrite=(\w+)\((\w+\(this\._state\._writer,\1\)),void 0,(\w+)\),this\._resolvePromise\(!1\)\}/;
  const resolved = /this\._currentWrite=(\w+\(void 0\))/.exec(text)?.[1];
  if (resolved === undefined || !steps.test(text)) throw new Error('web-streams-polyfill has changed its pipes');
  return text.replace(
    steps,
    (_, chunk: string, then: string, write: string, ignore: string) =>
      `_chunkSteps(${chunk}){this._state._currentWrite=${then}(${resolved},()=>{` +
      `const written=${then}(${write},void 0,${ignore});this._resolvePromise(!1);return written})}`,
  );
}

/** As on Workers: who makes a stream may say how many bytes it will have. */
function withExpectedLengths(text: string): string {
  const ofReadable =
    /class ReadableStream\{constructor\((\w)=\{\},\w=\{\}\)\{void 0===\1\?\1=null:[\w$]+\(\1,"First parameter"\);/;
  const ofTransform = /class TransformStream\{constructor\((\w)=\{\},\w=\{\},\w=\{\}\)\{void 0===\1&&\(\1=null\);/;
  const getter = /get readable\(\)\{([^{}]*)return this\._readable\}/;
  if (!ofReadable.test(text) || !ofTransform.test(text) || !getter.test(text))
    throw new Error('web-streams-polyfill has changed its constructors');
  const read = (source: string): string => `this._expectedLength=${source}?.expectedLength;`;
  return text
    .replace(ofReadable, (begin, source: string) => begin + read(source))
    .replace(ofTransform, (begin, source: string) => begin + read(source))
    .replace(getter, (_, check: string) => {
      const pass = 'this._readable._expectedLength??=this._expectedLength;';
      return `get readable(){${check}${pass}return this._readable}`;
    });
}

/** Messages of errors of streams are not in the standard, and code that looks at them was mostly written for Workers. */
const messagesOfWorkers: Readonly<Record<string, string>> = {
  'Reader was released': 'This ReadableStream reader has been released.',
  'This BYOB request has been invalidated': 'This ReadableStreamBYOBRequest has been invalidated.',
  'This stream has already been locked for exclusive reading by another reader':
    'This ReadableStream is currently locked to a reader.',
  'This stream has already been locked for exclusive writing by another writer':
    'This WritableStream is currently locked to a writer.',
  'The stream is closing or closed and cannot be written to': 'This WritableStream has been closed.',
  'Readable side is not in a state that permits enqueue':
    'The readable side of this TransformStream is no longer readable.',
  'chunk must have non-zero byteLength': 'Cannot enqueue a zero-length ArrayBuffer.',
  'the destination writable stream closed before all data could be piped to it':
    'This destination writable stream is closed.',
};

function withMessagesOfWorkers(text: string): string {
  let changed = text;
  for (const [message, other] of Object.entries(messagesOfWorkers)) {
    const quoted = JSON.stringify(message);
    if (!changed.includes(quoted)) throw new Error(`web-streams-polyfill has no message ${quoted} any more`);
    changed = changed.replaceAll(quoted, JSON.stringify(other));
  }
  return changed;
}
