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
  WritableStream: 'streams',
  WritableStreamDefaultController: 'streams',
  WritableStreamDefaultWriter: 'streams',
  atob: 'base64',
  btoa: 'base64',
  console: 'console',
  crypto: 'crypto',
  performance: 'performance',
  structuredClone: 'structured-clone',
} as const satisfies Record<string, string>;

/** Node's built-in modules that functions can import, and the part that provides each. */
export const builtins = {} as const satisfies Record<string, string>;

/** Parts that another part cannot do without. */
export const requiredParts: Readonly<Record<string, readonly string[]>> = {
  'dialect-web': ['fetch'],
};

/** Other words in a bundle that tell of a part that will be needed. */
export const triggers = {
  bodyUsed: 'streams',
  getReader: 'streams',
  pipeThrough: 'streams',
  pipeTo: 'streams',
} as const satisfies Record<string, string>;
