import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { PackedData } from '../../sandbox/packed-data.ts';

test('packed data is the data, and all that is kept of what it came in', async () => {
  const data = Buffer.concat([Buffer.alloc(100_000, 'abc'), randomBytes(1_000)]);
  const whole = (await PackedData.of(data)).packed;
  expect(whole.length).toBeLessThan(2_000);
  expect(whole.buffer.byteLength).toBe(whole.length);
  const read = Buffer.concat([Buffer.alloc(32), whole]);
  const back = new PackedData(read.subarray(32));
  read.fill(0);
  expect(back.packed.buffer.byteLength).toBe(whole.length);
  expect(back.data.equals(data)).toBe(true);
  // Whoever wants it at the same time gets the same.
  expect(back.data).toBe(back.data);
});
