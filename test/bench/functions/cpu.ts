/** Computes for about 2 ms, as code does that V8 has optimised. */
import type { Answer } from './call.ts';

/** Filled in when the function is built: as many as take 2 ms on this machine. */
declare const CPU_STEPS: number;

export function answer(): Answer {
  return String(compute(CPU_STEPS));
}

export function compute(steps: number): number {
  let state = 1;
  for (let step = 0; step < steps; step += 1) state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + step;
  return state >>> 0;
}
