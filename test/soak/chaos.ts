/** Kills and stops cells at random, as no function could. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

const meanPauseMs = 700;

export interface ChaosCounts {
  killed: number;
  stopped: number;
}

export async function makeChaos(
  server: ServerProcess,
  random: () => number,
  over: AbortSignal,
  counts: ChaosCounts,
): Promise<void> {
  while (!over.aborted) {
    await sleep(random() * 2 * meanPauseMs);
    const cells = server.cells();
    const pid = cells[Math.floor(random() * cells.length)];
    if (pid === undefined) continue;
    const signal = random() < 0.7 ? 'SIGKILL' : 'SIGSTOP';
    try {
      process.kill(pid, signal);
      counts[signal === 'SIGKILL' ? 'killed' : 'stopped'] += 1;
    } catch {
      // Gone already.
    }
  }
}
