import type { Workload } from '../workloads.ts';
import { measureClosed } from './closed.ts';
import { measureCold } from './cold.ts';
import { measureLatency } from './latency.ts';
import { measureMany } from './many.ts';
import type { Measure } from './measure.ts';

export const measures: Readonly<Record<Workload['measure'], Measure>> = {
  closed: measureClosed,
  latency: measureLatency,
  cold: measureCold,
  many: measureMany,
};
