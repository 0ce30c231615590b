import { checkoutRuntime } from '../../bundler/index.ts';
import {
  type Answer,
  createMemoryStorage,
  createSandbox,
  defaultLimits,
  type Dialect,
  type EgressPolicy,
  type Freshness,
  type Ending,
  type Limits,
  type LogEntry,
  openPolicy,
  type Sandbox,
  type SandboxEvent,
  type SandboxFunction,
  type SpawnedCell,
  type StorageQuota,
  type Trust,
  type WireRequest,
} from '../../sandbox/index.ts';

export const runtimeSources = await checkoutRuntime();

export interface TestSandbox extends Sandbox, AsyncDisposable {
  readonly events: readonly SandboxEvent[];
}

/** A sandbox that `await using` closes. */
export async function testSandbox(cells = 0, tenants = 1, firstCell?: SpawnedCell): Promise<TestSandbox> {
  const events: SandboxEvent[] = [];
  const sandbox = await createSandbox({
    sources: runtimeSources,
    cells,
    firstCell,
    storage: createMemoryStorage(),
    hooks: { onEvent: (event) => events.push(event), onRoom() {}, tenants: () => tenants },
  });
  return Object.assign(sandbox, { events, [Symbol.asyncDispose]: () => sandbox.close() });
}

/** A function of CommonJS code that needs no bundling. */
export function functionOf(
  code: string,
  limits: Partial<Limits> = {},
  {
    key = 'test/f',
    hash = 'test',
    env = {},
    dialect = { name: 'web', settings: {} },
    trust = 'trusted',
    freshness = 'isolate',
    egress = openPolicy,
    kv = {},
    storageQuota = { keys: 100, bytes: 2 ** 20 },
  }: Partial<TestFunctionOptions> = {},
): SandboxFunction {
  return {
    tenant: key.slice(0, key.indexOf('/')),
    key,
    name: 'f',
    bundle: {
      source: `(function(module,exports,require){${code}\n})`,
      fileName: 'f.js',
      sourceMap: '{}',
      hash,
      imports: [],
    },
    limits: { ...defaultLimits, ...limits },
    env,
    egress,
    kv,
    storageQuota,
    dialect,
    trust,
    freshness,
  };
}

interface TestFunctionOptions {
  readonly freshness: Freshness;
  readonly key: string;
  readonly hash: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
  readonly trust: Trust;
  readonly egress: EgressPolicy;
  readonly kv: Readonly<Record<string, string>>;
  readonly storageQuota: StorageQuota;
}

/** The body of a web handler: `run('return new Response("x")')`. */
export function handler(body: string): string {
  return `module.exports = async (request, env, ctx) => {${body}\n}`;
}

export interface TestResult {
  readonly answer: Answer;
  readonly ending: Ending;
  readonly logs: readonly LogEntry[];
  /** The body of the response, or '' after a failure. */
  readonly text: string;
}

export async function invoke(
  sandbox: Sandbox,
  fn: SandboxFunction | string,
  request: Partial<WireRequest> = {},
): Promise<TestResult> {
  const logs: LogEntry[] = [];
  const handle = sandbox.invoke({
    id: 'test',
    function: typeof fn === 'string' ? functionOf(fn) : fn,
    request: {
      method: 'GET',
      url: 'http://localhost/f',
      headers: [],
      body: null,
      remoteAddress: '127.0.0.1',
      ...request,
    },
    onLog: (entry) => logs.push(entry),
  });
  const answer = await handle.answer;
  const text =
    answer.kind === 'response' ? await new Response(answer.response.body as string).text().catch(() => '') : '';
  return { answer, ending: await handle.ended, logs, text };
}

/** Runs the body of a handler and answers the text of its response; throws when it failed. */
export async function evaluate(sandbox: Sandbox, body: string, request: Partial<WireRequest> = {}): Promise<string> {
  const { answer, text } = await invoke(sandbox, handler(body), request);
  if (answer.kind === 'failure') throw new Error(JSON.stringify(answer.outcome));
  return text;
}
