/** Measures in rounds: in each of them every contestant takes its turn in every workload, so that whatever the machine does meets all. */
import type { Contestant } from './contestant.ts';
import { floors, measureFloor } from './measures/floor.ts';
import { measures } from './measures/index.ts';
import type { Figures } from './measures/measure.ts';
import type { Results } from './results.ts';
import { StartError } from './server-process.ts';
import type { Stage } from './stage.ts';
import type { Workload } from './workloads.ts';

export interface RunPlan {
  readonly rounds: number;
  readonly contestants: readonly Contestant[];
  readonly workloads: readonly Workload[];
  /** Called after everything that was measured. */
  readonly save: () => Promise<void>;
  readonly say: (line: string) => void;
}

export async function run(
  stage: Stage,
  results: Results,
  { rounds, contestants, workloads, save, say }: RunPlan,
): Promise<void> {
  // One that does not start with one function does not with another.
  const refused = new Set<string>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const workload of workloads) {
      const turns: [string, () => Promise<Figures>][] = contestants.map((contestant) => [
        contestant.name,
        () => takeTurn(contestant, workload, stage, results),
      ]);
      for (const [name, { processes }] of Object.entries(workload.name === 'hello' ? floors : {})) {
        turns.push([name, () => measureFloor(processes, results.effort.seconds)]);
      }
      for (const [contestant, turn] of turns) {
        if (results.has(round, workload.name, contestant)) continue;
        if (refused.has(contestant) || results.reason(workload.name, contestant) !== undefined) continue;
        const label = `${round}/${rounds} ${workload.name.padEnd(8)} ${contestant.padEnd(32)}`;
        try {
          const figures = await turn();
          results.add({ round, workload: workload.name, contestant, figures });
          say(`${label} ${describe(figures)}`);
        } catch (error) {
          const reason = (error as Error).message;
          results.skip({ workload: workload.name, contestant, reason });
          if (error instanceof StartError) refused.add(contestant);
          say(`${label} skipped: ${reason}`);
        }
        await save();
      }
    }
  }
}

async function takeTurn(contestant: Contestant, workload: Workload, stage: Stage, results: Results): Promise<Figures> {
  const reason = contestant.cannot?.[workload.name];
  if (reason !== undefined) throw new Error(reason);
  return measures[workload.measure](contestant, workload, stage, results.effort);
}

function describe(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`)
    .join(', ');
}
