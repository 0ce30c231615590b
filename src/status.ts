/** The only place that knows which HTTP status an outcome is answered with. */
import type { OutcomeKind } from '../sandbox/index.ts';

interface StatusRow {
  readonly status: number;
  readonly title: string;
}

/**
 * `ok` has the status that the function chose. `canceled` is seen by nobody: the client is gone; 499 is what servers log for that.
 */
export const outcomeStatus: Readonly<Record<OutcomeKind, StatusRow>> = {
  ok: { status: 200, title: 'OK' },
  exception: { status: 500, title: 'The function failed' },
  exceededCpu: { status: 408, title: 'The function used more CPU time than it may' },
  exceededWallTime: { status: 408, title: 'The function took longer than it may' },
  exceededMemory: { status: 500, title: 'The function used more memory than it may' },
  exceededResponse: { status: 500, title: 'The response is larger than it may be' },
  neverSettles: { status: 500, title: 'The function never answers' },
  canceled: { status: 499, title: 'The client closed the connection' },
  crashed: { status: 500, title: 'The function crashed' },
  cellLost: { status: 503, title: 'The function was interrupted' },
  suspended: { status: 503, title: 'The function is suspended' },
  requestTooLarge: { status: 413, title: 'The request body is larger than it may be' },
  overloaded: { status: 503, title: 'The host is busy' },
  throttled: { status: 429, title: 'Too many requests' },
  notFound: { status: 404, title: 'There is no such function' },
};
