/** The command line; the only file that prints, handles signals and ends the process. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Command, CommanderError, Option } from 'commander';
import { readConfigFile } from './config-file.ts';
import { HostError } from './errors.ts';
import type { Host } from './host.ts';
import { readKubelessEnvironment } from './kubeless/environment.ts';
import { startKubeless } from './kubeless/start.ts';
import { createLogWriter, escapeControls, type LogFormat } from './log-lines.ts';
import { allOptions, environmentVariableOf, flagOf, type OptionName } from './options.ts';
import { flagSyntax, parseText, type RawSettings, readEnvironment, settle } from './settings.ts';
import { type Started, start } from './start.ts';
import type { SpawnedCell } from '../sandbox/index.ts';

const engineFlags = ['--no-node-snapshot'];

const orphanCheckMs = 500;

/** @param firstCell A cell that has been started already, for the commands that need some. */
export async function runCommandLine(firstCell?: SpawnedCell): Promise<void> {
  try {
    await main(firstCell);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed what there is to say.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof HostError) {
      writeError(`isohost: ${error.message}\n`);
      process.exitCode = 2;
    } else {
      throw error;
    }
  }
}

async function main(firstCell: SpawnedCell | undefined): Promise<void> {
  const program = new Command('isohost')
    .description('Serves functions, each call in a fresh V8 isolate with limits on memory, CPU time and wall time.')
    .version(version(), '-v, --version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError('(isohost --help shows what there is)')
    .exitOverride();
  const startCommand = program
    .command('start')
    .description('serve a directory of functions over HTTP')
    .argument('[directory]', 'folder with one file or folder per function', 'functions')
    .option('--config <file>', 'configuration file; default: isohost.config.ts, .js or .json in the working directory')
    .exitOverride();
  for (const name of Object.keys(allOptions) as OptionName[]) {
    startCommand.addOption(optionOf(name));
    if (allOptions[name].placeholder === undefined) startCommand.addOption(negationOf(name));
  }
  startCommand.action(async (directory: string, options: Readonly<Record<string, unknown>>) => {
    await runStart(directory, options, firstCell);
  });
  addDoctor(program);
  program
    .command('kubeless')
    .description('serve one function as the Kubeless Node.js runtime does, set up by its environment variables')
    .addHelpText('after', kubelessHelp)
    .exitOverride()
    .action(async () => {
      await runKubeless(firstCell).catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
        writeError(`isohost: ${error.message}\n`);
        // The original's status for whatever keeps it from starting.
        process.exitCode = 1;
      });
    });
  await program.parseAsync();
}

/** Options of `isohost start` that say nothing of how functions are kept apart. */
const notExamined: readonly OptionName[] = ['port', 'host', 'log', 'drainMs', 'grantEnv'];

function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('fire attacks at a configuration, or at a deployment, and tell what held')
    .argument('[folder]', 'functions directory; with --url, the folder that --write has made')
    .option('--config <file>', 'configuration file; default: as isohost start finds it')
    .option('--only <class>', 'attacks of this class only; can be given several times', collect, [])
    .option('--write <folder>', 'fire nothing; write the attacks as functions with a configuration, to deploy anywhere')
    .option('--url <url>', 'fire at a deployment of what --write has made')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', doctorHelp)
    .exitOverride();
  for (const name of Object.keys(allOptions) as OptionName[]) {
    if (notExamined.includes(name)) continue;
    command.addOption(optionOf(name));
    if (allOptions[name].placeholder === undefined) command.addOption(negationOf(name));
  }
  command.action(async (folder: string | undefined, options: DoctorOptions & Readonly<Record<string, unknown>>) => {
    await runDoctor(folder, options);
  });
}

const doctorHelp = `
The options are those of isohost start, and mean the same. Exit code: 0 when all is well (there may be warnings), 1 when something
failed, 2 when it was called in a wrong way.`;

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

const kubelessHelp = `
Environment:
  MOD_NAME            file of the function, without ".js"
  FUNC_HANDLER        name of the export that is called
  MOD_ROOT_PATH       folder of the file; default /kubeless/
  FUNC_PORT           port to listen on; default 8080
  FUNC_TIMEOUT        seconds that a call may take, in CPU time and in wall time; default 180
  FUNC_MEMORY_LIMIT   memory of a call, as a Kubernetes quantity such as 128Mi; default 128Mi
  FUNC_RUNTIME        what functions find in context.runtime
  REQ_MB_LIMIT        size of a request body in megabytes; default 1
  NODE_PATH           further folders of packages
  ISOHOST_CELLS       processes that hold the isolates; default 1, 0 is none but this one
  ISOHOST_CACHE_FOLDER  folder of bundles and V8 code caches; default ~/.cache/isohost, empty is none
  ISOHOST_GRANT_ENV   names of further variables that functions find in process.env`;

function optionOf(name: OptionName): Option {
  const { description, default: fallback } = allOptions[name];
  const shown =
    Array.isArray(fallback) || fallback === undefined || fallback === false ? '' : `; default ${String(fallback)}`;
  const option = new Option(flagSyntax(name), `${description} (${environmentVariableOf(name)}${shown})`);
  // Commander's own names for flags differ from ours where a unit follows: --memory-mib would be memoryMib.
  option.attributeName = () => name;
  if (allOptions[name].placeholder !== undefined) option.argParser((text) => parseText(name, text, flagOf(name)));
  return option;
}

/** Turns off what the environment or the configuration file has turned on. */
function negationOf(name: OptionName): Option {
  const option = new Option(flagOf(name).replace(/^--/, '--no-')).hideHelp();
  option.attributeName = () => name;
  return option;
}

