/** `isohost kubeless`: what the image of the Kubeless Node.js runtime does, from the same environment. */
import { defaultLimits, type SpawnedCell } from '../../sandbox/index.ts';
import { createHostAround, type HostOptions } from '../host.ts';
import { defaultMemoryBudgetMiB } from '../memory-budget.ts';
import { KubelessMetrics } from '../metrics.ts';
import { type RunningServer, serveRequests } from '../server.ts';
import type { Failure } from '../problem.ts';
import { createKubelessApp } from './app.ts';
import type { KubelessSettings } from './environment.ts';
import { FunctionLoader } from './function-loader.ts';

export interface KubelessOutput {
  /** Access log, and what functions print. */
  out(line: string): void;
  error(line: string): void;
}

export interface KubelessServer {
  readonly server: RunningServer;
  /** Lets calls under way finish, then ends everything. */
  stop(): Promise<void>;
}

const functionName = 'function';
const maxTimeMs = 2 ** 31 - 1;
/** A call waits for its turn for as long as its client does. */
const endless = { queueLength: 1_000_000, queueAgeMs: maxTimeMs };
const manyCalls = 100_000;
/** What a call takes of the memory that it may: few take more, and the original promised none of it. */
const usualCallMiB = 16;

export async function startKubeless(
  settings: KubelessSettings,
  { out, error }: KubelessOutput,
  firstCell?: SpawnedCell,
): Promise<KubelessServer> {
  const { port, timeoutSeconds, bodyBytes, memoryMiB, cells, cacheFolder, env, moduleName } = settings;
  const timeMs = Math.min(maxTimeMs, Math.max(1, Math.round(timeoutSeconds * 1_000)));
  const options: HostOptions = {
    // The original has one limit on time; here it holds for the CPU and the wall.
    cpuTimeMs: timeMs,
    wallTimeMs: timeMs,
    startUpCpuMs: timeMs,
    requestBodyBytes: Math.max(bodyBytes, 10 * 1_048_576),
    ...endless,
    concurrency: manyCalls,
    isolates: manyCalls,
    memoryMiB,
    memoryBudgetMiB: budgetMiB(memoryMiB ?? defaultLimits.memoryMiB, cells),
    // It is the function of whoever runs this.
    isolation: { cells, trust: 'trusted' },
    cacheFolder,
    env,
    onLog: ({ level, text }) => (level === 'warn' || level === 'error' ? error : out)(text),
  };
  const host = await createHostAround(options, firstCell);
  const loader = new FunctionLoader({ host, name: functionName, settings, onError: error });
  const app = createKubelessApp({
    host,
    metrics: new KubelessMetrics(),
    loader,
    functionName,
    moduleName,
    bodyBytes,
    onFailure: (failure) => error(describeFailure(failure)),
    onFinished: out,
  });
  // As with the original, a function that cannot be loaded does not keep the server from starting: every call tries again.
  await loader.ensure();
  try {
    const server = await serveRequests(app, port);
    return {
      server,
      async stop() {
        // Requests that come in over connections that are still busy are answered, too.
        await server.close();
        await host.drain();
        await host.close();
      },
    };
  } catch (reason) {
    await host.close();
    throw reason;
  }
}

/** As many calls at once as fit when each takes what calls usually take. */
function budgetMiB(memoryMiB: number, cells: number): number {
  return memoryMiB * Math.max(1, Math.floor(defaultMemoryBudgetMiB(cells) / Math.min(memoryMiB, usualCallMiB)));
}

function describeFailure(failure: Failure): string {
  if (failure.kind !== 'exception') {
    const breach = 'breach' in failure ? ` (${failure.breach.limit} ${failure.breach.allowed})` : '';
    return `Function failed to execute: ${failure.kind}${breach}`;
  }
  const { name, message, stack } = failure.error;
  return `Function failed to execute: ${name}: ${message}${stack === '' ? '' : `\n${stack}`}`;
}
