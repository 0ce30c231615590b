/** The command line as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const cli = fileURLToPath(new URL('../../src/checkout.js', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Not in the checkout: its own configuration file would be found. */
function launch(args: readonly string[], { cwd = tmpdir(), env = {} }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function run(
  args: readonly string[],
  options?: RunOptions,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = launch(args, options);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exited]);
  return { code, out, err };
}

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

/** Until it says that it is ready. */
export async function startServer(args: readonly string[], options?: RunOptions): Promise<Running> {
  const child = launch(args, options);
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const ready = /^ready (\S+)$/m.exec(output);
      if (ready !== null) resolve(ready[1]!);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    void exit.then((code) => reject(new Error(`exited with ${String(code)}: ${output}`)));
  });
  return {
    url,
    child,
    exit,
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
