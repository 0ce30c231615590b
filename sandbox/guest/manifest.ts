/**
 * The table of the guest runtime's parts. A part is a file in `parts/`; it is evaluated when a function first uses one of the
 * names below, so a function pays only for what it uses. The host reads this table too: it puts the parts whose names occur in a
 * bundle into the script that starts the function's isolates, with their code cache. A part that is needed all the same
 * (`globalThis['UR' + 'L']`) is fetched and compiled on first use.
 */

/** Names of `globalThis`, and the part that provides each. */
export const globals = {
  AbortController: 'events',
  AbortSignal: 'events',
  ByteLengthQueuingStrategy: 'streams',
  CountQueuingStrategy: 'streams',
  CustomEvent: 'events',
  DOMException: 'events',
  Event: 'events',
  EventTarget: 'events',
  Headers: 'fetch',
  ReadableByteStreamController: 'streams',
  ReadableStream: 'streams',
  ReadableStreamBYOBReader: 'streams',
  ReadableStreamBYOBRequest: 'streams',
  ReadableStreamDefaultController: 'streams',
  ReadableStreamDefaultReader: 'streams',
  Request: 'fetch',
  Response: 'fetch',
  TextDecoder: 'encoding',
  TextEncoder: 'encoding',
  TransformStream: 'streams',
  TransformStreamDefaultController: 'streams',
  URL: 'url',
  URLSearchParams: 'url',
  WebAssembly: 'webassembly',
  WritableStream: 'streams',
  WritableStreamDefaultController: 'streams',
  WritableStreamDefaultWriter: 'streams',
  atob: 'base64',
  btoa: 'base64',
  console: 'console',
  crypto: 'crypto',
  fetch: 'fetch-client',
  performance: 'performance',
  structuredClone: 'structured-clone',
} as const satisfies Record<string, string>;

/** Node's built-in modules that functions can import, and the part that provides each. */
export const builtins = {
  'node:assert': 'node-assert',
  'node:buffer': 'node-buffer',
  'node:events': 'node-events',
  'node:path': 'node-path',
  'node:process': 'node-process',
  'node:punycode': 'node-punycode',
  'node:querystring': 'node-querystring',
  'node:stream': 'node-stream',
  'node:string_decoder': 'node-string-decoder',
  'node:timers': 'node-timers',
  'node:url': 'node-url',
  'node:util': 'node-util',
} as const satisfies Record<string, string>;

/** Parts that are packages as they are, without a file in `parts/`. */
export const packageParts: Readonly<Record<string, string>> = {
  'node-assert': 'assert/build/assert.js',
  'node-events': 'events/events.js',
  'node-path': 'path-browserify',
  'node-punycode': 'punycode/punycode.js',
  'node-querystring': 'querystring-es3',
  'node-stream': 'readable-stream/lib/stream.js',
  'node-string-decoder': 'string_decoder/lib/string_decoder.js',
  'node-util': 'util/util.js',
};

/** Globals that the functions of a dialect find in addition, and the part that provides each. */
export const dialectGlobals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dialect-web': {},
  'dialect-kubeless': {
    Buffer: 'node-buffer',
    process: 'node-process',
    setTimeout: 'node-timers',
    setInterval: 'node-timers',
    setImmediate: 'node-timers',
    clearTimeout: 'node-timers',
    clearInterval: 'node-timers',
    clearImmediate: 'node-timers',
  },
};

/** Parts that another part will ask for at once; those that it imports are known already. */
export const requiredParts: Readonly<Record<string, readonly string[]>> = {
  'dialect-web': ['fetch'],
  'fetch-client': ['fetch', 'url'],
  'kubeless-http': ['node-buffer', 'node-events', 'node-process'],
};

/**
 * Globals whose names are common words: they count as used only where they are called. (A handler's method `fetch` is no call.)
 */
export const calledGlobals: Readonly<Record<string, RegExp>> = {
  fetch: /(?<![\w$.])fetch\((?![^()]*\)\s*\{)/,
};

/** Other words in a bundle that tell of a part that will be needed, by dialect. */
export const triggers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dialect-web': {
    bodyUsed: 'streams',
    getReader: 'streams',
    pipeThrough: 'streams',
    pipeTo: 'streams',
  },
  'dialect-kubeless': {
    extensions: 'kubeless-http',
    multipart: 'node-stream',
  },
};
