import { expect, test } from 'vitest';
import { MemoryGrowth } from '../../sandbox/memory-growth.ts';

test('growth counts from the smallest size since the guest began to run', () => {
  const sizes = [100, 90, 150, 120, 200, 210];
  const growth = new MemoryGrowth(() => ({ residentBytes: sizes.shift()!, ownBytes: 0 }));
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

test('what the main thread takes is not growth of the guest, nor is what it lets go of', () => {
  const sizes = [
    [300, 100],
    [350, 150],
    [350, 40],
    [380, 40],
  ];
  const growth = new MemoryGrowth(() => {
    const [residentBytes, ownBytes] = sizes.shift()! as [number, number];
    return { residentBytes, ownBytes };
  });
  const seen = Array.from({ length: 4 }, () => {
    growth.sample();
    return growth.grownBytes;
  });
  expect(seen).toEqual([0, 0, 0, 30]);
});
