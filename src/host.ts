import { dirname, resolve } from 'node:path';
import { type Bundler, type BundleRequest, createBundler } from '../bundler/index.ts';
import {
  createSandbox,
  guestBuiltins,
  type Sandbox,
  type SandboxEvent,
  type SandboxFunction,
  type SandboxStatus,
} from '../sandbox/index.ts';
import { Admission } from './admission.ts';
import {
  Calls,
  type FunctionLogEntry,
  type IncomingCall,
  type InvocationRecord,
  type OutgoingAnswer,
} from './calls.ts';
import {
  defaultTenant,
  type FunctionConfig,
  type HostConfig,
  resolveAllowance,
  type ResolvedFunctionConfig,
  resolveFunctionConfig,
  type ResolvedHostConfig,
  resolveHostConfig,
} from './config.ts';
import { HostError } from './errors.ts';
import { loadGuestRuntime } from './guest-runtime.ts';
import { HeldBytes } from './held-bytes.ts';
import { Metrics } from './metrics.ts';
import { validateName } from './names.ts';
import { describeEvent } from './sandbox-events.ts';
import { type DeployedFunction, Registry } from './registry.ts';
import { fromWebRequest, toWebResponse } from './wire-http.ts';

/** What a host tells of itself goes here; nothing is ever printed. `console` is one. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface HostOptions extends HostConfig {
  /** Default: nothing is told. */
  readonly logger?: Logger | undefined;
  /** Called once for every call when it is over. Must not throw. */
  readonly onInvocation?: ((record: InvocationRecord) => void) | undefined;
  /** Called for every line that a function logs. The text is the function's: escape it before you show it. Must not throw. */
  readonly onLog?: ((entry: FunctionLogEntry) => void) | undefined;
}

export interface DeployOptions {
  /** Default: none; the function is then served at `/<name>`. */
  readonly tenant?: string | undefined;
  /** 1 to 63 letters, digits, "-" and "_". */
  readonly name: string;
  /** Path of the function's file or folder. */
  readonly entry?: string | undefined;
  /** The function's code, instead of `entry`. It can import packages of `nodeModules` and nothing else. */
  readonly source?: string | undefined;
  /** What `source` is written in. Default `ts`, which JavaScript is too. */
  readonly language?: 'ts' | 'tsx' | 'js' | 'jsx' | undefined;
  /** Folder that file names in messages and stack traces are relative to. Default: the folder that holds `entry`. */
  readonly base?: string | undefined;
  /** `node_modules` folders beside the function's own. Default: none. */
  readonly nodeModules?: readonly string[] | undefined;
  /** Settings of this deployment; they go before those of the host's options. */
  readonly config?: FunctionConfig | undefined;
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
  const { logger, onInvocation, onLog, ...config } = options;
  return SandboxedHost.create(resolveHostConfig(config), {
    logger,
    onInvocation: onInvocation ?? (() => {}),
    onLog: onLog ?? (() => {}),
  });
}

interface Hooks {
  readonly logger: Logger | undefined;
  readonly onInvocation: (record: InvocationRecord) => void;
  readonly onLog: (entry: FunctionLogEntry) => void;
}

/** Request bodies that wait in memory for their invocations, all together. */
const maxHeldBodyBytes = 256 * 2 ** 20;

class SandboxedHost implements Host {
  readonly metrics: Metrics;
  readonly corsOrigins: readonly string[];
  readonly #config: ResolvedHostConfig;
  readonly #bundler: Bundler;
  readonly #sandbox: Sandbox;
  readonly #hooks: Hooks;
  readonly #registry = new Registry();
  readonly #admission: Admission;
  readonly #calls: Calls;
  /** The last deployment of each name: the next one waits for it. */
  readonly #deployments = new Map<string, Promise<unknown>>();
  #state: 'open' | 'draining' | 'closed' = 'open';

  static async create(config: ResolvedHostConfig, hooks: Hooks): Promise<SandboxedHost> {
    const bundler = createBundler();
    const relay: { host?: SandboxedHost } = {};
    const sandbox = await createSandbox({
      sources: await loadGuestRuntime(),
      cells: config.cells,
      hooks: {
        onEvent(event) {
          if (relay.host !== undefined) relay.host.#sandboxEvent(event);
        },
        onRoom() {
          if (relay.host !== undefined) relay.host.#admission.admitWaiting();
        },
      },
    });
    relay.host = new SandboxedHost(config, bundler, sandbox, hooks);
    return relay.host;
  }

  private constructor(config: ResolvedHostConfig, bundler: Bundler, sandbox: Sandbox, hooks: Hooks) {
    this.#config = config;
    this.corsOrigins = config.corsOrigins;
    this.#bundler = bundler;
    this.#sandbox = sandbox;
    this.#hooks = hooks;
    this.#admission = new Admission(config, {
      hasRoom: (fn) => sandbox.hasRoom(fn),
      tenants: () => this.#registry.tenants,
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
    const answer = await this.handle(fromWebRequest(request), name);
    return { id: answer.id, response: toWebResponse(answer, request.method), ended: answer.ended };
  }

