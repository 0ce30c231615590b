/** What the doctor found. */
import type { Broken } from './attack.ts';
import type { Check } from './checks/check.ts';
import { classOf } from './hostile-case.ts';
import type { NeighbourReport } from './neighbour.ts';
import type { Plan } from './plan.ts';

export interface ClassReport {
  readonly class: string;
  /** Cases that were fired. */
  readonly cases: number;
  readonly held: number;
  readonly broken: number;
  readonly skipped: number;
}

export interface Report {
  /** Nothing failed; there may be warnings. */
  readonly isHealthy: boolean;
  /** What was examined, in words. */
  readonly subject: string;
  readonly checks: readonly Check[];
  readonly classes: readonly ClassReport[];
  readonly broken: readonly Broken[];
  /** Cases that were left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Cases that were fired a second time, several at once. */
  readonly inParallel: number;
  /** Absent when no attack was fired. */
  readonly neighbour?: NeighbourReport;
  /** What the host warned of meanwhile, where it did not serve everybody. Attacks that hold make it warn too. */
  readonly events: readonly string[];
  readonly seconds: number;
}

export interface Findings {
  readonly subject: string;
  readonly checks: readonly Check[];
  readonly plan: Plan;
  readonly broken: readonly Broken[];
  readonly inParallel: number;
  readonly neighbour: NeighbourReport | undefined;
  readonly events: readonly string[];
  readonly startedAt: number;
}

export function toReport({ neighbour, events, plan, startedAt, ...found }: Findings): Report {
  const { checks, broken } = found;
  const wasFired = neighbour !== undefined;
  const isHealthy =
    wasFired && broken.length === 0 && neighbour.wrong === 0 && checks.every(({ status }) => status !== 'fail');
  const skipped: Record<string, number> = {};
  for (const { reason } of plan.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;
  return {
    isHealthy,
    ...found,
    classes: wasFired ? classesOf(plan, broken) : [],
    skipped,
    ...(neighbour !== undefined && { neighbour }),
    events: wasFired && neighbour.wrong === 0 ? [] : events,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  };
}

function classesOf({ attacks, skipped }: Plan, broken: readonly Broken[]): ClassReport[] {
  const names = new Set([...attacks.map(({ hostile }) => hostile), ...skipped].map(classOf));
  const brokenNames = [...new Set(broken.map(({ name }) => name))];
  return Array.from(names, (name) => {
    const cases = attacks.filter(({ hostile }) => classOf(hostile) === name).length;
    const ofClass = brokenNames.filter((title) => classOf({ name: title }) === name).length;
    const left = skipped.filter((one) => classOf(one) === name).length;
    return { class: name, cases, held: cases - ofClass, broken: ofClass, skipped: left };
  });
}
