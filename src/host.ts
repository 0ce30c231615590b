import { setTimeout as sleep } from 'node:timers/promises';
import { type Bundler, createBundler, keepBundles } from '../bundler/index.ts';
import {
  createSandbox,
  KeptFiles,
  openCacheFolder,
  type KeyValueStorage,
  type Sandbox,
  type SandboxEvent,
  type SandboxStatus,
  type SpawnedCell,
} from '../sandbox/index.ts';
import { Admission } from './admission.ts';
import { Calls, type IncomingCall, type InvocationRecord, type OutgoingAnswer } from './calls.ts';
import {
  defaultTenant,
  type HostConfig,
  resolveAllowance,
  type ResolvedHostConfig,
  resolveHostConfig,
} from './config.ts';
import { openStorage } from './storage.ts';
import { type DeployOptions, Deployments } from './deployments.ts';
import { HostError } from './errors.ts';
import { loadGuestRuntime } from './guest-runtime.ts';
import { HeldBytes } from './held-bytes.ts';
import { type HookOptions, type Hooks, resolveHooks } from './hooks.ts';
import { Metrics } from './metrics.ts';
import { type DeployedFunction, Registry } from './registry.ts';
import { describeEvent } from './sandbox-events.ts';
import { fromWebRequest, toWebResponse } from './wire-http.ts';

export interface HostOptions extends HostConfig, HookOptions {
  /**
   * Where storage bindings keep their values. It is not closed with the host. Default: the file of `storageFile`, or else memory.
   */
  readonly storage?: KeyValueStorage | undefined;
}

/** A function as it is served now. */
export interface FunctionInfo {
  readonly tenant: string;
  readonly name: string;
  /** SHA-256 of the bundle that calls get, in hex; `undefined` when no version could be bundled so far. */
  readonly version: string | undefined;
  readonly deployedAt: Date | undefined;
  /** Bytes of the bundle, and of each source file in it. */
  readonly bundleBytes: number;
  readonly sizes: Readonly<Record<string, number>>;
  /** Files that the bundle was made of. */
  readonly inputs: readonly string[];
  /** Why the latest deployment was refused. */
  readonly error: Error | undefined;
}

export interface InvocationResult {
  readonly id: string;
  readonly response: Response;
  /** Resolves when the invocation is over: its streamed body read, its background work done. Never rejects. */
  readonly ended: Promise<InvocationRecord>;
}

export interface HostStatus extends SandboxStatus {
  readonly isReady: boolean;
  /** Calls that wait for their turn. */
  readonly queued: number;
}

export interface Host {
  /** Serves `/<function>` and everything below it; functions of tenants at `/<tenant>/<function>`. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /**
   * Calls a function by its name, whatever the path of the request.
   *
   * @param name `function` or `tenant/function`.
   * @throws HostError ISOHOST_INVALID_NAME when the name is no string. That there is no such function is an answer.
   */
  invoke(name: string, request: Request): Promise<InvocationResult>;
  /**
   * Bundles a function and puts it in the place of its last version. Calls under way end on the version that they began with.
   *
   * @throws BundleError when it cannot be bundled; the last version, if there is one, stays.
   * @throws HostError ISOHOST_INVALID_NAME, ISOHOST_INVALID_OPTION or ISOHOST_CLOSED.
   */
  deploy(options: DeployOptions): Promise<FunctionInfo>;
  /** Stops serving a function. Calls under way end. Answers whether there was one. */
  remove(name: string, tenant?: string): boolean;
  functions(): readonly FunctionInfo[];
  /**
   * What `fetch` and `invoke` do, for servers that have no `Request` at hand. Never rejects.
   *
   * @param target `function` or `tenant/function`; default: what the path says.
   */
  handle(call: IncomingCall, target?: string): Promise<OutgoingAnswer>;
  /** As configured; `createApp` answers by it. */
  readonly corsOrigins: readonly string[];
  readonly metrics: { readonly contentType: string; expose(): Promise<string> };
  status(): HostStatus;
  /** Refuses new calls and resolves when those under way are over. */
  drain(): Promise<void>;
  /** Ends everything now. When it resolves nothing is left: no thread, no process, no timer. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a host. It opens no port and prints nothing; two hosts in one process do not notice each other.
 *
 * @example
 * ```ts
 * await using host = await createHost({ memoryMiB: 64 });
 * await host.deploy({ name: 'hello', source: 'export default () => new Response("Hello")' });
 * const response = await host.fetch(new Request('http://localhost/hello'));
 * ```
 * @throws HostError ISOHOST_INVALID_OPTION
 */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  return createHostAround(options, undefined);
}

