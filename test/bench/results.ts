/** Figures as they were measured, in a file that a run adds to, so that one that was cut off can be gone on with. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { median } from '../support/statistics.ts';
import type { Machine } from './machine.ts';
import type { Effort, Figures } from './measures/measure.ts';
import type { WorkloadName } from './workloads.ts';

export interface Sample {
  readonly round: number;
  readonly workload: WorkloadName;
  readonly contestant: string;
  readonly figures: Figures;
}

export interface Skip {
  readonly workload: WorkloadName;
  readonly contestant: string;
  readonly reason: string;
}

export interface ResultsFile {
  readonly machine: Machine;
  readonly effort: Effort;
  readonly samples: readonly Sample[];
  readonly skips: readonly Skip[];
}

export class Results {
  readonly machine: Machine;
  readonly effort: Effort;
  readonly #samples: Sample[];
  readonly #skips: Skip[];

  constructor({ machine, effort, samples, skips }: ResultsFile) {
    this.machine = machine;
    this.effort = effort;
    this.#samples = [...samples];
    this.#skips = [...skips];
  }

  static async read(file: string): Promise<Results> {
    return new Results(JSON.parse(await readFile(file, 'utf8')) as ResultsFile);
  }

  async write(file: string): Promise<void> {
    const { machine, effort } = this;
    const text = JSON.stringify(
      { machine, effort, skips: this.#skips, samples: this.#samples } satisfies ResultsFile,
      shorten,
      1,
    );
    await writeFile(`${file}.new`, `${text}\n`);
    await rename(`${file}.new`, file);
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
  }

  skip(skip: Skip): void {
    this.#skips.push(skip);
  }

  has(round: number, workload: WorkloadName, contestant: string): boolean {
    return this.#samples.some(
      (sample) => sample.round === round && sample.workload === workload && sample.contestant === contestant,
    );
  }

  reason(workload: WorkloadName, contestant: string): string | undefined {
    return this.#skips.find((skip) => skip.workload === workload && skip.contestant === contestant)?.reason;
  }

  get skips(): readonly Skip[] {
    return this.#skips;
  }

  /** Of contestants of which anything was measured. */
  get names(): readonly string[] {
    return [...new Set(this.#samples.map(({ contestant }) => contestant))];
  }

  get rounds(): number {
    return Math.max(0, ...this.#samples.map(({ round }) => round));
  }

  /** Over the rounds; `undefined` where nothing was measured. */
  median(workload: WorkloadName, contestant: string, figure: string): number | undefined {
    const values = this.#samples
      .filter((sample) => sample.workload === workload && sample.contestant === contestant)
      .flatMap(({ figures }) => figures[figure] ?? []);
    return values.length === 0 ? undefined : median(values);
  }
}

/** More digits than these are noise. */
function shorten(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
