/**
 * Every option in one table. The command line, environment variables, configuration file and its JSON Schema, library, `--help` and
 * README all follow from it.
 */
import { z } from 'zod';
import { defaultBundleLimits } from '../bundler/index.ts';
import { defaultLimits, minMemoryMiB } from '../sandbox/index.ts';

const count = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) => z.number().int().min(minimum).max(maximum);
const bytes = count(0);
const milliseconds = count(1, 2 ** 31 - 1);

interface OptionRow {
  readonly schema: z.ZodType;
  readonly default: unknown;
  readonly description: string;
  /** What stands for the value in `--help`; absent for flags without one. */
  readonly placeholder?: string;
}

/** Limits and settings of a function. They can be set for all, for a tenant, and for one function. */
export const functionOptions = {
  memoryMiB: {
    schema: count(minMemoryMiB, 64 * 1024),
    default: defaultLimits.memoryMiB,
    placeholder: 'MiB',
    description: 'memory of one isolate: JavaScript heap and array buffers',
  },
  cpuTimeMs: {
    schema: milliseconds,
    default: defaultLimits.cpuTimeMs,
    placeholder: 'ms',
    description: 'CPU time of one invocation',
  },
  wallTimeMs: {
    schema: milliseconds,
    default: defaultLimits.wallTimeMs,
    placeholder: 'ms',
    description: 'wall time of one invocation, awaits included',
  },
  backgroundCpuMs: {
    schema: milliseconds,
    default: defaultLimits.backgroundCpuMs,
    placeholder: 'ms',
    description: 'CPU time of the work given to ctx.waitUntil, once the answer was given',
  },
  backgroundTimeMs: {
    schema: milliseconds,
    default: defaultLimits.backgroundTimeMs,
    placeholder: 'ms',
    description: 'wall time of the work given to ctx.waitUntil, once the answer was given',
  },
  graceMs: {
    schema: count(0, 60_000),
    default: defaultLimits.graceMs,
    placeholder: 'ms',
    description:
      'time that request.signal fires before a limit ends the call, and time to finish when the client went away',
  },
  startUpCpuMs: {
    schema: milliseconds,
    default: defaultLimits.startUpCpuMs,
    placeholder: 'ms',
    description: 'CPU time to load the bundle, before the handler is called',
  },
  requestBodyBytes: {
    schema: bytes,
    default: defaultLimits.requestBodyBytes,
    placeholder: 'bytes',
    description: 'size of a request body',
  },
  responseBodyBytes: {
    schema: bytes,
    default: defaultLimits.responseBodyBytes,
    placeholder: 'bytes',
    description: 'size of a response body that is not streamed',
  },
  logLines: {
    schema: count(0),
    default: defaultLimits.logLines,
    placeholder: 'count',
    description: 'log lines of one invocation; more are dropped',
  },
  logBytes: {
    schema: bytes,
    default: defaultLimits.logBytes,
    placeholder: 'bytes',
    description: 'size of all log lines of one invocation; more are dropped',
  },
  timers: {
    schema: count(0, 100_000),
    default: defaultLimits.timers,
    placeholder: 'count',
    description: 'timers that one invocation may have waiting',
  },
  subrequests: {
    schema: count(0, 100_000),
    default: defaultLimits.subrequests,
    placeholder: 'count',
    description: 'requests that one invocation may send with fetch; a further one fails',
  },
  subrequestConcurrency: {
    schema: count(1, 1_000),
    default: defaultLimits.subrequestConcurrency,
    placeholder: 'count',
    description: 'requests of one invocation that wait for their responses at once; more wait for their turn',
  },
  subrequestTimeMs: {
    schema: milliseconds,
    default: defaultLimits.subrequestTimeMs,
    placeholder: 'ms',
    description: 'wall time of a request that a function sends, until all of its response is there',
  },
  subrequestBodyBytes: {
    schema: bytes,
    default: defaultLimits.subrequestBodyBytes,
    placeholder: 'bytes',
    description: 'size of the body of a request that a function sends',
  },
  subresponseBodyBytes: {
    schema: bytes,
    default: defaultLimits.subresponseBodyBytes,
    placeholder: 'bytes',
    description: 'size of the response to a request that a function sends, decompressed',
  },
  socketTimeMs: {
    schema: milliseconds,
    default: defaultLimits.socketTimeMs,
    placeholder: 'ms',
    description: 'time that the WebSocket of a client may be open; it counts instead of the wall time',
  },
  socketIdleMs: {
    schema: milliseconds,
    default: defaultLimits.socketIdleMs,
    placeholder: 'ms',
    description: 'time that a WebSocket may be open without a message in either direction',
  },
  socketMessageBytes: {
    schema: count(1, 64 * 2 ** 20),
    default: defaultLimits.socketMessageBytes,
    placeholder: 'bytes',
    description: 'size of one message of a WebSocket, in either direction',
  },
  storageOperations: {
    schema: count(0, 100_000),
    default: defaultLimits.storageOperations,
    placeholder: 'count',
    description: 'operations on storage bindings in one invocation; a further one fails',
  },
  storageValueBytes: {
    schema: count(0, 25 * 2 ** 20),
    default: defaultLimits.storageValueBytes,
    placeholder: 'bytes',
    description: 'size of a value in storage',
  },
  concurrency: {
    schema: count(1, 100_000),
    default: defaultLimits.concurrency,
    placeholder: 'count',
    description: 'invocations of one function at once; more wait in the queue',
  },
  bundleBytes: {
    schema: count(1, 2 ** 30),
    default: defaultBundleLimits.bundleBytes,
    placeholder: 'bytes',
    description: 'size of a bundle, and of each of its source files',
  },
} as const satisfies Record<string, OptionRow>;