/**
 * @param firstCell A cell that has been started already. It is used, or ended with the process.
 * @throws HostError ISOHOST_INVALID_OPTION
 */
export async function createHostAround(options: HostOptions, firstCell: SpawnedCell | undefined): Promise<Host> {
  assertObject(options);
  const { logger, onInvocation, onLog, storage, ...config } = options;
  return SandboxedHost.create(
    resolveHostConfig(config),
    resolveHooks({ logger, onInvocation, onLog }),
    storage,
    firstCell,
  );
}

function assertObject(options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  const given = Array.isArray(options) ? 'an array' : options === null ? 'null' : `a ${typeof options}`;
  throw new HostError('ISOHOST_INVALID_OPTION', `createHost takes an object of options, not ${given}`);
}

/** Request bodies that wait in memory for their invocations, all together. */
const maxHeldBodyBytes = 256 * 2 ** 20;

class SandboxedHost implements Host {
  readonly metrics: Metrics;
  readonly corsOrigins: readonly string[];
  readonly #config: ResolvedHostConfig;
  readonly #bundler: Bundler;
  readonly #sandbox: Sandbox;
  /** Made here, to be closed here. */
  readonly #storage: KeyValueStorage | undefined;
  readonly #hooks: Hooks;
  readonly #registry = new Registry();
  readonly #admission: Admission;
  readonly #calls: Calls;
  readonly #deployments: Deployments;
  #state: 'open' | 'draining' | 'closed' = 'open';

