/** https://w3c.github.io/hr-time/, with the millisecond resolution of `Date.now`. User timing is a part of its own. */
import { part, sinceStart, timeOrigin } from '../core/facade.ts';
import { EventTarget } from './events.ts';
import { defineEventHandler } from './shared/event-handler.ts';
import { assertKey, defineInterface } from './shared/interface.ts';
import type { PerformanceEntry, PerformanceMark, PerformanceMeasure } from './user-timing.ts';

const key = Symbol('internal');

export class Performance extends EventTarget {
  constructor(given?: unknown) {
    assertKey(given, key);
    super();
  }

  get timeOrigin(): number {
    assertPerformance(this);
    return timeOrigin();
  }
  now(): number {
    assertPerformance(this);
    return sinceStart();
  }
  toJSON(): object {
    assertPerformance(this);
    return { timeOrigin: timeOrigin() };
  }

  mark(name: string, options?: object): PerformanceMark {
    assertPerformance(this);
    return part('user-timing').mark(arguments.length, name, options);
  }
  clearMarks(name?: string): void {
    assertPerformance(this);
    part('user-timing').clear('mark', name);
  }
  measure(name: string, startOrOptions?: unknown, endMark?: unknown): PerformanceMeasure {
    assertPerformance(this);
    return part('user-timing').measure(arguments.length, name, startOrOptions, endMark);
  }
  clearMeasures(name?: string): void {
    assertPerformance(this);
    part('user-timing').clear('measure', name);
  }
  getEntries(): PerformanceEntry[] {
    assertPerformance(this);
    return part('user-timing').timeline();
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    assertPerformance(this);
    if (arguments.length === 0) throw new TypeError("Failed to execute 'getEntriesByType': 1 argument needed");
    return part('user-timing').timeline(undefined, `${type}`);
  }
  getEntriesByName(name: string, type?: string): PerformanceEntry[] {
    assertPerformance(this);
    if (arguments.length === 0) throw new TypeError("Failed to execute 'getEntriesByName': 1 argument needed");
    return part('user-timing').timeline(`${name}`, type === undefined ? undefined : `${type}`);
  }
  clearResourceTimings(): void {
    assertPerformance(this);
    part('user-timing').clear('resource', undefined);
  }
  setResourceTimingBufferSize(size: number): void {
    assertPerformance(this);
    if (arguments.length === 0)
      throw new TypeError("Failed to execute 'setResourceTimingBufferSize': 1 argument needed");
    part('user-timing').setResourceBufferSize(Math.trunc(Number(size)) >>> 0);
  }
}

defineInterface(Performance, 'Performance', {
  constructor: 0,
  mark: 1,
  measure: 1,
  clearMarks: 0,
  clearMeasures: 0,
  getEntriesByName: 1,
});

export const performance = new Performance(key);

defineEventHandler(Performance.prototype, 'resourcetimingbufferfull', (receiver) => {
  assertPerformance(receiver);
  return receiver as Performance;
});

function assertPerformance(value: unknown): void {
  if (value !== performance) throw new TypeError('Illegal invocation');
}
