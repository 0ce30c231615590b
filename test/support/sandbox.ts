import { checkoutRuntime } from '../../bundler/index.ts';
import {
  type Answer,
  createInlineSandbox,
  defaultLimits,
  type Dialect,
  type Ending,
  type Limits,
  type LogEntry,
  type Sandbox,
  type SandboxFunction,
  type WireRequest,
} from '../../sandbox/index.ts';

export const runtimeSources = await checkoutRuntime();

/** A sandbox that `await using` closes. */
export function testSandbox(): Sandbox & AsyncDisposable {
  const sandbox = createInlineSandbox(runtimeSources);
  return { ...sandbox, [Symbol.asyncDispose]: () => sandbox.close() };
}

/** A function of CommonJS code that needs no bundling. */
export function functionOf(
  code: string,
  limits: Partial<Limits> = {},
  { key = 'test/f', env = {}, dialect = { name: 'web', settings: {} } }: Partial<TestFunctionOptions> = {},
): SandboxFunction {
  return {
    key,
    name: 'f',
    bundle: {
      source: `(function(module,exports,require){${code}\n})`,
      fileName: 'f.js',
      sourceMap: '{}',
      hash: 'test',
      imports: [],
    },
    limits: { ...defaultLimits, ...limits },
    env,
    dialect,
  };
}

interface TestFunctionOptions {
  readonly key: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
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
