import type { Contestant } from '../contestant.ts';
import type { Stage } from '../stage.ts';
import type { Workload } from '../workloads.ts';

/** What was measured once, by name; the names end with their units. */
export type Figures = Readonly<Record<string, number>>;

export interface Effort {
  /** Of each measured load. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Functions in the workload `many`. */
  readonly functions: number;
}

export type Measure = (contestant: Contestant, workload: Workload, stage: Stage, effort: Effort) => Promise<Figures>;
