import type { HostileCase, HostileOutcome } from '../../src/doctor/hostile-case.ts';

export type { HostileCase, HostileOutcome } from '../../src/doctor/hostile-case.ts';

type Options = Partial<Omit<HostileCase, 'name' | 'code' | 'outcomes'>>;

/** Limits under which all cases run. */
export const hostileLimits = {
  memoryMiB: 32,
  cpuTimeMs: 150,
  startUpCpuMs: 150,
  wallTimeMs: 1_500,
  backgroundTimeMs: 1_500,
  requestBodyBytes: 10 * 2 ** 20,
  responseBodyBytes: 1_000_000,
  logLines: 100,
  logBytes: 10_000,
  timers: 100,
} as const;

/** @param code The whole module. */
export function moduleCase(
  name: string,
  outcomes: HostileOutcome | readonly HostileOutcome[],
  code: string,
  options: Options = {},
): HostileCase {
  return {
    name,
    code,
    outcomes: typeof outcomes === 'string' ? [outcomes] : outcomes,
    inline: true,
    trust: 'untrusted',
    method: 'GET',
    bodyBytes: 0,
    memoryMiB: hostileLimits.memoryMiB,
    calls: 1,
    ...options,
  };
}

/** @param body Of the handler: an async function of `request`, `env` and `ctx`. */
export function handlerCase(
  name: string,
  outcomes: HostileOutcome | readonly HostileOutcome[],
  body: string,
  options: Options = {},
): HostileCase {
  return moduleCase(name, outcomes, `module.exports = async (request, env, ctx) => {${body}\n}`, options);
}
