/**
 * Hostile functions that nobody has thought of. Each must end, in whatever way, and harm nobody else. `HOSTILE_SEED` repeats a run, and
 * `HOSTILE_SECONDS` makes it longer.
 */
import { expect, test } from 'vitest';
import { type Freshness, outcomeKinds } from '../../sandbox/index.ts';
import { runHostileCase } from '../support/hostile.ts';
import { functionOf, handler, invoke, testSandbox } from '../support/sandbox.ts';
import { createMutator } from './grammar.ts';
import { moduleCase } from './hostile-case.ts';

const seconds = Number(process.env['HOSTILE_SECONDS'] ?? 5);
const seed = Number(process.env['HOSTILE_SEED'] ?? Date.now() % 1_000_000_000);
const lanes = 4;
const levels = ['isolate', 'context', 'reuse'] as const satisfies readonly Freshness[];
/** On a slow machine it takes longer to make so many. */
const enough = 150;
/** Far more than any limit; who takes longer hangs. */
const patienceMs = 30_000;

test(`functions made at random with the seed ${seed} all end`, { timeout: seconds * 1_000 + 120_000 }, async () => {
  await using sandbox = await testSandbox(2);
  const neighbour = functionOf(handler('return new Response("fine")'), {}, { key: 'neighbour/f', hash: 'neighbour' });
  for (let call = 0; call < 12; call += 1) await invoke(sandbox, neighbour);
  const mutate = createMutator(seed);
  const endsAt = performance.now() + seconds * 1_000;
  const outcomes = new Map<string, number>();
  let ran = 0;
  const runLane = async () => {
    while (performance.now() < endsAt || ran < enough) {
      ran += 1;
      const { code, trust } = mutate();
      const freshness = levels[ran % levels.length]!;
      const late = Symbol('late');
      const result = await Promise.race([
        runHostileCase(
          sandbox,
          moduleCase('mutant', ['exceededCpu', 'exceededWallTime'], code, { trust, calls: 1 + (ran % 2) }),
          freshness,
        ),
        new Promise<typeof late>((resolve) => setTimeout(() => resolve(late), patienceMs).unref()),
      ]);
      if (result === late) throw new Error(`seed ${seed}: this does not end (${freshness}): ${code}`);
      const { outcome } = result[0]!;
      expect(outcomeKinds, `seed ${seed}: ${code}`).toContain(outcome);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const watchNeighbour = async () => {
    while (performance.now() < endsAt) {
      const { text, ending } = await invoke(sandbox, neighbour);
      expect(ending.outcome.kind, `seed ${seed}`).toBe('ok');
      expect(text).toBe('fine');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all([watchNeighbour(), ...Array.from({ length: lanes }, runLane)]);
  // They are not all of one kind, or the grammar has lost its bite.
  expect(outcomes.size).toBeGreaterThan(3);
});

test('the same seed makes the same functions', () => {
  const [one, two] = [createMutator(5), createMutator(5)];
  for (let count = 0; count < 100; count += 1) expect(one()).toEqual(two());
  expect(createMutator(6)()).not.toEqual(createMutator(5)());
});
