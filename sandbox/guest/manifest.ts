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
  Blob: 'blob',
  BroadcastChannel: 'messaging',
  ByteLengthQueuingStrategy: 'streams',
  Cache: 'caches',
  CacheStorage: 'caches',
  CloseEvent: 'event-types',
  CompressionStream: 'compression',
  CountQueuingStrategy: 'streams',
  Crypto: 'crypto',
  CryptoKey: 'subtle',
  CustomEvent: 'events',
  DOMException: 'events',
  DecompressionStream: 'compression',
  ErrorEvent: 'event-types',
  Event: 'events',
  EventSource: 'event-source',
  EventTarget: 'events',
  File: 'blob',
  FixedLengthStream: 'identity-streams',
  FormData: 'blob',
  Headers: 'fetch',
  IdentityTransformStream: 'identity-streams',
  Lock: 'locks',
  LockManager: 'locks',
  MessageChannel: 'messaging',
  MessageEvent: 'event-types',
  MessagePort: 'messaging',
  Navigator: 'navigator',
  Performance: 'performance',
  PerformanceEntry: 'user-timing',
  PerformanceMark: 'user-timing',
  PerformanceMeasure: 'user-timing',
  PerformanceObserver: 'user-timing',
  PerformanceObserverEntryList: 'user-timing',
  PerformanceResourceTiming: 'user-timing',
  ProgressEvent: 'event-types',
  PromiseRejectionEvent: 'event-types',
  QuotaExceededError: 'events',
  ReadableByteStreamController: 'streams',
  ReadableStream: 'streams',
  ReadableStreamBYOBReader: 'streams',
  ReadableStreamBYOBRequest: 'streams',
  ReadableStreamDefaultController: 'streams',
  ReadableStreamDefaultReader: 'streams',
  Request: 'fetch',
  Response: 'fetch',
  SubtleCrypto: 'subtle',
  TextDecoder: 'encoding',
  TextDecoderStream: 'encoding-streams',
  TextEncoder: 'encoding',
  TextEncoderStream: 'encoding-streams',
  TransformStream: 'streams',
  TransformStreamDefaultController: 'streams',
  URL: 'url',
  URLPattern: 'url-pattern',
  URLSearchParams: 'url',
  WebAssembly: 'webassembly',
  WebSocket: 'web-socket',
  WebSocketPair: 'web-socket',
  WritableStream: 'streams',
  WritableStreamDefaultController: 'streams',
  WritableStreamDefaultWriter: 'streams',
  addEventListener: 'global-events',
  atob: 'base64',
  btoa: 'base64',
  caches: 'caches',
  console: 'console',
  crypto: 'crypto',
  dispatchEvent: 'global-events',
  fetch: 'fetch-client',
  navigator: 'navigator',
  performance: 'performance',
  removeEventListener: 'global-events',
  reportError: 'global-events',
  scheduler: 'scheduler',
  structuredClone: 'structured-clone',
} as const satisfies Record<string, string>;

/** Those of the names above that stay accessors, as the standards have them; the first cannot be replaced. */
export const globalAttributes = ['crypto', 'caches', 'navigator', 'performance'] as const;

/** Attributes of `globalThis` for listeners, by the part `global-events`. */
export const globalHandlers = ['onerror', 'onrejectionhandled', 'onunhandledrejection'] as const;

