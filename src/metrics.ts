/** Prometheus metrics of one host; the only file that uses prom-client. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CellDuty, Ending, SandboxEvent, SandboxStatus } from '../sandbox/index.ts';

export interface MetricsSources {
  queued(): number;
  promisedMiB(): number;
  sandbox(): SandboxStatus;
}

/** A labelled series per function is kept for this many; further ones share the labels `_other`. */
const maxFunctions = 1_000;
const mebibyte = 2 ** 20;
const duties: readonly CellDuty[] = ['shared', 'solo', 'quarantine', 'spare'];
const other = { tenant: '_other', function: '_other' } as const;
const limitOutcomes = new Set([
  'exceededCpu',
  'exceededWallTime',
  'exceededMemory',
  'exceededResponse',
  'requestTooLarge',
]);

export interface InvocationMeasurements extends Ending {
  readonly tenant: string;
  readonly function: string;
  readonly durationMs: number;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #known = new Set<string>();
  readonly #invocations: Counter<'tenant' | 'function' | 'outcome'>;
  readonly #duration: Histogram<'tenant' | 'function' | 'outcome'>;
  readonly #cpuSeconds: Counter<'tenant' | 'function' | 'outcome'>;
  readonly #heapBytes: Histogram<'tenant' | 'function'>;
  readonly #breaches: Counter<'tenant' | 'function' | 'limit'>;
  readonly #cellEnds: Counter<'reason'>;
  readonly #strikes: Counter<'tenant' | 'function'>;
  readonly #lost: Counter<'fate'>;

  constructor(sources: MetricsSources) {
    const registers = [this.#registry];
    this.#invocations = new Counter({
      name: 'isohost_invocations_total',
      help: 'Invocations by how they ended',
      labelNames: ['tenant', 'function', 'outcome'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'isohost_invocation_duration_seconds',
      help: 'Time from the arrival of the request to the end of the invocation',
      labelNames: ['tenant', 'function', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#cpuSeconds = new Counter({
      name: 'isohost_invocation_cpu_seconds_total',
      help: 'CPU time of functions, start-up of their bundles included',
      labelNames: ['tenant', 'function', 'outcome'],
      registers,
    });
    this.#heapBytes = new Histogram({
      name: 'isohost_invocation_heap_bytes',
      help: 'Heap and array buffers of the isolate at the end of the last turn of an invocation',
      labelNames: ['tenant', 'function'],
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((mebibytes) => mebibytes * mebibyte),
      registers,
    });
    this.#breaches = new Counter({
      name: 'isohost_limit_breaches_total',
      help: 'Invocations that were ended by a limit, and log lines cut off by one',
      labelNames: ['tenant', 'function', 'limit'],
      registers,
    });
    this.#cellEnds = new Counter({
      name: 'isohost_cell_ends_total',
      help: 'Cells that ended, by reason',
      labelNames: ['reason'],
      registers,
    });
    this.#strikes = new Counter({
      name: 'isohost_strikes_total',
      help: 'Cells that were taken down by a function',
      labelNames: ['tenant', 'function'],
      registers,
    });
    this.#lost = new Counter({
      name: 'isohost_bystanders_total',
      help: 'Invocations in cells that others took down: run again, or lost',
      labelNames: ['fate'],
      registers,
    });
    const { sandbox } = sources;
    gauge('isohost_queue_length', 'Requests that wait for their turn', registers, sources.queued);
    gauge('isohost_promised_memory_bytes', 'Memory that is promised to invocations', registers, () => {
      return sources.promisedMiB() * mebibyte;
    });
    gauge('isohost_isolates', 'Isolates alive', registers, () => sandbox().isolates);
    gauge(
      'isohost_isolates_stuck',
      'Isolates that could not be stopped; their threads are lost until the process ends',
      registers,
      () => sandbox().stuckIsolates,
    );
    gauge('isohost_suspended_versions', 'Function versions that are suspended', registers, () => {
      return sandbox().suspendedVersions;
    });
    gauge('isohost_quarantined_tenants', 'Tenants in quarantine', registers, () => sandbox().quarantinedTenants);
    const byDuty = (name: string, help: string, value: (cell: SandboxStatus['cells'][number]) => number): void => {
      new Gauge({
        name,
        help,
        labelNames: ['duty'],
        registers,
        collect() {
          for (const duty of duties) {
            const cells = sandbox().cells.filter((cell) => cell.duty === duty);
            this.set(
              { duty },
              cells.reduce((sum, cell) => sum + value(cell), 0),
            );
          }
        },
      });
    };
    byDuty('isohost_cells', 'Cells by what they are there for', () => 1);
    byDuty('isohost_cell_memory_bytes', 'Resident memory of cells', ({ residentBytes }) => residentBytes);
  }

  /** `Content-Type` of the exposition. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition in Prometheus' text format. */
  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  record({ tenant, function: name, durationMs, usage, outcome, logsTruncated }: InvocationMeasurements): void {
    const labels = this.#labels(tenant, name);
    const withOutcome = { ...labels, outcome: outcome.kind };
    this.#invocations.inc(withOutcome);
    this.#duration.observe(withOutcome, durationMs / 1_000);
    this.#cpuSeconds.inc(withOutcome, usage.cpuTimeMs / 1_000);
    if (usage.heapBytes > 0) this.#heapBytes.observe(labels, usage.heapBytes);
    if ('breach' in outcome && limitOutcomes.has(outcome.kind)) {
      this.#breaches.inc({ ...labels, limit: outcome.breach.limit });
    }
    if (logsTruncated) this.#breaches.inc({ ...labels, limit: 'logs' });
  }

  /** Counts what happened to cells. */
  recordEvent(event: SandboxEvent): void {
    if (event.kind !== 'cellEnded') return;
    const { reason, culprit, rerun, lost } = event;
    this.#cellEnds.inc({ reason });
    if (rerun > 0) this.#lost.inc({ fate: 'rerun' }, rerun);
    if (lost > 0) this.#lost.inc({ fate: 'lost' }, lost);
    if (culprit === undefined) return;
    const slash = culprit.indexOf('/');
    this.#strikes.inc(this.#labels(culprit.slice(0, slash), culprit.slice(slash + 1)));
  }

  /** Drops the series of a function that is gone. */
  forget(tenant: string, name: string): void {
    if (!this.#known.delete(`${tenant}/${name}`)) return;
    const isOfFunction = (labels: Record<string, string>): boolean =>
      labels['tenant'] === tenant && labels['function'] === name;
    const labelled: readonly Labelled[] = [
      this.#invocations,
      this.#duration,
      this.#cpuSeconds,
      this.#heapBytes,
      this.#breaches,
      this.#strikes,
    ];
    for (const metric of labelled) void removeSeries(metric, isOfFunction);
  }

  #labels(tenant: string, name: string): { tenant: string; function: string } {
    const key = `${tenant}/${name}`;
    if (!this.#known.has(key)) {
      if (this.#known.size >= maxFunctions) return other;
      this.#known.add(key);
    }
    return { tenant, function: name };
  }
}

