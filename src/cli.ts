#!/usr/bin/env node
/** The command line; the only file that prints, handles signals and ends the process. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Command, CommanderError, Option } from 'commander';
import { readConfigFile } from './config-file.ts';
import { HostError } from './errors.ts';
import { createLogWriter, type LogFormat } from './log-lines.ts';
import { allOptions, environmentVariableOf, flagOf, type OptionName } from './options.ts';
import { flagSyntax, parseText, type RawSettings, readEnvironment, settle } from './settings.ts';
import { type Started, start } from './start.ts';

const engineFlags = ['--no-node-snapshot'];

async function main(): Promise<void> {
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
  for (const name of Object.keys(allOptions) as OptionName[]) startCommand.addOption(optionOf(name));
  startCommand.action(async (directory: string, options: Readonly<Record<string, unknown>>) => {
    reExecWithFlags();
    await runStart(directory, options);
  });
  await program.parseAsync();
}

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

/** Isolates start faster in a process that was itself started without Node's snapshot; see sandbox/code-cache.ts. */
function reExecWithFlags(): void {
  if (engineFlags.every((flag) => process.execArgv.includes(flag))) return;
  if (typeof process.execve !== 'function' || process.platform === 'win32') return;
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...engineFlags, ...process.argv.slice(1)],
    process.env,
  );
}

async function runStart(directory: string, options: Readonly<Record<string, unknown>>): Promise<void> {
  const { config, ...flags } = options;
  const environment = readEnvironment(process.env);
  const file = await readConfigFile(process.cwd(), config as string | undefined);
  const format = settle('log', flags as RawSettings, environment, file) as LogFormat | undefined;
  const isTerminal = process.stderr.isTTY === true;
  const log = createLogWriter(
    format ?? (isTerminal ? 'pretty' : 'json'),
    writeError,
    isTerminal && !('NO_COLOR' in process.env),
  );
  const started = await start({ directory, flags: flags as RawSettings, environment, file, env: process.env, log });
  const served = started.host.functions();
  for (const { tenant, name, error } of served) {
    const path = tenant === 'default' ? `/${name}` : `/${tenant}/${name}`;
    log.event('info', `${started.server.url}${path}${error === undefined ? '' : '  (fails: see the error above)'}`);
  }
  writeError(`ready ${started.server.url}\n`);
  stopOnSignals(started);
}

/** The first signal lets requests under way finish, for as long as `drainMs`; a second one ends them. */
function stopOnSignals({ host, server, drainMs }: Started): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) {
      process.exit(1);
    }
    isStopping = true;
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, drainMs));
    void Promise.race([Promise.all([host.drain(), server.close()]), deadline]).then(async () => {
      server.destroy();
      await host.close();
      process.exit(0);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function writeError(line: string): void {
  process.stderr.write(line);
}

function version(): string {
  const depth = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  return (JSON.parse(readFileSync(new URL(depth, import.meta.url), 'utf8')) as { version: string }).version;
}

try {
  await main();
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
