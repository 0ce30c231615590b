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

/** There is no loop to be idle. */
function eventLoopUtilization(): Utilization {
  return { idle: 0, active: 0, utilization: 0 };
}

/** @param options `histogram` records what each call takes, in nanoseconds. */
function timerify<F extends (...args: never[]) => unknown>(callback: F, options: { histogram?: Histogram } = {}): F {
  assertFunction('fn', callback);
  return function timed(this: unknown, ...args: never[]): unknown {
    const start = performance.now();
    try {
      return Reflect.apply(callback, this, args);
    } finally {
      options.histogram?.record(Math.max(1, Math.round((performance.now() - start) * 1e6)));
    }
  } as F;
}

/** Of the process there is nothing to be told: all of it began when the isolate did. */
class NodeTiming {
  readonly name = 'node';
  readonly entryType = 'node';
  readonly startTime = 0;
  readonly nodeStart = 0;
  readonly v8Start = 0;
  readonly environment = 0;
  readonly bootstrapComplete = 0;
  readonly loopStart = 0;
  readonly loopExit = -1;
  readonly idleTime = 0;
  readonly uvMetricsInfo = { loopCount: 0, events: 0, eventsWaiting: 0 };

  get duration(): number {
    return performance.now();
  }
  toJSON(): object {
    return { ...this, duration: this.duration };
  }
}

/** How often events of a page have come: there is no page. */
class EventCounts {
  readonly size = 0;

  get(): undefined {
    return undefined;
  }
  has(): boolean {
    return false;
  }
  entries(): ArrayIterator<[string, number]> {
    return ([] as [string, number][]).values();
  }
  keys(): ArrayIterator<string> {
    return ([] as string[]).values();
  }
  values(): ArrayIterator<number> {
    return ([] as number[]).values();
  }
  forEach(): void {}
  [Symbol.iterator](): ArrayIterator<[string, number]> {
    return this.entries();
  }
}

/** What Node's clock has besides that of the Web; with this module the global one has it, too. */
const additions = {
  eventCounts: new EventCounts(),
  eventLoopUtilization,
  markResourceTiming(): void {},
  nodeTiming: new NodeTiming(),
  timerify,
};
for (const [name, value] of Object.entries(additions)) {
  Object.defineProperty(performance, name, { configurable: true, writable: true, value });
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
  eventLoopUtilization,
  performance,
  timerify,
};
