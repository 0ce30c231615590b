/** The least that a function can do. */
import type { Answer } from './call.ts';

export function answer(): Answer {
  return 'Hello from the bench';
}
