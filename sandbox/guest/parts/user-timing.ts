/** https://w3c.github.io/user-timing/, https://w3c.github.io/resource-timing/ and https://w3c.github.io/performance-timeline/ */
import { part, queueTask, sinceStart } from '../core/facade.ts';
import { DOMException, Event } from './events.ts';
import { assertArguments, assertKey, defineInterface } from './shared/interface.ts';

const key = Symbol('internal');
/** More than this of one kind are dropped, so that a loop that marks does not keep all its marks. */
const maxEntries = 10_000;
const types = ['mark', 'measure', 'resource'] as const;
const observable: readonly string[] = types;
type EntryType = (typeof types)[number];

interface Fields {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
}

export class PerformanceEntry {
  readonly #fields: Fields;

  constructor(given?: unknown, fields?: unknown) {
    assertKey(given, key);
    this.#fields = fields as Fields;
  }

  get name(): string {
    return this.#fields.name;
  }
  get entryType(): string {
    return this.#fields.entryType;
  }
  get startTime(): number {
    return this.#fields.startTime;
  }
  get duration(): number {
    return this.#fields.duration;
  }
  toJSON(): object {
    return { ...this.#fields };
  }
}

defineInterface(PerformanceEntry, 'PerformanceEntry', { constructor: 0 });

export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(name: string, options?: { startTime?: number; detail?: unknown }) {
    assertArguments(arguments.length, 1, "Failed to construct 'PerformanceMark'");
    if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
      throw new TypeError("Failed to construct 'PerformanceMark': the options must be an object");
    }
    const { detail, startTime } = options ?? {};
    const start = startTime === undefined ? sinceStart() : toTime(startTime);
    if (start < 0) throw new TypeError(`Failed to construct 'PerformanceMark': the start time ${start} is negative`);
    super(key, { name: `${name}`, entryType: 'mark', startTime: start, duration: 0 });
    this.#detail = cloneDetail(detail);
  }

  get detail(): unknown {
    return this.#detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.#detail };
  }
}

defineInterface(PerformanceMark, 'PerformanceMark', { constructor: 1 });

export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(given?: unknown, fields?: unknown, detail?: unknown) {
    super(given, fields);
    this.#detail = detail;
  }

  get detail(): unknown {
    return this.#detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.#detail };
  }
}

defineInterface(PerformanceMeasure, 'PerformanceMeasure', { constructor: 0 });

let fieldsOf: (entry: PerformanceResourceTiming) => ResourceFields;

/** A request of `fetch`. What the host knows of connections stays there: as for other origins, it is 0. */
export class PerformanceResourceTiming extends PerformanceEntry {
  readonly #fields: ResourceFields;

  static {
    fieldsOf = (entry) => entry.#fields;
  }

  constructor(given?: unknown, base?: unknown, fields?: unknown) {
    super(given, base);
    this.#fields = fields as ResourceFields;
  }

