import type { Contestant } from '../contestant.ts';
import { deno } from './deno.ts';
import { isohostContestants } from './isohost.ts';
import { nodeContestants } from './node.ts';
import { workerd } from './workerd.ts';

/** In the order in which they take turns. The first is what the others are compared with. */
export const contestants: readonly Contestant[] = [...nodeContestants, workerd, deno, ...isohostContestants];
