/**
 * The order of the test files: those that take longest begin first, or the last of them runs alone while the other workers have nothing to
 * do. vitest itself knows how long they take only where they have run before, which no clean checkout has.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From about ten seconds. */
const longest = [
  'packages/packages',
  'hostile/cells',
  'src/cli',
  'package/package',
  'src/web-sockets',
  'sandbox/cpu-time',
  'hostile/inline',
  'hostile/freshness',
  'sandbox/cells/cell-sandbox',
  'kubeless/process',
  'kubeless/loading',
  'src/http',
  'hostile/mutants',
  'src/doctor',
  'src/host',
  'sandbox/containment',
  'sandbox/budget',
].map((name) => fileURLToPath(new URL(`../${name}.test.ts`, import.meta.url)));

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    for (const file of longest) {
      if (!existsSync(file))
        throw new Error(`${file} is not there; name what takes its place in ${import.meta.filename}`);
    }
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = longest.indexOf(moduleId);
      return rank === -1 ? longest.length : rank;
    };
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