  override toJSON(): object {
    return { ...super.toJSON(), ...this.#fields };
  }
}
const resourceDefaults = {
  initiatorType: '',
  deliveryType: '',
  nextHopProtocol: '',
  workerStart: 0,
  workerRouterEvaluationStart: 0,
  workerCacheLookupStart: 0,
  workerMatchedRouterSource: '',
  workerFinalRouterSource: '',
  redirectStart: 0,
  redirectEnd: 0,
  fetchStart: 0,
  domainLookupStart: 0,
  domainLookupEnd: 0,
  connectStart: 0,
  connectEnd: 0,
  secureConnectionStart: 0,
  requestStart: 0,
  responseStart: 0,
  responseEnd: 0,
  transferSize: 0,
  encodedBodySize: 0,
  decodedBodySize: 0,
  responseStatus: 0,
  finalResponseHeadersStart: 0,
  firstInterimResponseStart: 0,
  renderBlockingStatus: 'non-blocking',
  contentType: '',
  contentEncoding: '',
};
type ResourceFields = Readonly<typeof resourceDefaults>;
for (const name of Object.keys(resourceDefaults) as (keyof ResourceFields)[]) {
  const get = function (this: unknown): unknown {
    if (!(this instanceof PerformanceResourceTiming)) throw new TypeError('Illegal invocation');
    return fieldsOf(this)[name];
  };
  Object.defineProperty(get, 'name', { configurable: true, value: `get ${name}` });
  Object.defineProperty(PerformanceResourceTiming.prototype, name, { configurable: true, enumerable: true, get });
}
defineInterface(PerformanceResourceTiming, 'PerformanceResourceTiming', { constructor: 0 });

const entries: Record<EntryType, PerformanceEntry[]> = { mark: [], measure: [], resource: [] };
/** https://w3c.github.io/resource-timing/#sec-extensions-performance-interface */
let resourceBufferSize = 250;
let isBufferFull = false;

export function setResourceBufferSize(size: number): void {
  resourceBufferSize = Math.min(size, maxEntries);
}

/** A request has its answer, or none. @param startTime As `performance.now()` was when it began. */
export function addResource(url: string, startTime: number, status: number): void {
  const end = sinceStart();
  const base = { name: url, entryType: 'resource', startTime, duration: end - startTime };
  const fields = {
    ...resourceDefaults,
    initiatorType: 'fetch',
    fetchStart: startTime,
    responseEnd: end,
    responseStatus: status,
  };
  add(new PerformanceResourceTiming(key, base, fields));
}

/** One that finds no room is for those who observe only. */
function tellBufferFull(): void {
  if (isBufferFull) return;
  isBufferFull = true;
  queueTask(() => {
    isBufferFull = false;
    part('performance').performance.dispatchEvent(new Event('resourcetimingbufferfull'));
  });
}

export function mark(given: number, name: string, options?: object): PerformanceMark {
  assertArguments(given, 1, "Failed to execute 'mark' on 'Performance'");
  const entry = new PerformanceMark(name, options);
  add(entry);
  return entry;
}

export function measure(given: number, name: string, startOrOptions: unknown, endMark: unknown): PerformanceMeasure {
  assertArguments(given, 1, "Failed to execute 'measure' on 'Performance'");
  const text = `${name}`;
  const isOptions = typeof startOrOptions === 'object' && startOrOptions !== null;
  const options = (isOptions ? startOrOptions : {}) as MeasureOptions;
  const { detail, duration, end, start } = options;
  const isGiven = [start, end, duration, detail].some((value) => value !== undefined);
  if (isGiven) {
    if (endMark !== undefined) throw new TypeError("Failed to execute 'measure': an end beside the options");
    if (start === undefined && end === undefined)
      throw new TypeError("Failed to execute 'measure': neither start nor end");
    if (start !== undefined && end !== undefined && duration !== undefined) {
      throw new TypeError("Failed to execute 'measure': start, end and duration at once");
    }
  }
  let to: number;
  if (endMark !== undefined) to = timeOf(endMark);
  else if (end !== undefined) to = timeOf(end);
  else if (start !== undefined && duration !== undefined) to = timeOf(start) + timeOf(toTime(duration));
  else to = sinceStart();
  let from: number;
  if (isOptions) {
    if (start !== undefined) from = timeOf(start);
    else if (duration !== undefined && end !== undefined) from = to - timeOf(toTime(duration));
    else from = 0;
  } else {
    from = startOrOptions === undefined || startOrOptions === null ? 0 : timeOf(startOrOptions);
  }
  const entry = new PerformanceMeasure(
    key,
    { name: text, entryType: 'measure', startTime: from, duration: to - from },
    cloneDetail(detail),
  );
  add(entry);
  return entry;
}

interface MeasureOptions {
  detail?: unknown;
  duration?: unknown;
  end?: unknown;
  start?: unknown;
}

export function clear(type: EntryType, name: unknown): void {
  const wanted = name === undefined ? undefined : `${name as string}`;
  entries[type] = wanted === undefined ? [] : entries[type].filter((entry) => entry.name !== wanted);
}

export function timeline(name?: string, type?: string): PerformanceEntry[] {
  return selected([...entries.mark, ...entries.measure, ...entries.resource], name, type);
}

function selected(all: readonly PerformanceEntry[], name?: string, type?: string): PerformanceEntry[] {
  return all
    .filter((entry) => (name === undefined || entry.name === name) && (type === undefined || entry.entryType === type))
    .sort((a, b) => a.startTime - b.startTime);
}

/** A time, or the name of a mark: the last of that name. */
function timeOf(value: unknown): number {
  if (typeof value === 'number') {
    const time = toTime(value);
    if (time < 0) throw new TypeError(`the time ${time} is negative`);
    return time;
  }
  const name = `${value as string}`;
  const found = entries.mark.findLast((entry) => entry.name === name);
  if (found === undefined) throw new DOMException(`there is no mark ${JSON.stringify(name)}`, 'SyntaxError');
  return found.startTime;
}

function toTime(value: unknown): number {
  const time = Number(value);
  if (!Number.isFinite(time)) throw new TypeError(`${time} is no time`);
  return time;
}

function cloneDetail(detail: unknown): unknown {
  return detail === undefined || detail === null ? null : part('structured-clone').structuredClone(detail);
}

function add(entry: PerformanceEntry): void {
  const list = entries[entry.entryType as EntryType];
  if (list.length < (entry.entryType === 'resource' ? resourceBufferSize : maxEntries)) list.push(entry);
  else if (entry.entryType === 'resource') tellBufferFull();
  for (const observer of observers) offer(observer, entry);
}

interface ObserverOptions {
  entryTypes?: Iterable<string>;
  type?: string;
  buffered?: boolean;
}
type ObserverCallback = (
  this: PerformanceObserver,
  list: PerformanceObserverEntryList,
  observer: PerformanceObserver,
  options: object,
) => unknown;

/** In the order in which they began to observe. */
const observers = new Set<PerformanceObserver>();
let isNotifying = false;
let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => void;
let notify: (observer: PerformanceObserver) => void;

export class PerformanceObserver {
  readonly #callback: ObserverCallback;
  #kind: 'single' | 'multiple' | undefined;
  #types = new Set<string>();
  #records: PerformanceEntry[] = [];
  #isFirst = true;

