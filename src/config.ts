/** Options as callers give them, and as the host uses them: complete, checked and frozen. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { defaultBundleLimits, type BundleLimits } from '../bundler/index.ts';
import type { Dialect, EgressPolicy, Limits, StorageQuota, Trust, Freshness } from '../sandbox/index.ts';
import { didYouMean, HostError } from './errors.ts';
import type { TenantAllowance } from './cpu-allowances.ts';
import { type EgressLayer, egressShape, resolveEgress } from './egress-config.ts';
import { defaultMemoryBudgetMiB } from './memory-budget.ts';
import { validateName } from './names.ts';
import { allOptions, functionOptions, hostOptions, isolationOptions, serverOptions, tenantOptions } from './options.ts';

type Values<Table extends Record<string, { readonly schema: z.ZodType }>> = {
  readonly [Name in keyof Table]?: z.infer<Table[Name]['schema']> | undefined;
};

/** How a function is kept apart from others. */
export interface FunctionIsolation {
  /**
   * What the function finds. A deployment can ask for less than the host's options say for it, not for more. Default: what those say.
   */
  readonly trust?: Trust | undefined;
  /**
   * What a call may see of earlier calls of the function: nothing, in an isolate of its own (`isolate`, the default) or in a global scope of
   * its own (`context`), or what those have left in its modules (`reuse`), which is the fastest. The nearest setting wins.
   */
  readonly freshness?: Freshness | undefined;
}

export interface HostIsolation extends FunctionIsolation {
  /** Processes that hold the isolates. Default 0: they are in this process. */
  readonly cells?: number | undefined;
}

/** What one layer of the options says of storage. */
export interface StorageLayer {
  /** Storage bindings: the namespace behind each name in `env`. A namespace is the tenant's own. */
  readonly kv?: Readonly<Record<string, string>> | undefined;
}

/** Settings of one function. What is left out comes from its tenant, then from the host. */
export interface FunctionConfig extends Values<typeof functionOptions>, EgressLayer, StorageLayer {
  /** Variables that the function finds in its `env` argument (Kubeless dialect: in `process.env`). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly isolation?: FunctionIsolation | undefined;
  /** How the function is called. Default `web`. */
  readonly dialect?: 'web' | 'kubeless' | undefined;
  /** Kubeless dialect: the name of the export that is called. Default `handler`. */
  readonly handler?: string | undefined;
  /**
   * Kubeless dialect: what `context.timeout`, `context.runtime` and `context['memory-limit']` say. Default: the wall time in seconds,
   * and nothing.
   */
  readonly kubelessContext?:
    | {
        readonly timeout?: number | undefined;
        readonly runtime?: string | undefined;
        readonly memoryLimit?: string | undefined;
      }
    | undefined;
}

/** Settings of one tenant, and of its functions by name. */
export interface TenantConfig
  extends Values<typeof functionOptions>, Values<typeof tenantOptions>, EgressLayer, StorageLayer {
  readonly isolation?: FunctionIsolation | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly functions?: Readonly<Record<string, FunctionConfig>> | undefined;
}

/** Options of a host that are plain data. */
export interface HostConfig
  extends
    Values<typeof functionOptions>,
    Values<typeof tenantOptions>,
    Values<typeof hostOptions>,
    EgressLayer,
    StorageLayer {
  readonly isolation?: HostIsolation | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Settings of functions without a tenant, by name. */
  readonly functions?: Readonly<Record<string, FunctionConfig>> | undefined;
  /** Settings of tenants, by name. */
  readonly tenants?: Readonly<Record<string, TenantConfig>> | undefined;
}

/** What a configuration file has. */
export interface FileConfig extends Omit<HostConfig, 'tenants'>, Omit<Values<typeof serverOptions>, 'tenants'> {
  /** `true`, or settings of tenants by name: each folder of the directory is a tenant. */
  readonly tenants?: boolean | Readonly<Record<string, TenantConfig>> | undefined;
}

