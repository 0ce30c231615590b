import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type Bundler, BundlerClosed, type BundleRequest, PackedBundle } from '../bundler/index.ts';
import { guestBuiltins, type Sandbox, type SandboxFunction } from '../sandbox/index.ts';
import {
  defaultTenant,
  type FunctionConfig,
  type ResolvedFunctionConfig,
  resolveFunctionConfig,
  type ResolvedHostConfig,
  validate,
} from './config.ts';
import { HostError } from './errors.ts';
import { validateName } from './names.ts';
import type { DeployedFunction, Registry } from './registry.ts';

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

const schema = z.strictObject({
  tenant: z.string().optional(),
  name: z.string(),
  entry: z.string().min(1).optional(),
  source: z.string().optional(),
  language: z.enum(['ts', 'tsx', 'js', 'jsx']).optional(),
  base: z.string().min(1).optional(),
  nodeModules: z.array(z.string().min(1)).optional(),
  // Checked by itself, with the name of the function in its messages.
  config: z.unknown().optional(),
});
const keys = Object.keys(schema.shape);

export interface DeploymentServices {
  readonly config: ResolvedHostConfig;
  readonly bundler: Bundler;
  readonly sandbox: Sandbox;
  readonly registry: Registry;
  readonly warn: (message: string) => void;
}

/** Brings versions of functions into their places, for each name one after the other. */
export class Deployments {
  readonly #services: DeploymentServices;
  /** The last deployment of each name: the next one waits for it. None of these reject. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(services: DeploymentServices) {
    this.#services = services;
  }

  /** Resolves when the function has been deployed, or could not be; `undefined` when nothing is under way. */
  pending(key: string): Promise<unknown> | undefined {
    return this.#last.get(key);
  }

  /**
   * @throws BundleError
   * @throws HostError ISOHOST_INVALID_NAME, ISOHOST_INVALID_OPTION or ISOHOST_CLOSED.
   */
  async deploy(given: DeployOptions): Promise<DeployedFunction> {
    const options = validate(schema, given, 'deploy: ', keys) as DeployOptions;
    const { tenant = defaultTenant, name, source, entry } = options;
    validateName('tenant', tenant);
    validateName('function', name);
    if ((entry === undefined) === (source === undefined)) {
      throw new HostError('ISOHOST_INVALID_OPTION', `the deployment of "${name}" needs either "entry" or "source"`);
    }
    const { registry, config } = this.#services;
    const settings = resolveFunctionConfig(config, tenant, name, options.config);
    const { key } = registry.claim(tenant, name);
    const last = this.#last.get(key) ?? Promise.resolve();
    const deployment = last.then(() => this.#deploy(options, tenant, settings));
    // A refused deployment must not keep the next one from being tried.
    const settled = deployment.catch(() => {});
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    return deployment;
  }

  async #deploy(options: DeployOptions, tenant: string, config: ResolvedFunctionConfig): Promise<DeployedFunction> {
    const { bundler, sandbox, registry, warn } = this.#services;
    const { name } = options;
    const entry = registry.claim(tenant, name);
    try {
      const output = await bundler.bundle(bundleRequest(options, titleOf(tenant, name), config));
      const bundle = await PackedBundle.of(output);
      const sandboxFunction: SandboxFunction = { tenant, key: entry.key, name, bundle, ...config };
      await sandbox.prepare(sandboxFunction);
      const last = entry.version?.sandboxFunction;
      entry.version = { bundle, sandboxFunction, deployedAt: new Date() };
      if (last !== undefined) sandbox.forget(last);
      entry.error = undefined;
      for (const { location, text } of bundle.warnings) warn([entry.key, location, text].filter(Boolean).join(': '));
      return entry;
    } catch (error) {
      const told =
        error instanceof BundlerClosed
          ? new HostError('ISOHOST_CLOSED', `the host was closed while "${name}" was being deployed`, { cause: error })
          : (error as Error);
      entry.error = told;
      throw told;
    }
  }
}

/** How messages name a function. */
function titleOf(tenant: string, name: string): string {
  return tenant === defaultTenant ? name : `${tenant}/${name}`;
}

function bundleRequest(
  options: DeployOptions,
  name: string,
  { bundleLimits, dialect }: ResolvedFunctionConfig,
): BundleRequest {
  const { entry, source, language = 'ts', base, nodeModules = [] } = options;
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