/** How functions are kept apart; keys of `isolation`. */
export const isolationOptions = {
  cells: {
    schema: count(0, 256),
    default: undefined,
    placeholder: 'count',
    description:
      "processes that hold the isolates; 0 is none but the host's own. One per core with isohost start, none in the library",
  },
  trust: {
    schema: z.enum(['untrusted', 'trusted']),
    default: undefined,
    placeholder: 'profile',
    description: 'what functions find: trusted ones can generate code, too. untrusted with cells, otherwise trusted',
  },
  freshness: {
    schema: z.enum(['isolate', 'context', 'reuse']),
    default: 'isolate',
    placeholder: 'level',
    description:
      'what a call may see of earlier ones: nothing, in an isolate or a global scope (context) of its own, or module state (reuse)',
  },
} as const satisfies Record<string, OptionRow>;

/** What one tenant may use of the host; they can be set for all tenants, and for one. */
export const tenantOptions = {
  tenantConcurrency: {
    schema: count(1, 100_000),
    default: 100_000,
    placeholder: 'count',
    description: 'invocations of one tenant at once; more wait in the queue',
  },
  tenantStorageKeys: {
    schema: count(0),
    default: 10_000,
    placeholder: 'count',
    description: 'keys that one tenant may have in storage',
  },
  tenantStorageBytes: {
    schema: bytes,
    default: 64 * 2 ** 20,
    placeholder: 'bytes',
    description: 'size of everything that one tenant has in storage',
  },
  tenantCpuMsPerSecond: {
    schema: count(0, 1_000_000),
    default: 0,
    placeholder: 'ms',
    description: 'CPU time of one tenant per second, saved up for ten; over it the answer is 429. 0 is no limit',
  },
} as const satisfies Record<string, OptionRow>;