export interface ResolvedHostConfig {
  readonly cells: number;
  readonly memoryBudgetMiB: number;
  readonly isolates: number;
  readonly queueLength: number;
  readonly queueAgeMs: number;
  readonly corsOrigins: readonly string[];
  readonly storageFile: string | undefined;
  readonly cacheFolder: string | undefined;
  readonly exposeErrors: boolean;
  readonly functionDefaults: TenantConfig;
  readonly tenants: Readonly<Record<string, TenantConfig>>;
}

export interface ResolvedFunctionConfig {
  readonly trust: Trust;
  readonly freshness: Freshness;
  readonly limits: Limits;
  readonly bundleLimits: BundleLimits;
  /** Variables, and placeholders of secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly egress: EgressPolicy;
  readonly kv: Readonly<Record<string, string>>;
  readonly storageQuota: StorageQuota;
  readonly dialect: Dialect;
}

/** The tenant of functions that have none. */
export const defaultTenant = 'default';

const schemasOf = (table: Record<string, { readonly schema: z.ZodType }>): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(table).map(([name, { schema }]) => [name, schema.optional()]));

const env = z.record(z.string(), z.string()).optional();
const kv = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'the name of a binding consists of letters, digits and "_"'),
    z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'the name of a namespace consists of 1 to 64 letters, digits, "_", "-" and "."'),
  )
  .optional();
const functionIsolation = z
  .strictObject({
    trust: isolationOptions.trust.schema.optional(),
    freshness: isolationOptions.freshness.schema.optional(),
  })
  .optional();
const functionShape = {
  ...schemasOf(functionOptions),
  ...egressShape,
  env,
  kv,
  isolation: functionIsolation,
  dialect: z.enum(['web', 'kubeless']).optional(),
  handler: z.string().optional(),
  kubelessContext: z
    .strictObject({
      timeout: z.number().optional(),
      runtime: z.string().optional(),
      memoryLimit: z.string().optional(),
    })
    .optional(),
};
const functionSchema = z.strictObject(functionShape);
const functions = z.record(z.string(), functionSchema).optional();
const tenantShape = { ...schemasOf(functionOptions), ...schemasOf(tenantOptions), ...egressShape, env, kv, functions };
const tenantSchema = z.strictObject({ ...tenantShape, isolation: functionIsolation });
const hostShape = {
  ...tenantShape,
  ...schemasOf(hostOptions),
  isolation: z.strictObject(schemasOf(isolationOptions)).optional(),
};
const hostSchema = z.strictObject({ ...hostShape, tenants: z.record(z.string(), tenantSchema).optional() });
export const fileSchema = z.strictObject({
  ...hostShape,
  ...schemasOf(serverOptions),
  tenants: z.union([z.boolean(), z.record(z.string(), tenantSchema)]).optional(),
  /** For editors. */
  $schema: z.string().optional(),
});

/** @throws HostError ISOHOST_INVALID_OPTION */
export function resolveHostConfig(config: HostConfig): ResolvedHostConfig {
  const checked = validate(hostSchema, config) as HostConfig;
  for (const tenant of Object.keys(checked.tenants ?? {})) validateName('tenant', tenant);
  const { functions: own, env: ownEnv, kv: ownKv, egress, secrets, isolation = {}, tenants = {} } = checked;
  const cells = isolation.cells ?? 0;
  const trust = isolation.trust ?? (cells > 0 ? 'untrusted' : 'trusted');
  const functionDefaults: Record<string, unknown> = {
    env: ownEnv,
    kv: ownKv,
    egress,
    secrets,
    functions: own,
    isolation: { trust, freshness: isolation.freshness },
  };
  for (const name of [...Object.keys(functionOptions), ...Object.keys(tenantOptions)]) {
    functionDefaults[name] = checked[name as keyof HostConfig];
  }
  return Object.freeze({
    cells,
    memoryBudgetMiB: checked.memoryBudgetMiB ?? defaultMemoryBudgetMiB(cells),
    isolates: checked.isolates ?? hostOptions.isolates.default,
    queueLength: checked.queueLength ?? hostOptions.queueLength.default,
    queueAgeMs: checked.queueAgeMs ?? hostOptions.queueAgeMs.default,
    corsOrigins: Object.freeze([...(checked.corsOrigins ?? hostOptions.corsOrigins.default)]),
    storageFile: checked.storageFile,
    cacheFolder: (checked.cacheFolder ?? '') === '' ? undefined : resolve(checked.cacheFolder!),
    exposeErrors: checked.exposeErrors ?? hostOptions.exposeErrors.default,
    functionDefaults: Object.freeze(functionDefaults),
    tenants,
  });
}

