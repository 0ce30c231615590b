/** The page of `react.tsx` with a version in it, so that nothing that was kept of an earlier version helps. */
import { answer as render } from './react.tsx';
import type { Answer } from './call.ts';

/** Filled in when the function is built. */
declare const VERSION: string;

export function answer(): Answer {
  return `${String(render())}<!-- ${VERSION} -->`;
}