/** Options of the host as a whole. */
export const hostOptions = {
  memoryBudgetMiB: {
    schema: count(minMemoryMiB),
    default: undefined,
    placeholder: 'MiB',
    description:
      'memory that is promised to invocations, all together; more wait in the queue. What the machine or container has, less what the host needs',
  },
  isolates: {
    schema: count(1, 100_000),
    default: 256,
    placeholder: 'count',
    description: 'invocations of all functions at once; more wait in the queue',
  },
  queueLength: {
    schema: count(0, 1_000_000),
    default: 1_000,
    placeholder: 'count',
    description: 'requests that may wait for their turn; more are answered 503',
  },
  queueAgeMs: {
    schema: milliseconds,
    default: 10_000,
    placeholder: 'ms',
    description: 'longest wait in the queue; then the answer is 503',
  },
  corsOrigins: {
    schema: z.array(z.string().min(1)),
    default: [] as string[],
    placeholder: 'origin,...',
    description: 'origins that browsers may call functions from; "*" is all',
  },
  storageFile: {
    schema: z.string().min(1),
    default: undefined,
    placeholder: 'file',
    description: 'SQLite file that storage bindings keep their values in; without it they are kept in memory',
  },
  cacheFolder: {
    schema: z.string(),
    default: undefined,
    placeholder: 'folder',
    description:
      'folder that bundles and V8 code caches are kept in across restarts, for this user alone; isohost start: ~/.cache/isohost; "": none',
  },
  exposeErrors: {
    schema: z.boolean(),
    default: false,
    description: 'show messages and stacks of failed functions to clients, not only in the log',
  },
} as const satisfies Record<string, OptionRow>;

/** Options of `isohost start`. */
export const serverOptions = {
  port: {
    schema: count(0, 65_535),
    default: 8080,
    placeholder: 'number',
    description: 'port to listen on; 0 takes any free one',
  },
  host: {
    schema: z.string().min(1),
    default: '127.0.0.1',
    placeholder: 'address',
    description: 'address to listen on; 0.0.0.0 is all of them',
  },
  tenants: {
    schema: z.boolean(),
    default: false,
    description: 'each folder of the directory is a tenant, served at /<tenant>/<function>',
  },
  log: {
    schema: z.enum(['pretty', 'json', 'off']),
    default: undefined,
    placeholder: 'format',
    description: 'log lines on stderr: pretty, json or off; pretty on a terminal, otherwise json',
  },
  drainMs: {
    schema: count(0, 2 ** 31 - 1),
    default: 10_000,
    placeholder: 'ms',
    description: 'after SIGTERM, time that requests under way have to finish',
  },
  grantEnv: {
    schema: z.array(z.string().min(1)),
    default: [] as string[],
    placeholder: 'NAME,...',
    description: 'environment variables of the host that functions get in their own environment',
  },
} as const satisfies Record<string, OptionRow>;

export type FunctionOptionName = keyof typeof functionOptions;
export type HostOptionName = keyof typeof hostOptions;
export type IsolationOptionName = keyof typeof isolationOptions;
export type TenantOptionName = keyof typeof tenantOptions;
export type ServerOptionName = keyof typeof serverOptions;

export type OptionName =
  | FunctionOptionName
  | HostOptionName
  | IsolationOptionName
  | ServerOptionName
  | TenantOptionName;

export const allOptions: Readonly<Record<OptionName, OptionRow>> = {
  ...serverOptions,
  ...isolationOptions,
  ...functionOptions,
  ...tenantOptions,
  ...hostOptions,
};

/** Where an option stands in a configuration. */
export function keyOf(name: string): string {
  return name in isolationOptions ? `isolation.${name}` : name;
}

/** `memoryMiB` is `--memory-mib`. */
export function flagOf(name: string): string {
  return `--${words(name).join('-')}`;
}

/** `memoryMiB` is `ISOHOST_MEMORY_MIB`. `PORT`, which many platforms set, is known by that name. */
export function environmentVariableOf(name: string): string {
  return name === 'port' ? 'PORT' : `ISOHOST_${words(name).join('_').toUpperCase()}`;
}

function words(name: string): string[] {
  return name
    .replace('MiB', 'Mib')
    .split(/(?=[A-Z])/)
    .map((word) => word.toLowerCase());
}
