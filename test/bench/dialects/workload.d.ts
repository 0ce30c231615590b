/** Stands for one of the files in functions/; see functions.ts. */
declare module 'workload' {
  import type { Answer, Call } from '../functions/call.ts';

  export function answer(call: Call): Answer | Promise<Answer>;
}
