/** What one function may use. Every name ends in its unit, except plain counts. */
export interface Limits {
  /** JavaScript heap and array buffers of one isolate. */
  readonly memoryMiB: number;
  /** CPU time of one invocation, summed over all the times that it ran. */
  readonly cpuTimeMs: number;
  /** Wall time of one invocation: awaits included, waiting for other functions to yield the CPU not. */
  readonly wallTimeMs: number;
  /** What work of `ctx.waitUntil` may take beside that, once the answer has been given. */
  readonly backgroundCpuMs: number;
  readonly backgroundTimeMs: number;
  /** How long before a limit, or after the client went away, a function that looks at `request.signal` has to finish. */
  readonly graceMs: number;
  /** CPU time of compiling the bundle and running its module level. */
  readonly startUpCpuMs: number;
  readonly requestBodyBytes: number;
  /** A response that is not streamed. */
  readonly responseBodyBytes: number;
  readonly logLines: number;
  readonly logBytes: number;
  /** Timers waiting at once. */
  readonly timers: number;
  /** Requests that one invocation sends, redirects not counted. */
  readonly subrequests: number;
  /** Those that wait for their responses at once; more wait for their turn. */
  readonly subrequestConcurrency: number;
  /** Wall time of one subrequest, its response body included. */
  readonly subrequestTimeMs: number;
  readonly subrequestBodyBytes: number;
  /** Of the response to a subrequest, decompressed. */
  readonly subresponseBodyBytes: number;
  /** How long a client's WebSocket may be open; it counts instead of the wall time. */
  readonly socketTimeMs: number;
  /** How long a WebSocket may be open without a message in either direction. */
  readonly socketIdleMs: number;
  /** One message of a WebSocket, in either direction. */
  readonly socketMessageBytes: number;
  /** Operations on storage bindings. */
  readonly storageOperations: number;
  readonly storageValueBytes: number;
  /** Invocations of one function at once; more wait in the queue. */
  readonly concurrency: number;
}

/** isolated-vm's own minimum. */
export const minMemoryMiB = 8;

export const defaultLimits: Limits = Object.freeze({
  memoryMiB: 128,
  cpuTimeMs: 1_000,
  wallTimeMs: 30_000,
  backgroundCpuMs: 1_000,
  backgroundTimeMs: 30_000,
  graceMs: 200,
  startUpCpuMs: 1_000,
  requestBodyBytes: 10 * 1024 * 1024,
  responseBodyBytes: 50 * 1024 * 1024,
  logLines: 1_000,
  logBytes: 256 * 1024,
  timers: 1_000,
  subrequests: 50,
  subrequestConcurrency: 6,
  subrequestTimeMs: 30_000,
  subrequestBodyBytes: 100 * 1024 * 1024,
  subresponseBodyBytes: 100 * 1024 * 1024,
  socketTimeMs: 300_000,
  socketIdleMs: 60_000,
  socketMessageBytes: 1024 * 1024,
  storageOperations: 1_000,
  storageValueBytes: 1024 * 1024,
  concurrency: 100,
});