/** @throws HostError ISOHOST_INVALID_OPTION */
export function resolveFunctionConfig(
  host: ResolvedHostConfig,
  tenant: string,
  name: string,
  own: FunctionConfig = {},
): ResolvedFunctionConfig {
  const checked = validate(functionSchema, own, `${name}: `) as FunctionConfig;
  const defaults = host.functionDefaults;
  const ofTenant = Object.hasOwn(host.tenants, tenant) ? host.tenants[tenant]! : {};
  const table = tenant === defaultTenant ? (ofTenant.functions ?? defaults.functions) : ofTenant.functions;
  const configured = table !== undefined && Object.hasOwn(table, name) ? table[name]! : {};
  // The nearest setting wins.
  const layers = [checked, configured, ofTenant, defaults];
  const number = (option: keyof typeof functionOptions): number =>
    layers.map((layer) => layer[option]).find((value) => value !== undefined) ?? functionOptions[option].default;
  const setting = { ...configured, ...withoutUndefined(checked) };
  assertFits(name, number('memoryMiB'), host.memoryBudgetMiB);
  const egress = resolveEgress(name, checked, [configured, ofTenant, defaults]);
  return Object.freeze({
    trust: trustOf(name, checked, [configured, ofTenant, defaults]),
    freshness:
      layers.map(({ isolation }) => isolation?.freshness).find((level) => level !== undefined) ??
      isolationOptions.freshness.default,
    limits: Object.freeze({
      memoryMiB: number('memoryMiB'),
      cpuTimeMs: number('cpuTimeMs'),
      wallTimeMs: number('wallTimeMs'),
      backgroundCpuMs: number('backgroundCpuMs'),
      backgroundTimeMs: number('backgroundTimeMs'),
      graceMs: number('graceMs'),
      startUpCpuMs: number('startUpCpuMs'),
      requestBodyBytes: number('requestBodyBytes'),
      responseBodyBytes: number('responseBodyBytes'),
      logLines: number('logLines'),
      logBytes: number('logBytes'),
      timers: number('timers'),
      subrequests: number('subrequests'),
      subrequestConcurrency: number('subrequestConcurrency'),
      subrequestTimeMs: number('subrequestTimeMs'),
      subrequestBodyBytes: number('subrequestBodyBytes'),
      socketTimeMs: number('socketTimeMs'),
      socketIdleMs: number('socketIdleMs'),
      socketMessageBytes: number('socketMessageBytes'),
      subresponseBodyBytes: number('subresponseBodyBytes'),
      storageOperations: number('storageOperations'),
      storageValueBytes: number('storageValueBytes'),
      concurrency: number('concurrency'),
    }),
    bundleLimits: { ...defaultBundleLimits, bundleBytes: number('bundleBytes') },
    env: Object.freeze({
      ...defaults.env,
      ...ofTenant.env,
      ...configured.env,
      ...checked.env,
      ...Object.fromEntries(egress.secrets.map(({ name: secret, placeholder }) => [secret, placeholder])),
    }),
    egress,
    kv: Object.freeze({ ...defaults.kv, ...ofTenant.kv, ...configured.kv, ...checked.kv }),
    storageQuota: {
      keys: ofTenant.tenantStorageKeys ?? defaults.tenantStorageKeys ?? tenantOptions.tenantStorageKeys.default,
      bytes: ofTenant.tenantStorageBytes ?? defaults.tenantStorageBytes ?? tenantOptions.tenantStorageBytes.default,
    },
    dialect: setting.dialect === 'kubeless' ? kubelessDialect(setting, number('wallTimeMs')) : webDialect,
  });
}

