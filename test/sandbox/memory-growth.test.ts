import { expect, test } from 'vitest';
import { MemoryGrowth } from '../../sandbox/memory-growth.ts';

test('growth counts from the smallest size since the guest began to run', () => {
  const sizes = [100, 90, 150, 120, 200, 210];
  const growth = new MemoryGrowth(() => sizes.shift()!);
  growth.sample();
  expect(growth.grownBytes).toBe(0);
  growth.sample();
  growth.sample();
  expect(growth.grownBytes).toBe(60);
  growth.sample();
  expect(growth.grownBytes).toBe(30);
  growth.reset();
  growth.sample();
  growth.sample();
  expect(growth.grownBytes).toBe(10);
});