/** Node's built-in modules that functions can import, and the part that provides each. */
export const builtins = {
  'node:_stream_duplex': 'node-stream-duplex',
  'node:_stream_passthrough': 'node-stream-passthrough',
  'node:_stream_readable': 'node-stream-readable',
  'node:_stream_transform': 'node-stream-transform',
  'node:_stream_writable': 'node-stream-writable',
  'node:assert': 'node-assert',
  'node:assert/strict': 'node-assert-strict',
  'node:async_hooks': 'node-async-hooks',
  'node:buffer': 'node-buffer',
  'node:child_process': 'node-child-process',
  'node:cluster': 'node-cluster',
  'node:console': 'node-console',
  'node:constants': 'node-constants',
  'node:crypto': 'node-crypto',
  'node:dgram': 'node-dgram',
  'node:diagnostics_channel': 'node-diagnostics-channel',
  'node:dns': 'node-dns',
  'node:dns/promises': 'node-dns-promises',
  'node:domain': 'node-domain',
  'node:events': 'node-events',
  'node:fs': 'node-fs',
  'node:fs/promises': 'node-fs-promises',
  'node:http': 'node-http',
  'node:http2': 'node-http2',
  'node:https': 'node-https',
  'node:inspector': 'node-inspector',
  'node:inspector/promises': 'node-inspector',
  'node:module': 'node-module',
  'node:net': 'node-net',
  'node:os': 'node-os',
  'node:path': 'node-path',
  'node:path/posix': 'node-path',
  'node:path/win32': 'node-path-win32',
  'node:perf_hooks': 'node-perf-hooks',
  'node:process': 'node-process',
  'node:punycode': 'node-punycode',
  'node:querystring': 'node-querystring',
  'node:readline': 'node-readline',
  'node:readline/promises': 'node-readline-promises',
  'node:repl': 'node-repl',
  'node:sqlite': 'node-sqlite',
  'node:stream': 'node-stream',
  'node:stream/consumers': 'node-stream-consumers',
  'node:stream/promises': 'node-stream-promises',
  'node:stream/web': 'node-stream-web',
  'node:string_decoder': 'node-string-decoder',
  'node:sys': 'node-util',
  'node:timers': 'node-timers',
  'node:timers/promises': 'node-timers-promises',
  'node:tls': 'node-tls',
  'node:trace_events': 'node-trace-events',
  'node:tty': 'node-tty',
  'node:url': 'node-url',
  'node:util': 'node-util',
  'node:util/types': 'node-util-types',
  'node:v8': 'node-v8',
  'node:vm': 'node-vm',
  'node:wasi': 'node-wasi',
  'node:worker_threads': 'node-worker-threads',
  'node:zlib': 'node-zlib',
} as const satisfies Record<string, string>;

/** Parts that are packages as they are, without a file in `parts/`. */
export const packageParts: Readonly<Record<string, string>> = {
  'node-punycode': 'punycode/punycode.js',
  'package-events': 'events/events.js',
  'package-stream': 'readable-stream/lib/stream.js',
  'package-util': 'util/util.js',
};

/** What packages that parts are made of get in place of a module that is made of the same package. */
export const packageBuiltins: Readonly<Record<string, string>> = {
  events: 'package-events',
  stream: 'package-stream',
  util: 'package-util',
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
  blob: ['encoding'],
  caches: ['fetch', 'url'],
  compression: ['events', 'streams'],
  'dialect-web': ['fetch'],
  'event-source': ['encoding', 'event-types', 'fetch-client', 'streams', 'url'],
  'fetch-client': ['fetch', 'url'],
  'digest-stream': ['encoding', 'streams'],
  'encoding-streams': ['encoding', 'streams'],
  'identity-streams': ['encoding', 'streams'],
  'global-events': ['event-types'],
  'kubeless-http': ['node-buffer', 'package-events', 'node-process'],
  locks: ['crypto', 'events'],
  'node-child-process': ['package-events'],
  'node-crypto': ['crypto', 'node-buffer', 'package-events', 'subtle'],
  'node-http': ['event-types', 'node-http-objects'],
  'node-http-objects': [
    'events',
    'fetch',
    'node-buffer',
    'node-process',
    'package-events',
    'package-stream',
    'streams',
    'url',
  ],
  'node-https': ['node-http-objects'],
  'node-path-win32': ['node-path'],
  'node-readline': ['encoding', 'node-readline-promises', 'package-events'],
  'node-readline-promises': ['encoding', 'package-events'],
  'node-stream': ['package-stream'],
  'node-zlib': ['node-buffer'],
  messaging: ['event-types', 'structured-clone'],
  'user-timing': ['events', 'structured-clone'],
  'web-socket': ['encoding', 'event-types', 'url'],
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
    DigestStream: 'digest-stream',
    bodyUsed: 'streams',
    getEntries: 'user-timing',
    getEntriesByName: 'user-timing',
    getEntriesByType: 'user-timing',
    formData: 'blob',
    measure: 'user-timing',
    getReader: 'streams',
    pipeThrough: 'streams',
    pipeTo: 'streams',
    subtle: 'subtle',
  },
  'dialect-kubeless': {
    extensions: 'kubeless-http',
    multipart: 'package-stream',
  },
};