  static async create(
    config: ResolvedHostConfig,
    hooks: Hooks,
    given: KeyValueStorage | undefined,
    firstCell: SpawnedCell | undefined,
  ): Promise<SandboxedHost> {
    const own = given === undefined ? await openStorage(config.storageFile) : undefined;
    const relay: { host?: SandboxedHost } = {};
    const [sources, cacheFolder] = await Promise.all([loadGuestRuntime(), openCaches(config.cacheFolder, hooks)]);
    const sandbox = await createSandbox({
      sources,
      cacheFolder,
      cells: config.cells,
      firstCell,
      storage: (given ?? own)!,
      hooks: {
        onEvent(event) {
          if (relay.host !== undefined) relay.host.#sandboxEvent(event);
        },
        tenants: () => (relay.host === undefined ? 0 : relay.host.#registry.tenants),
        onRoom() {
          if (relay.host !== undefined) relay.host.#admission.admitWaiting();
        },
      },
    });
    relay.host = new SandboxedHost(config, sandbox, hooks, own, cacheFolder);
    return relay.host;
  }

  private constructor(
    config: ResolvedHostConfig,
    sandbox: Sandbox,
    hooks: Hooks,
    storage: KeyValueStorage | undefined,
    cacheFolder: string | undefined,
  ) {
    this.#storage = storage;
    this.#config = config;
    this.corsOrigins = config.corsOrigins;
    this.#sandbox = sandbox;
    this.#hooks = hooks;
    const bundler = createBundler();
    this.#bundler = cacheFolder === undefined ? bundler : keepBundles(bundler, new KeptFiles(cacheFolder, '.bundle'));
    this.#admission = new Admission(
      { ...config, sharedIsolates: Math.max(1, config.cells) },
      {
        hasRoom: (fn) => sandbox.hasRoom(fn),
        tenants: () => this.#registry.tenants,
      },
    );
    this.#deployments = new Deployments({
      config,
      bundler: this.#bundler,
      sandbox,
      registry: this.#registry,
      warn: (message) => hooks.logger.warn(message),
    });
    this.metrics = new Metrics({
      queued: () => this.#admission.queued,
      promisedMiB: () => this.#admission.promisedMiB,
      sandbox: () => sandbox.status(),
    });
    this.#calls = new Calls({
      sandbox,
      admission: this.#admission,
      heldBytes: new HeldBytes(maxHeldBodyBytes, () =>
        this.#registry.tenants > 1 ? maxHeldBodyBytes / 2 : maxHeldBodyBytes,
      ),
      allowanceOf: (tenant) => resolveAllowance(config, tenant),
      metrics: this.metrics,
      exposeErrors: config.exposeErrors,
      onInvocation: hooks.onInvocation,
      onLog: hooks.onLog,
    });
  }

  async fetch(request: Request): Promise<Response> {
    return toWebResponse(await this.handle(fromWebRequest(request)), request.method);
  }

  async invoke(name: string, request: Request): Promise<InvocationResult> {
    if (typeof name !== 'string') {
      throw new HostError('ISOHOST_INVALID_NAME', `invoke takes the name of a function, not ${String(name)}`);
    }
    const answer = await this.handle(fromWebRequest(request), name);
    return { id: answer.id, response: toWebResponse(answer, request.method), ended: answer.ended };
  }

  async handle(call: IncomingCall, target?: string): Promise<OutgoingAnswer> {
    const fn = target === undefined ? this.#registry.route(call.url) : this.#registry.find(target);
    if (fn === undefined) return this.#calls.refuse(call, { kind: 'notFound' });
    const pending = fn.version === undefined ? this.#deployments.pending(fn.key) : undefined;
    if (pending !== undefined && !(await settlesWithin(pending, this.#config.queueAgeMs))) {
      return this.#calls.refuse(call, { kind: 'overloaded', retryAfterSeconds: 1 });
    }
    return this.#calls.call(fn, call);
  }

  async deploy(options: DeployOptions): Promise<FunctionInfo> {
    if (this.#state === 'closed') throw new HostError('ISOHOST_CLOSED', 'the host was closed; it takes no deployments');
    return describe(await this.#deployments.deploy(options));
  }

  remove(name: string, tenant: string = defaultTenant): boolean {
    const version = this.#registry.get(tenant, name)?.version;
    if (version !== undefined) this.#sandbox.forget(version.sandboxFunction);
    this.metrics.forget(tenant, name);
    return this.#registry.remove(tenant, name);
  }

  functions(): readonly FunctionInfo[] {
    return this.#registry.all().map(describe);
  }

  status(): HostStatus {
    return { isReady: this.#state === 'open', queued: this.#admission.queued, ...this.#sandbox.status() };
  }

  async drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    this.#admission.drain();
    this.#calls.drain();
    await this.#calls.idle();
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#admission.drain();
    await Promise.all([this.#sandbox.close(), this.#bundler.close()]);
    await this.#calls.idle();
    await this.#storage?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #sandboxEvent(event: SandboxEvent): void {
    this.metrics.recordEvent(event);
    const { level, message } = describeEvent(event);
    this.#hooks.logger[level](message);
  }
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const settled = promise.then(() => true);
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false);
  const isSettled = await Promise.race([settled, late]);
  over.abort();
  return isSettled;
}

function describe({ tenant, name, version, error }: DeployedFunction): FunctionInfo {
  return {
    tenant,
    name,
    version: version?.bundle.hash,
    deployedAt: version?.deployedAt,
    bundleBytes: version?.bundle.sourceBytes ?? 0,
    sizes: version?.bundle.sizes ?? {},
    inputs: version?.bundle.inputs ?? [],
    error,
  };
}

/** A folder that cannot be used costs some time at each start, and nothing else. */
async function openCaches(folder: string | undefined, { logger }: Hooks): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  try {
    await openCacheFolder(folder);
    return folder;
  } catch (error) {
    logger.warn(`the cache folder "${folder}" is not used: ${(error as Error).message}`);
    return undefined;
  }
}
