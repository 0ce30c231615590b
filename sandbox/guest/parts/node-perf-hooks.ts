/** `node:perf_hooks`: the clock and the marks of `performance`, and histograms of what one records oneself. */
import { part } from '../core/facade.ts';
import { Histogram } from './shared/histogram.ts';
import { assertFunction } from './shared/node-error.ts';
import { unavailableFunctions } from './shared/unavailable.ts';

const { Performance, performance } = part('performance');
const entries = part('user-timing');

interface Utilization {
  readonly idle: number;
  readonly active: number;
  readonly utilization: number;
}

export default {
  ...unavailableFunctions('node:perf_hooks', 'the event loop is the host\u2019s', [
    'createSlidingWindowHistogram',
    'importHistogram',
    'monitorEventLoopDelay',
  ]),
  Performance,
  PerformanceEntry: entries.PerformanceEntry,
  PerformanceMark: entries.PerformanceMark,
  PerformanceMeasure: entries.PerformanceMeasure,
  PerformanceObserver: entries.PerformanceObserver,
  PerformanceObserverEntryList: entries.PerformanceObserverEntryList,
  PerformanceResourceTiming: entries.PerformanceResourceTiming,
  /** Of Node: garbage is collected without a word here. */
  constants: Object.freeze({
    NODE_PERFORMANCE_GC_MAJOR: 4,
    NODE_PERFORMANCE_GC_MINOR: 1,
    NODE_PERFORMANCE_GC_INCREMENTAL: 8,
    NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0,
    NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2,
    NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
    NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32,
    NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  }),
  createHistogram: () => new Histogram(),
  /** There is no loop to be idle. */
  eventLoopUtilization: (): Utilization => ({ idle: 0, active: 0, utilization: 0 }),
  performance,
  /** @param options `histogram` records what each call takes, in nanoseconds. */
  timerify<F extends (...args: never[]) => unknown>(callback: F, options: { histogram?: Histogram } = {}): F {
    assertFunction('fn', callback);
    return function timed(this: unknown, ...args: never[]): unknown {
      const start = performance.now();
      try {
        return Reflect.apply(callback, this, args);
      } finally {
        options.histogram?.record(Math.max(1, Math.round((performance.now() - start) * 1e6)));
      }
    } as F;
  },
};
