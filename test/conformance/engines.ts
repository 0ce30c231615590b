/** The two places in which the tests run: a guest of the sandbox, and Node. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from '../../sandbox/index.ts';
import { functionOf, invoke } from '../support/sandbox.ts';

export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
}
export interface FileResult {
  readonly results: readonly TestResult[];
  /** Why there are no more results, or '' when they are all. */
  readonly trouble: string;
}

const wallTimeMs = 40_000;
const limits = {
  memoryMiB: 1_024,
  cpuTimeMs: 35_000,
  startUpCpuMs: 35_000,
  wallTimeMs,
  timers: 10_000,
  logLines: 10,
};

/** Tests are scripts: they run in the global scope, so the profile is the one that has `eval`. */
const runner = functionOf(
  'module.exports = async (request) => { const answer = Response; return new answer(await (0, eval)(await request.text())) }',
  limits,
);

export async function runInGuest(sandbox: Sandbox, source: string): Promise<FileResult> {
  const { answer, text: json } = await invoke(sandbox, runner, { method: 'POST', body: Buffer.from(source) });
  return answer.kind === 'response'
    ? readResults(json)
    : { results: [], trouble: JSON.stringify(answer.outcome).slice(0, 600) };
}

export async function runInNode(source: string): Promise<FileResult> {
  const file = fileURLToPath(new URL('node-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', file], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: wallTimeMs,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {
    // It ended before it had read all: its output tells.
  });
  child.stdin.end(source);
  return readResults(await text(child.stdout));
}

function readResults(json: string): FileResult {
  try {
    const { isComplete, results } = JSON.parse(json) as {
      readonly isComplete: boolean;
      readonly results: readonly (readonly [string, boolean, string])[];
    };
    return {
      results: results.map(([name, passed, message]) => ({ name, passed, message })),
      trouble: isComplete ? '' : 'it did not end in time',
    };
  } catch {
    return { results: [], trouble: `it ended with no results: ${json.slice(0, 200)}` };
  }
}
