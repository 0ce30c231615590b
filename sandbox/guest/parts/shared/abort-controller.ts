/** In place of the package abort-controller. */
import { part } from '../../core/facade.ts';

export const { AbortController, AbortSignal } = part('events');
