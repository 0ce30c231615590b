import type { OutcomeKind } from '../../sandbox/index.ts';

/** What a function does to its host, and how that must end. */
export interface HostileCase {
  /** The class, then a name: `cpu: a loop after an await`. */
  readonly name: string;
  /** A CommonJS module whose value is a function of the web dialect. */
  readonly code: string;
  /** How the invocation may end. */
  readonly outcomes: readonly HostileOutcome[];
  /** What it answers, should it come to answer; not looked at where it is left out. */
  readonly text?: string | undefined;
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

export const hostileOutcomes = [
  'ok',
  'exception',
  'exceededCpu',
  'exceededWallTime',
  'exceededMemory',
  'exceededResponse',
  'neverSettles',
  'crashed',
  'canceled',
  'requestTooLarge',
  /** By the time that its turn comes, it may have taken down too many cells. */
  'suspended',
] as const satisfies readonly OutcomeKind[];

export type HostileOutcome = (typeof hostileOutcomes)[number];

/** The first part of its name. */
export function classOf({ name }: Pick<HostileCase, 'name'>): string {
  return name.slice(0, name.indexOf(':'));
}

const patience = { wallTimeMs: 10_000, backgroundTimeMs: 10_000, cpuTimeMs: 1_000, startUpCpuMs: 1_000 } as const;

/** On a busy machine, time must not run out for what has another end. */
export function patienceFor({ outcomes }: HostileCase): Partial<typeof patience> {
  const { wallTimeMs, backgroundTimeMs, cpuTimeMs, startUpCpuMs } = patience;
  return {
    ...(!outcomes.includes('exceededWallTime') && { wallTimeMs, backgroundTimeMs }),
    ...(!outcomes.includes('exceededCpu') && { cpuTimeMs, startUpCpuMs }),
  };
}
