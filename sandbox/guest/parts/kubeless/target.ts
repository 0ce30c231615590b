import { part } from '../../core/facade.ts';

/** What the package parseurl makes of a request's target. */
export interface Target {
  readonly pathname: string | null;
  readonly query: string | null;
  readonly search?: string | null;
  readonly path?: string | null;
  readonly href: string;
}

export function parseTarget(target: string): Target {
  // Anything out of the ordinary goes through the parser that Express takes then.
  if (!target.startsWith('/') || /[\t\n\f\r #\xa0\ufeff]/.test(target)) {
    return part('node-url').parse(target) as unknown as Target;
  }
  const mark = target.indexOf('?');
  if (mark === -1) return { path: target, href: target, pathname: target, query: null, search: null };
  return {
    path: target,
    href: target,
    pathname: target.slice(0, mark),
    query: target.slice(mark + 1),
    search: target.slice(mark),
  };
}
