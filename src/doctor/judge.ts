/** Decides whether a hostile function ended as it must. */
import { outcomeStatus } from '../status.ts';
import type { HostileCase } from './hostile-case.ts';

type Expectation = Pick<HostileCase, 'outcomes' | 'text'>;

/** How an invocation ended, as far as it can be seen. */
export interface SeenEnd {
  /**
   * An outcome. Where only the answer is known and not what came after it, `answered` or, when it broke off, `cut`; `none` when there
   * was no answer.
   */
  readonly outcome: string;
  readonly text: string;
  /** What the client was told; absent where no client was involved. */
  readonly head?: { readonly status: number; readonly outcome: string } | undefined;
  /** More about an end without an answer. */
  readonly detail?: string | undefined;
}

const shownCharacters = 60;

/** Answers what is wrong with an end, or `undefined` when it is as it must be. */
export function judge(expected: Expectation, seen: SeenEnd): string | undefined {
  return isHeld(expected, seen) ? undefined : describeEnd(seen);
}

/** @example 'exceededCpu, or ok with "x"' */
export function describeExpectation({ outcomes, text }: Expectation): string {
  return outcomes.map((kind) => (kind === 'ok' && text !== undefined ? `ok with ${quote(text)}` : kind)).join(' or ');
}

function isHeld({ outcomes, text }: Expectation, { outcome, text: answered, head }: SeenEnd): boolean {
  if (head !== undefined && head.outcome !== 'ok') {
    // What the client is told is how it ended, with the status that is documented for it.
    if (head.outcome !== outcome) return false;
    if (outcomeStatus[outcome as keyof typeof outcomeStatus]?.status !== head.status) return false;
  }
  const isExpected = (outcomes as readonly string[]).includes(outcome === 'answered' ? 'ok' : outcome);
  if (outcome === 'ok') return isExpected && (text === undefined || answered === text);
  if (outcome === 'answered') return text === undefined ? isExpected : answered === text;
  if (outcome === 'cut') return outcomes.some((kind) => kind !== 'ok');
  // Whose code takes down cells is suspended in the end, when it was called often enough.
  if (outcome === 'suspended' && outcomes.includes('crashed')) return true;
  return isExpected;
}

function describeEnd({ outcome, text, head, detail }: SeenEnd): string {
  if (detail !== undefined) return detail;
  const isAnswer = outcome === 'ok' || outcome === 'answered';
  const ending = isAnswer ? `ok with ${quote(text)}` : outcome;
  if (head === undefined) return ending;
  const told =
    isAnswer || head.outcome === outcome ? '' : `, told as ${head.outcome === '' ? 'nothing' : head.outcome}`;
  return `${ending}${told} (status ${head.status})`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > shownCharacters ? `${text.slice(0, shownCharacters)}...` : text);
}
