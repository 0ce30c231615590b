/** Hostile functions in the process itself, where a process survives them. They take turns. */
import { describe } from 'vitest';
import { testHostileCases } from '../support/hostile.ts';

testHostileCases(0, describe);
