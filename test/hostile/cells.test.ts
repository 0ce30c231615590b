/** Hostile functions in cells; those that wait for another leave a core to the next. */
import { describe } from 'vitest';
import { testHostileCases } from '../support/hostile.ts';

testHostileCases(2, describe.concurrent);