  static {
    offer = (observer, entry) => {
      if (!observer.#types.has(entry.entryType) || observer.#records.length >= maxEntries) return;
      observer.#records.push(entry);
      schedule();
    };
    notify = (observer) => {
      const records = observer.takeRecords();
      if (records.length === 0) return;
      const options = observer.#isFirst ? { droppedEntriesCount: 0 } : {};
      observer.#isFirst = false;
      observer.#callback.call(observer, new PerformanceObserverEntryList(key, records), observer, options);
    };
  }

  static get supportedEntryTypes(): readonly string[] {
    return supported;
  }

  constructor(callback: ObserverCallback) {
    assertArguments(arguments.length, 1, "Failed to construct 'PerformanceObserver'");
    if (typeof callback !== 'function') {
      throw new TypeError("Failed to construct 'PerformanceObserver': the callback is not a function");
    }
    this.#callback = callback;
  }

  observe(options: ObserverOptions = {}): void {
    const { buffered, entryTypes, type } = options ?? {};
    const what = "Failed to execute 'observe' on 'PerformanceObserver'";
    if (entryTypes === undefined && type === undefined) throw new TypeError(`${what}: neither entryTypes nor type`);
    if (entryTypes !== undefined && (type !== undefined || buffered !== undefined)) {
      throw new TypeError(`${what}: entryTypes stands alone`);
    }
    if (entryTypes !== undefined && (typeof entryTypes !== 'object' || entryTypes === null)) {
      throw new TypeError(`${what}: entryTypes is not a sequence`);
    }
    const kind = entryTypes === undefined ? 'single' : 'multiple';
    if (this.#kind !== undefined && this.#kind !== kind) {
      throw new DOMException(`${what}: entryTypes and type exclude each other`, 'InvalidModificationError');
    }
    this.#kind = kind;
    const wanted = (entryTypes === undefined ? [type!] : [...entryTypes]).map((one) => `${one}`);
    const known = wanted.filter((one) => observable.includes(one));
    if (known.length === 0) return;
    if (kind === 'multiple') this.#types = new Set(known);
    else this.#types.add(known[0]!);
    observers.add(this);
    if (buffered !== true || kind === 'multiple') return;
    this.#records.push(...timeline(undefined, known[0]));
    if (this.#records.length > 0) schedule();
  }

  disconnect(): void {
    observers.delete(this);
    this.#records = [];
    this.#types = new Set();
    this.#kind = undefined;
  }

  takeRecords(): PerformanceEntry[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }
}

const supported = Object.freeze([...observable]);
defineInterface(PerformanceObserver, 'PerformanceObserver');

function schedule(): void {
  if (isNotifying) return;
  isNotifying = true;
  queueTask(() => {
    isNotifying = false;
    // One that throws keeps none of the others from being told: its error is that of a task of its own.
    for (const observer of observers) queueTask(() => notify(observer));
  });
}

export class PerformanceObserverEntryList {
  readonly #entries: readonly PerformanceEntry[];

  constructor(given?: unknown, list?: unknown) {
    assertKey(given, key);
    this.#entries = list as readonly PerformanceEntry[];
  }

  getEntries(): PerformanceEntry[] {
    return selected(this.#entries);
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    assertArguments(arguments.length, 1, "Failed to execute 'getEntriesByType' on 'PerformanceObserverEntryList'");
    return selected(this.#entries, undefined, `${type}`);
  }
  getEntriesByName(name: string, type?: string): PerformanceEntry[] {
    assertArguments(arguments.length, 1, "Failed to execute 'getEntriesByName' on 'PerformanceObserverEntryList'");
    return selected(this.#entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
}

defineInterface(PerformanceObserverEntryList, 'PerformanceObserverEntryList', { constructor: 0, getEntriesByName: 1 });