/** What a tenant may use. */
export function resolveAllowance(host: ResolvedHostConfig, tenant: string): TenantAllowance {
  const own = Object.hasOwn(host.tenants, tenant) ? host.tenants[tenant]! : {};
  const { functionDefaults: defaults } = host;
  return {
    concurrency: own.tenantConcurrency ?? defaults.tenantConcurrency ?? tenantOptions.tenantConcurrency.default,
    cpuMsPerSecond:
      own.tenantCpuMsPerSecond ?? defaults.tenantCpuMsPerSecond ?? tenantOptions.tenantCpuMsPerSecond.default,
  };
}

/** Who deploys can ask for less than the host's options say, not for more. */
function trustOf(name: string, deployed: FunctionConfig, operators: readonly TenantConfig[]): Trust {
  const granted = operators.map(({ isolation }) => isolation?.trust).find((trust) => trust !== undefined)!;
  const wanted = deployed.isolation?.trust ?? granted;
  if (wanted === 'trusted' && granted === 'untrusted') {
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      `the deployment of "${name}" asks for isolation.trust "trusted", but the host's options have "untrusted" for it; ` +
        `set it there: for the function, its tenant, or all`,
    );
  }
  return wanted;
}

function assertFits(name: string, memoryMiB: number, budgetMiB: number): void {
  if (memoryMiB <= budgetMiB) return;
  throw new HostError(
    'ISOHOST_INVALID_OPTION',
    `memoryMiB of "${name}" is ${memoryMiB}, but all invocations together may have ${budgetMiB}; ` +
      'lower it, or raise memoryBudgetMiB',
  );
}

const webDialect: Dialect = Object.freeze({ name: 'web', settings: {} });

function kubelessDialect({ handler = 'handler', kubelessContext = {} }: FunctionConfig, wallTimeMs: number): Dialect {
  return {
    name: 'kubeless',
    settings: {
      handler,
      timeout: kubelessContext.timeout ?? wallTimeMs / 1_000,
      runtime: kubelessContext.runtime ?? null,
      memoryLimit: kubelessContext.memoryLimit ?? null,
    },
  };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/**
 * Checks plain data against a schema.
 *
 * @param where What each line of the error begins with.
 * @param known Keys that somebody who wrote another may have meant.
 * @throws HostError ISOHOST_INVALID_OPTION with every problem on a line of its own.
 */
export function validate(schema: z.ZodType, value: unknown, where = '', known: readonly string[] = knownKeys): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describeIssue(issue, value, known));
  throw new HostError('ISOHOST_INVALID_OPTION', [...new Set(lines)].map((line) => where + line).join('\n'));
}

const otherKeys = [
  'env',
  'kv',
  'egress',
  'allow',
  'deny',
  'private',
  'secrets',
  'hosts',
  'dialect',
  'handler',
  'kubelessContext',
  'isolation',
  'functions',
  'tenants',
];
const knownKeys = [...Object.keys(allOptions), ...otherKeys];

function describeIssue(issue: z.core.$ZodIssue, root: unknown, known: readonly string[]): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `unknown option "${[...issue.path.map(String), key].join('.')}"${hintOf(key, known)}`,
    );
  }
  const path = issue.path.map(String).join('.');
  let value = root;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  const problem = issue.message
    .replace(/^Invalid (?:input|option): /, '')
    .replace(/^(.)/, (first) => first.toLowerCase());
  const shown = issue.path.includes('secrets') ? 'not valid' : show(value);
  const subject = path === '' ? 'the options are' : `option "${path}" is`;
  const hint =
    issue.code === 'invalid_value' && typeof value === 'string' ? didYouMean(value, issue.values.map(String)) : '';
  return [`${subject} ${shown}: ${problem}${hint}`];
}

function hintOf(key: string, known: readonly string[]): string {
  if (key in isolationOptions) return '; it is a key of "isolation"';
  if (key in serverOptions) return '; it is for isohost start, not for this';
  if (known.includes(key)) return '; it cannot be set here';
  return didYouMean(key, known);
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
