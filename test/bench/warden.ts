/**
 * A process that outlives the benchmark by a moment, and ends the servers that it has left behind: when the benchmark is killed, nobody else
 * does. Run by itself it is that process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { identify, isSame, type Identity, kill, processTree } from './process-tree.ts';

type Notice = { readonly begun: Identity } | { readonly ended: number };

const self = fileURLToPath(import.meta.url);
let warden: ChildProcess | undefined;

if (process.argv[1] === self) watch();

/** Calls back to say that the process has ended. */
export function putUnderWatch(pid: number): () => void {
  if (warden === undefined) {
    // Ctrl-C reaches a whole group of processes; this one still has something to do then.
    warden = fork(self, { detached: true });
    warden.unref();
    warden.channel?.unref();
  }
  warden.send({ begun: identify(pid) } satisfies Notice);
  return () => warden!.send({ ended: pid } satisfies Notice);
}

function watch(): void {
  const watched = new Map<number, Identity>();
  process.on('message', (notice: Notice) => {
    if ('begun' in notice) watched.set(notice.begun.pid, notice.begun);
    else watched.delete(notice.ended);
  });
  process.on('disconnect', () => {
    for (const identity of watched.values()) {
      if (isSame(identity)) for (const pid of processTree(identity.pid).toReversed()) kill(pid);
    }
    process.exit(0);
  });
}
