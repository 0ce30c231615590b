/** What a function does to its host, and how that must end. */
export interface HostileCase {
  /** The class, then a name: `cpu: a loop after an await`. */
  readonly name: string;
  /** A CommonJS module whose value is a function of the web dialect. */
  readonly code: string;
  /** How the invocation may end. */
  readonly outcomes: readonly HostileOutcome[];
  /** What it answers; not looked at where it is left out. */
  readonly text?: string;
  /** `false`: a host without cells does not survive it, or is left with a thread that nobody can stop. */
  readonly inline: boolean;
  readonly trust: 'untrusted' | 'trusted';
  readonly method: string;
  /** Bytes of the request body; they are the letter x. */
  readonly bodyBytes: number;
  /** Memory in MiB, where a case needs more than the others. */
  readonly memoryMiB: number;
  /** It is called this often, one after the other; each must end the same. */
  readonly calls: number;
}

export type HostileOutcome =
  | 'ok'
  | 'exception'
  | 'exceededCpu'
  | 'exceededWallTime'
  | 'exceededMemory'
  | 'exceededResponse'
  | 'neverSettles'
  | 'crashed'
  | 'canceled'
  /** By the time that its turn comes, it may have taken down too many cells. */
  | 'suspended';

type Options = Partial<Omit<HostileCase, 'name' | 'code' | 'outcomes'>>;

/** Limits under which all cases run. */
export const hostileLimits = {
  memoryMiB: 32,
  cpuTimeMs: 150,
  startUpCpuMs: 150,
  wallTimeMs: 1_500,
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
