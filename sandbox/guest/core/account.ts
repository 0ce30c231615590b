/**
 * Whose code runs: in an isolate that serves many invocations, each message is of one of them, and so is whatever it sets off. What the
 * invocation may use of the host is counted here.
 */
import { createObject } from './primordials.ts';

export interface Account {
  /** The number of the invocation, by which the host knows it. */
  readonly number: number;
  logLines: number;
  logCharacters: number;
  isLogTruncated: boolean;
  syncCalls: number;
  /** Operations of the host, and other things that it will wake the guest for. */
  pending: number;
  timers: number;
}

const accounts = createObject(null) as Record<number, Account | undefined>;
const allowed = { logLines: 0, logCharacters: 0, syncCalls: 0 };
let current: Account = create(0);

/** What each invocation may use, from the next one on. */
export function setAllowances(logLines: number, logCharacters: number, syncCalls: number): void {
  allowed.logLines = logLines;
  allowed.logCharacters = logCharacters;
  allowed.syncCalls = syncCalls;
}

function create(number: number): Account {
  return {
    number,
    logLines: allowed.logLines,
    logCharacters: allowed.logCharacters,
    isLogTruncated: false,
    syncCalls: allowed.syncCalls,
    pending: 0,
    timers: 0,
  };
}

/** The invocation that code runs for now. */
export function account(): Account {
  return current;
}

export function invocationNumber(): number {
  return current.number;
}

/** From now on, code runs for this invocation, which may be a new one. */
export function enterAccount(number: number): Account {
  current = accounts[number] ??= create(number);
  return current;
}

export function resume(known: Account): void {
  current = known;
}

/** The invocation is over. */
export function closeAccount(number: number): void {
  accounts[number] = undefined;
}
