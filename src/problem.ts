/** Words for failures: RFC 9457 problem details, or a page for people who look with a browser. */
import type { Failed as Failure } from '../sandbox/index.ts';
import { outcomeStatus } from './status.ts';

export type { Failure };

export interface FailureAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface FailureContext {
  /** Id of the invocation, by which its owner finds it in the log. */
  readonly id: string;
  /** The request's `Accept` header. */
  readonly accept: string | null;
  /** Whether the client may see what the function threw. */
  readonly exposeErrors: boolean;
}

interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly outcome: string;
  readonly limit?: string;
  readonly allowed?: number;
  readonly used?: number;
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
}

export function describeFailure(outcome: Failure, { id, accept, exposeErrors }: FailureContext): FailureAnswer {
  const { status, title } = outcomeStatus[outcome.kind];
  const problem: ProblemDetails = {
    type: 'about:blank',
    title,
    status,
    detail: detailOf(outcome, exposeErrors),
    instance: `urn:uuid:${id}`,
    outcome: outcome.kind,
    ...('breach' in outcome && {
      limit: outcome.breach.limit,
      allowed: outcome.breach.allowed,
      ...(outcome.breach.used !== undefined && { used: Math.round(outcome.breach.used * 10) / 10 }),
    }),
    ...(outcome.kind === 'exception' && exposeErrors && { error: outcome.error }),
  };
  const isPage = prefersHtml(accept);
  return {
    status,
    headers: [
      ['content-type', isPage ? 'text/html; charset=utf-8' : 'application/problem+json'],
      ['x-isohost-outcome', outcome.kind],
      ['x-content-type-options', 'nosniff'],
      ['cache-control', 'no-store'],
      ...('retryAfterSeconds' in outcome ? [['retry-after', String(outcome.retryAfterSeconds)] as const] : []),
    ],
    body: isPage ? page(problem) : `${JSON.stringify(problem)}\n`,
  };
}

function detailOf(outcome: Failure, exposeErrors: boolean): string {
  switch (outcome.kind) {
    case 'exception':
      return exposeErrors
        ? `${outcome.error.name}: ${outcome.error.message}`
        : 'Its error is in the log of the host, under the id of this answer.';
    case 'exceededCpu':
    case 'exceededWallTime':
    case 'exceededMemory':
    case 'exceededResponse':
    case 'requestTooLarge': {
      const { limit, allowed, used } = outcome.breach;
      return `The limit ${limit} is ${allowed}${used === undefined ? '' : `, used were ${Math.round(used * 10) / 10}`}.`;
    }
    case 'neverSettles':
      return 'Its promise is pending, but there is no timer, no operation and no message left that could settle it.';
    case 'crashed':
      return 'Its code did something that the engine does not survive.';
    case 'cellLost':
      return `Another function's code took down the process that it ran in. Try again in ${outcome.retryAfterSeconds} s.`;
    case 'suspended':
      return `Its code took down its process repeatedly. It is tried again in ${outcome.retryAfterSeconds} s.`;
    case 'overloaded':
    case 'throttled':
      return `Try again in ${outcome.retryAfterSeconds} s.`;
    case 'notFound':
      return 'Check the first part of the path: it is the name of the function.';
    case 'canceled':
      return 'Nobody waits for this answer.';
  }
}

/** Browsers ask for text/html by name; curl and libraries ask for anything, or for JSON. */
function prefersHtml(accept: string | null): boolean {
  const ranges = (accept ?? '').toLowerCase().split(',');
  const html = qualityOf(ranges, /^text\/html$/);
  const json = qualityOf(ranges, /^application\/(?:problem\+)?json$/);
  return html.quality > json.quality || (html.quality > 0 && html.quality === json.quality && html.index < json.index);
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-quality-values */
function qualityOf(ranges: readonly string[], type: RegExp): { readonly quality: number; readonly index: number } {
  for (const [index, range] of ranges.entries()) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!type.test(name)) continue;
    const given = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = given === undefined ? 1 : Number(given.slice(2));
    return { quality: quality >= 0 && quality <= 1 ? quality : 0, index };
  }
  return { quality: 0, index: ranges.length };
}

function page(problem: ProblemDetails): string {
  const { title, status, detail, instance, outcome, error } = problem;
  const stack = error === undefined || error.stack === '' ? '' : `<pre>${escapeHtml(error.stack)}</pre>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${escapeHtml(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 12vh auto; padding: 0 1.5rem; color: #1c1e21; background: #fff }
  h1 { font-size: 1.4rem; margin: 0 0 .5rem }
  h1 span { color: #b3261e; margin-right: .5rem }
  pre { background: #f4f5f7; padding: 1rem; overflow: auto; border-radius: 6px; font-size: .85rem }
  small { color: #5f6368 }
  @media (prefers-color-scheme: dark) {
    body { color: #e6e6e6; background: #17181a } pre { background: #232528 } small { color: #9aa0a6 } h1 span { color: #f28b82 }
  }
</style>
<h1><span>${status}</span>${escapeHtml(title)}</h1>
<p>${escapeHtml(detail)}</p>
${stack}
<small>${escapeHtml(outcome)} &middot; ${escapeHtml(instance)}</small>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
