/** Cross-origin requests: https://fetch.spec.whatwg.org/#http-cors-protocol */
import type { HeaderLines } from '../sandbox/index.ts';

export interface Cors {
  /** What is added to the answer of a function. */
  headersFor(origin: string | undefined): HeaderLines;
  /** What a preflight is answered with, which no function sees. */
  preflight(origin: string, methods: string, headers: string | undefined): HeaderLines;
}

const exposed = 'x-isohost-id, x-isohost-outcome';
/** Caches must not give the answer for one origin to another. */
const varyByOrigin = ['vary', 'Origin'] as const;

/** @param origins Those that browsers may call functions from; "*" is all. None: `undefined`. */
export function createCors(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined;
  const isOpen = origins.includes('*');
  const allowed = new Set(origins);
  const allow = (origin: string | undefined): HeaderLines => {
    if (isOpen) return [['access-control-allow-origin', '*']];
    return origin !== undefined && allowed.has(origin)
      ? [['access-control-allow-origin', origin], varyByOrigin]
      : [varyByOrigin];
  };
  return {
    headersFor: (origin) => [...allow(origin), ['access-control-expose-headers', exposed]],
    preflight(origin, methods, headers) {
      const lines = allow(origin);
      if (lines[0]?.[0] !== 'access-control-allow-origin') return lines;
      return [
        ...lines,
        ['access-control-allow-methods', methods],
        ...(headers === undefined ? [] : [['access-control-allow-headers', headers] as const]),
      ];
    },
  };
}