/** Isolates of this process, which are those of a host without cells: isolated-vm asks for the flag. Cells have it in any case. */
async function reExecWithFlags(firstCell: SpawnedCell | undefined): Promise<void> {
  if (engineFlags.every((flag) => process.execArgv.includes(flag))) return;
  if (typeof process.execve !== 'function' || process.platform === 'win32') return;
  // Nobody would take note of its end afterwards.
  await firstCell?.discard();
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...engineFlags, ...process.argv.slice(1)],
    process.env,
  );
}

async function runStart(
  directory: string,
  options: Readonly<Record<string, unknown>>,
  firstCell: SpawnedCell | undefined,
): Promise<void> {
  const { config, ...flags } = options;
  const environment = readEnvironment(process.env);
  const file = await readConfigFile(process.cwd(), config as string | undefined);
  if (settle('cells', flags as RawSettings, environment, file) === 0) await reExecWithFlags(firstCell);
  const format = settle('log', flags as RawSettings, environment, file) as LogFormat | undefined;
  const isTerminal = process.stderr.isTTY === true;
  const log = createLogWriter(
    format ?? (isTerminal ? 'pretty' : 'json'),
    writeError,
    isTerminal && !('NO_COLOR' in process.env),
  );
  const started = await start({
    directory,
    flags: flags as RawSettings,
    environment,
    file,
    env: process.env,
    log,
    firstCell,
  });
  const served = started.host.functions();
  for (const { tenant, name, error } of served) {
    const path = tenant === 'default' ? `/${name}` : `/${tenant}/${name}`;
    log.event('info', `${started.server.url}${path}${error === undefined ? '' : '  (fails: see the error above)'}`);
  }
  writeError(`ready ${started.server.url}\n`);
  stopOnSignals(started);
}

interface DoctorOptions {
  readonly config?: string;
  readonly only: readonly string[];
  readonly write?: string;
  readonly url?: string;
  readonly json?: boolean;
}

async function runDoctor(folder: string | undefined, options: DoctorOptions): Promise<void> {
  // Only who wants it pays for loading it.
  const { examine, examineUrl, reportLines, write } = await import('./doctor/index.ts');
  const { config, only, write: target, url, json, ...flags } = options;
  const progress = createProgress();
  const input = {
    folder,
    flags: flags as RawSettings,
    environment: readEnvironment(process.env),
    file: await readConfigFile(process.cwd(), config),
    only,
    onProgress: progress.show,
  };
  if (target !== undefined) {
    const count = await write(input, target);
    process.stdout.write(
      `${count} attacks are in ${target}. Serve them there with "isohost start", or deploy them elsewhere, then\n` +
        `  isohost doctor ${target} --url http://127.0.0.1:8080\n`,
    );
    return;
  }
  const report = await (url === undefined ? examine(input) : examineUrl(input, url)).finally(progress.clear);
  const useColor = process.stdout.isTTY === true && !('NO_COLOR' in process.env);
  process.stdout.write(
    json === true ? `${JSON.stringify(report, undefined, 2)}\n` : `${reportLines(report, useColor).join('\n')}\n`,
  );
  process.exitCode = report.isHealthy ? 0 : 1;
}

/** One line on a terminal that says what is going on; elsewhere nothing. */
function createProgress(): { show(text: string): void; clear(): void } {
  const { stderr } = process;
  if (stderr.isTTY !== true) return { show() {}, clear() {} };
  return {
    show: (text) => void stderr.write(`\r\u001b[K  ${escapeControls(text).slice(0, stderr.columns - 3)}`),
    clear: () => void stderr.write('\r\u001b[K'),
  };
}

async function runKubeless(firstCell: SpawnedCell | undefined): Promise<void> {
  const writeOut = (line: string): void => void process.stdout.write(`${escapeControls(line)}\n`);
  const settings = readKubelessEnvironment(process.env);
  if (settings.cells === 0) await reExecWithFlags(firstCell);
  const { server, stop } = await startKubeless(
    settings,
    {
      out: writeOut,
      error: (line) => writeError(`${escapeControls(line)}\n`),
    },
    firstCell,
  );
  writeError(`ready ${server.url}\n`);
  let isStopping = false;
  const shutDown = (): void => {
    // A second signal changes nothing: requests under way finish.
    if (isStopping) return;
    isStopping = true;
    process.stdout.write('Shutting down..\n');
    void stop().then(() => process.stdout.write('Server stopped\n', () => process.exit(0)));
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
}

/** The first signal lets requests under way finish, for as long as `drainMs`; a second one ends them. */
function stopOnSignals({ host, server, drainMs }: Started): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) {
      void host.close();
      end(host, 1);
      return;
    }
    isStopping = true;
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, drainMs));
    void Promise.race([Promise.all([host.drain(), server.close()]), deadline]).then(async () => {
      server.destroy();
      await host.close();
      end(host, 0);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.env['npm_lifecycle_event'] !== undefined) onceOrphaned(stop);
}

/** The shell between npm and this process ends on a signal without passing it on: its end is the signal then. */
function onceOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, orphanCheckMs);
  watch.unref();
}

/** Node waits for the threads of isolates when it exits, and those that cannot be stopped never end: then only a signal helps. */
function end(host: Host, exitCode: number): void {
  const { isolates, stuckIsolates, cells } = host.status();
  if (cells.length === 0 && isolates + stuckIsolates > 0) process.kill(process.pid, 'SIGKILL');
  process.exit(exitCode);
}

function writeError(line: string): void {
  process.stderr.write(line);
}

function version(): string {
  const depth = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  return (JSON.parse(readFileSync(new URL(depth, import.meta.url), 'utf8')) as { version: string }).version;
}
