/** Loaded into the server under load (`--import`): on SIGUSR2 it collects garbage and writes what only the process itself knows. */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface MonitorReport {
  readonly heapBytes: number;
  /** What V8 holds for the heap, filled or not. */
  readonly heapTotalBytes: number;
  /** Of array buffers. */
  readonly bufferBytes: number;
  /** Milliseconds that the event loop was late at the 99th percentile, since the last report. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}

const resolutionMs = 5;
const file = process.env['SOAK_REPORT'];

if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  delays.enable();
  process.on('SIGUSR2', () => {
    const loopDelayP99Ms = late(delays.percentile(99));
    const loopDelayMaxMs = late(delays.max);
    collectGarbage();
    collectGarbage();
    const { heapUsed, heapTotal, arrayBuffers } = process.memoryUsage();
    const report: MonitorReport = {
      loopDelayP99Ms,
      loopDelayMaxMs,
      heapBytes: heapUsed,
      heapTotalBytes: heapTotal,
      bufferBytes: arrayBuffers,
    };
    delays.reset();
    writeFileSync(`${file}.new`, JSON.stringify(report));
    renameSync(`${file}.new`, file);
  });
}
