/**
 * Clocks of untrusted functions tick in milliseconds, like `Date.now`. `Temporal.Now` ticks in microseconds, by which a function could tell
 * what its neighbours on the same core are doing.
 */
import { defineHidden, defineProperty, getOwnPropertyDescriptor, now as dateNow } from './primordials.ts';

interface TemporalGlobal {
  readonly Now: Record<string, unknown>;
  readonly Instant: { fromEpochMilliseconds(ms: number): Instant };
}
interface Instant {
  toZonedDateTimeISO(zone: unknown): ZonedDateTime;
}
interface ZonedDateTime {
  toPlainDateTime(): unknown;
  toPlainDate(): unknown;
  toPlainTime(): unknown;
}

let startedAt = dateNow();

/** When the function's code began; isolates are made ahead of that. */
export function timeOrigin(): number {
  return startedAt;
}

export function startClock(): void {
  startedAt = dateNow();
}

/** Milliseconds since then. */
export function sinceStart(): number {
  return dateNow() - startedAt;
}

export function coarsenClocks(): void {
  const own = getOwnPropertyDescriptor(globalThis, 'Temporal');
  if (own === undefined) return;
  // It is large, and few ask for it.
  const read = own.get;
  const get = (): unknown => {
    const Temporal = (read === undefined ? own.value : read.call(globalThis)) as TemporalGlobal;
    coarsen(Temporal);
    defineHidden(globalThis, 'Temporal', Temporal);
    return Temporal;
  };
  defineProperty(globalThis, 'Temporal', {
    configurable: true,
    enumerable: false,
    get,
    set: (value: unknown) => defineHidden(globalThis, 'Temporal', value),
  });
}

function coarsen({ Now, Instant }: TemporalGlobal): void {
  const { fromEpochMilliseconds } = Instant;
  const zoneId = Now['timeZoneId'] as () => string;
  const instant = (): Instant => fromEpochMilliseconds(dateNow());
  const zoned = (zone: unknown): ZonedDateTime => instant().toZonedDateTimeISO(zone === undefined ? zoneId() : zone);
  const methods: Record<string, (zone?: unknown) => unknown> = {
    instant,
    zonedDateTimeISO: (zone) => zoned(zone),
    plainDateTimeISO: (zone) => zoned(zone).toPlainDateTime(),
    plainDateISO: (zone) => zoned(zone).toPlainDate(),
    plainTimeISO: (zone) => zoned(zone).toPlainTime(),
  };
  for (const name in methods) defineHidden(Now, name, methods[name]);
}
