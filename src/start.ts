/** `isohost start`: a directory of functions, served until the process is told to stop. */
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileConfig } from './config.ts';
import { readDirectory } from './directory.ts';
import { didYouMean } from './errors.ts';
import type { SpawnedCell } from '../sandbox/index.ts';
import type { DeployOptions } from './deployments.ts';
import { createHostAround, type Host } from './host.ts';
import type { LogWriter } from './log-lines.ts';
import type { OptionName } from './options.ts';
import { type RunningServer, serve } from './server.ts';
import { type RawSettings, settle } from './settings.ts';
import { toHostConfig } from './start-config.ts';

export interface StartInput {
  readonly directory: string;
  readonly flags: RawSettings;
  readonly environment: RawSettings;
  readonly file: FileConfig;
  /** The environment that `grantEnv` takes variables from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: LogWriter;
  /** A cell that has been started already. */
  readonly firstCell?: SpawnedCell | undefined;
}

/** Bundling takes some tenths of a second for a function; one that takes longer must not keep the others from being served. */
const patienceMs = 5_000;

export interface Started {
  readonly host: Host;
  readonly server: RunningServer;
  readonly drainMs: number;
}

export async function start(input: StartInput): Promise<Started> {
  const { directory, flags, environment, file, env, log, firstCell } = input;
  const value = (name: OptionName): unknown => settle(name, flags, environment, file);
  const tenants = value('tenants') !== false;
  const contents = await readDirectory(directory, tenants);
  const hostOptions = {
    ...toHostConfig(value, file, env),
    logger: {
      debug: (message: string) => log.event('debug', message),
      info: (message: string) => log.event('info', message),
      warn: (message: string) => log.event('warn', message),
      error: (message: string) => log.event('error', message),
    },
    onInvocation: log.invocation,
    onLog: log.line,
  };
  const host = await createHostAround(hostOptions, firstCell);
  for (const { path, reason } of contents.skipped) log.event('warn', `skipped ${relative('.', path)}: ${reason}`);
  warnOfUnknown(file, contents.functions, log);
  const waiting = new Set(contents.functions);
  const deployed = Promise.all(
    contents.functions.map((options) => deploy(host, options, log).finally(() => waiting.delete(options))),
  );
  // Calls of a function that is still being bundled wait for it; the others need not.
  await Promise.race([deployed, sleep(patienceMs, undefined, { ref: false })]);
  if (waiting.size > 0) {
    const names = Array.from(waiting, ({ name }) => name);
    log.event('warn', `still bundling ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', ...' : ''}`);
  }
  try {
    const loadApp = async () => (await import('./app.ts')).createApp(host);
    const server = await serve(loadApp, { port: value('port') as number, host: value('host') as string });
    return { host, server, drainMs: value('drainMs') as number };
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** Settings for a function that is not there are a mistake, most likely in its name. */
function warnOfUnknown(file: FileConfig, functions: readonly DeployOptions[], log: LogWriter): void {
  const tables: [string | undefined, FileConfig['functions']][] = [[undefined, file.functions]];
  if (typeof file.tenants === 'object') {
    for (const [tenant, settings] of Object.entries(file.tenants)) tables.push([tenant, settings.functions]);
  }
  for (const [tenant, table] of tables) {
    const names = functions.filter((fn) => fn.tenant === tenant).map(({ name }) => name);
    for (const name of Object.keys(table ?? {})) {
      if (names.includes(name)) continue;
      const path = tenant === undefined ? name : `${tenant}/${name}`;
      log.event(
        'warn',
        `the configuration has settings for "${path}", but there is no such function${didYouMean(name, names)}`,
      );
    }
  }
}

/** A function that cannot be deployed is answered with its error, and keeps no other from being served. */
async function deploy(host: Host, options: DeployOptions, log: LogWriter): Promise<void> {
  try {
    await host.deploy(options);
  } catch (error) {
    log.event('error', (error as Error).message);
  }
}