/** The three metrics of the Kubeless runtimes: its tools look for exactly these names, and for the label. */
export class KubelessMetrics {
  readonly #registry = new Registry();
  readonly #duration: Histogram<'method'>;
  readonly #calls: Counter<'method'>;
  readonly #failures: Counter<'method'>;

  constructor() {
    const registers = [this.#registry];
    const labelNames = ['method'] as const;
    this.#duration = new Histogram({
      name: 'function_duration_seconds',
      help: 'Duration of user function in seconds',
      labelNames,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#calls = new Counter({
      name: 'function_calls_total',
      help: 'Number of calls to user function',
      labelNames,
      registers,
    });
    this.#failures = new Counter({
      name: 'function_failures_total',
      help: 'Number of exceptions in user function',
      labelNames,
      registers,
    });
  }

  /** `Content-Type` of the exposition. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition in Prometheus' text format. */
  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  /** @param method `<module>-<HTTP method>` */
  countCall(method: string): void {
    this.#calls.inc({ method });
  }

  countFailure(method: string): void {
    this.#failures.inc({ method });
  }

  observeDuration(method: string, seconds: number): void {
    this.#duration.observe({ method }, seconds);
  }
}

/** What counters and histograms have in common, apart from the names of their labels. */
interface Labelled {
  get(): Promise<{ values: { labels: object }[] }>;
  remove(labels: Record<string, string>): void;
}

async function removeSeries(metric: Labelled, isGone: (labels: Record<string, string>) => boolean): Promise<void> {
  const { values } = await metric.get();
  for (const { labels } of values) {
    // A histogram tells its buckets one by one; its series has all labels but theirs.
    const { le: _, ...own } = labels as Record<string, string>;
    if (isGone(own)) metric.remove(own);
  }
}

function gauge(name: string, help: string, registers: Registry[], read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}