  async handle(call: IncomingCall, target?: string): Promise<OutgoingAnswer> {
    const fn = target === undefined ? this.#route(call.url) : this.#find(target);
    if (fn === undefined) return this.#calls.refuse(call, { kind: 'notFound' });
    return this.#calls.call(fn, call);
  }

  async deploy(options: DeployOptions): Promise<FunctionInfo> {
    const { tenant = defaultTenant, name } = options;
    if (this.#state === 'closed') throw new HostError('ISOHOST_CLOSED', 'the host was closed; it takes no deployments');
    validateName('tenant', tenant);
    validateName('function', name);
    this.#assertUnambiguous(tenant, name);
    const config = resolveFunctionConfig(this.#config, tenant, name, options.config);
    const key = `${tenant}/${name}`;
    const last = this.#deployments.get(key) ?? Promise.resolve();
    const deployment = last.then(() => this.#deploy(options, tenant, config));
    // A refused deployment must not keep the next one from being tried.
    const settled = deployment.catch(() => {});
    this.#deployments.set(key, settled);
    void settled.then(() => {
      if (this.#deployments.get(key) === settled) this.#deployments.delete(key);
    });
    return deployment;
  }

  async #deploy(options: DeployOptions, tenant: string, config: ResolvedFunctionConfig): Promise<FunctionInfo> {
    const { name } = options;
    const entry = this.#registry.entry(tenant, name);
    try {
      const bundle = await this.#bundler.bundle(bundleRequest(options, config));
      const sandboxFunction: SandboxFunction = { tenant, key: entry.key, name, bundle, ...config };
      await this.#sandbox.prepare(sandboxFunction);
      entry.version = { bundle, sandboxFunction, deployedAt: new Date() };
      entry.error = undefined;
      for (const warning of bundle.warnings) {
        this.#hooks.logger?.warn([entry.key, warning.location, warning.text].filter(Boolean).join(': '));
      }
      return describe(entry);
    } catch (error) {
      entry.error = error as Error;
      throw error;
    }
  }

  remove(name: string, tenant: string = defaultTenant): boolean {
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
    await this.#calls.idle();
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#admission.drain();
    await Promise.all([this.#sandbox.close(), this.#bundler.close()]);
    await this.#calls.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #sandboxEvent(event: SandboxEvent): void {
    this.metrics.recordEvent(event);
    const { level, message } = describeEvent(event);
    this.#hooks.logger?.[level](message);
  }

  #find(target: string): DeployedFunction | undefined {
    const slash = target.indexOf('/');
    return slash === -1
      ? this.#registry.get(defaultTenant, target)
      : this.#registry.get(target.slice(0, slash), target.slice(slash + 1));
  }

  /** `/<function>/...`, or else `/<tenant>/<function>/...`. No name is both, see `#assertUnambiguous`. */
  #route(url: string): DeployedFunction | undefined {
    const [, first = '', second = ''] = /^[a-z]+:\/\/[^/]*\/([^/?#]*)(?:\/([^/?#]*))?/i.exec(url) ?? [];
    return this.#registry.get(defaultTenant, first) ?? this.#registry.get(first, second);
  }

  #assertUnambiguous(tenant: string, name: string): void {
    const all = this.#registry.all();
    const clash =
      tenant === defaultTenant
        ? all.some((fn) => fn.tenant === name)
        : all.some(({ tenant: other, name: taken }) => other === defaultTenant && taken === tenant);
    if (!clash) return;
    const both = tenant === defaultTenant ? name : tenant;
    throw new HostError(
      'ISOHOST_INVALID_NAME',
      `"${both}" would be both a tenant and a function without a tenant, and /${both}/... could mean either; rename one of them`,
    );
  }
}

function bundleRequest(options: DeployOptions, { bundleLimits, dialect }: ResolvedFunctionConfig): BundleRequest {
  const { name, entry, source, language = 'ts', base, nodeModules = [] } = options;
  if ((entry === undefined) === (source === undefined)) {
    throw new HostError('ISOHOST_INVALID_OPTION', `the deployment of "${name}" needs either "entry" or "source"`);
  }
  const path = entry === undefined ? undefined : resolve(entry);
  return {
    name,
    code: path === undefined ? { source: source!, language } : { path },
    base: base === undefined ? (path === undefined ? process.cwd() : dirname(path)) : resolve(base),
    nodeModules: nodeModules.map((folder) => resolve(folder)),
    builtins: Object.keys(guestBuiltins),
    nodeGlobals: dialect.name === 'kubeless',
    limits: bundleLimits,
  };
}

function describe({ tenant, name, version, error }: DeployedFunction): FunctionInfo {
  return {
    tenant,
    name,
    version: version?.bundle.hash,
    deployedAt: version?.deployedAt,
    bundleBytes: version === undefined ? 0 : Buffer.byteLength(version.bundle.source),
    sizes: version?.bundle.sizes ?? {},
    inputs: version?.bundle.inputs ?? [],
    error,
  };
}
