/**
 * A host in a process of its own: without cells, some attacks end the process that holds the isolates, and the verdict on them must
 * survive that. Started by local-target.ts, and told what to do by messages.
 */
import process from 'node:process';
import { createApp } from '../app.ts';
import { createHost, type Host } from '../host.ts';
import { type RunningServer, serve } from '../server.ts';
import { readClock } from './clock.ts';
import type { DeployResult, FromHost, ToHost } from './messages.ts';

let host: Host | undefined;
let server: RunningServer | undefined;

process.on('message', (message: ToHost) => void receive(message));
// Nobody is left to be told anything.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function receive(message: ToHost): Promise<void> {
  switch (message.kind) {
    case 'start':
      await start(message);
      return;
    case 'deploy':
      tell({ kind: 'done', number: message.number, result: await deploy(message.options) });
      return;
    case 'remove':
      host!.remove(message.name, message.tenant);
      tell({ kind: 'done', number: message.number, result: null });
      return;
    case 'status':
      tell({ kind: 'done', number: message.number, result: host!.status() });
      return;
    case 'stop':
      await stop();
  }
}

async function start({ config, attackers }: Extract<ToHost, { kind: 'start' }>): Promise<void> {
  try {
    const clock = await readClock();
    const event = (text: string): void => tell({ kind: 'event', message: text });
    const made = await createHost({
      ...config,
      logger: { debug() {}, info() {}, warn: event, error: event },
      onInvocation: ({ id, tenant, outcome }) => {
        if (tenant === attackers) tell({ kind: 'ended', id, outcome: outcome.kind });
      },
    });
    host = made;
    server = await serve(() => createApp(made), { port: 0, host: '127.0.0.1' });
    tell({ kind: 'ready', url: server.url, clock });
  } catch (error) {
    tell({ kind: 'failed', reason: (error as Error).message });
  }
}

async function deploy(options: Extract<ToHost, { kind: 'deploy' }>['options']): Promise<DeployResult> {
  try {
    await host!.deploy(options);
    return null;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return { code: code ?? '', message };
  }
}

async function stop(): Promise<void> {
  server?.destroy();
  await host?.close();
  // An isolate that nobody can stop would keep the process.
  process.kill(process.pid, 'SIGKILL');
}

function tell(message: FromHost): void {
  if (process.connected) process.send!(message);
}
