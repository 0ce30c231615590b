/** `isohost kubeless`: what the image of the Kubeless Node.js runtime does, from the same environment. */
import { join } from 'node:path';
import { createHost } from '../host.ts';
import { KubelessMetrics } from '../metrics.ts';
import { type RunningServer, serve } from '../server.ts';
import type { Failure } from '../problem.ts';
import { createKubelessApp } from './app.ts';
import { combinedLine } from './access-log.ts';
import type { KubelessSettings } from './environment.ts';

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

export async function startKubeless(
  settings: KubelessSettings,
  { out, error }: KubelessOutput,
): Promise<KubelessServer> {
  const {
    moduleName,
    handler,
    root,
    port,
    timeoutSeconds,
    bodyBytes,
    memoryMiB,
    runtime,
    memoryLimit,
    nodeModules,
    env,
  } = settings;
  const timeMs = Math.max(1, Math.round(timeoutSeconds * 1_000));
  const host = await createHost({
    // The original has one limit on time; here it holds for the CPU and the wall.
    cpuTimeMs: timeMs,
    wallTimeMs: timeMs,
    startUpCpuMs: timeMs,
    requestBodyBytes: Math.max(bodyBytes, 10 * 1_048_576),
    concurrency: 256,
    memoryMiB,
    env,
    onLog: ({ level, text }) => (level === 'warn' || level === 'error' ? error : out)(text),
  });
  let loading: Promise<void> | undefined;
  let isLoaded = false;
  const load = async (): Promise<void> => {
    try {
      await host.deploy({
        name: functionName,
        entry: join(root, `${moduleName}.js`),
        base: root,
        nodeModules,
        config: { dialect: 'kubeless', handler, kubelessContext: { runtime, memoryLimit } },
      });
      isLoaded = true;
    } catch (reason) {
      error(`Function failed to load: ${(reason as Error).message}`);
    } finally {
      loading = undefined;
    }
  };
  const metrics = new KubelessMetrics();
  const app = createKubelessApp({
    host,
    metrics,
    functionName,
    moduleName,
    bodyBytes,
    async ensureLoaded() {
      if (!isLoaded) await (loading ??= load());
    },
    onFailure: (failure) => error(describeFailure(failure)),
  });
  // As with the original, a function that cannot be loaded does not keep the server from starting: every call tries again.
  await load();
  try {
    const server = await serve(app, {
      port,
      host: '::',
      onFinished: (incoming, outgoing, time) => out(combinedLine(incoming, outgoing, time)),
    });
    return {
      server,
      async stop() {
        await Promise.all([host.drain(), server.close()]);
        await host.close();
      },
    };
  } catch (reason) {
    await host.close();
    throw reason;
  }
}

function describeFailure(failure: Failure): string {
  if (failure.kind !== 'exception') {
    const breach = 'breach' in failure ? ` (${failure.breach.limit} ${failure.breach.allowed})` : '';
    return `Function failed to execute: ${failure.kind}${breach}`;
  }
  const { name, message, stack } = failure.error;
  return `Function failed to execute: ${name}: ${message}${stack === '' ? '' : `\n${stack}`}`;
}
