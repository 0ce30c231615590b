import type { Limits } from './limits.ts';

/** How an invocation ended. A value: only failures of the host itself are exceptions. */
export type Outcome =
  | { readonly kind: 'ok' }
  /** User code threw, rejected, answered no valid response, or has no handler. */
  | { readonly kind: 'exception'; readonly error: GuestError }
  /** CPU time over `cpuTimeMs`, or over `startUpCpuMs` while the bundle was loading. */
  | { readonly kind: 'exceededCpu'; readonly breach: Breach }
  | { readonly kind: 'exceededWallTime'; readonly breach: Breach }
  | { readonly kind: 'exceededMemory'; readonly breach: Breach }
  | { readonly kind: 'exceededResponse'; readonly breach: Breach }
  /** No answer was given, and nothing is left that could ever give one. */
  | { readonly kind: 'neverSettles' }
  /** The client went away, or the host was closed. */
  | { readonly kind: 'canceled' }
  /** The function's code made the engine give up. */
  | { readonly kind: 'crashed' }
  /** Another's code took down the process that the function ran in. */
  | { readonly kind: 'cellLost'; readonly retryAfterSeconds: number }
  /** Its code took down such processes again and again. */
  | { readonly kind: 'suspended'; readonly retryAfterSeconds: number }
  | { readonly kind: 'requestTooLarge'; readonly breach: Breach }
  | { readonly kind: 'overloaded'; readonly retryAfterSeconds: number }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'notFound' };

/** How an invocation ends that has no answer. */
export type Failed = Exclude<Outcome, { kind: 'ok' }>;

export type OutcomeKind = Outcome['kind'];

export interface Breach {
  readonly limit: keyof Limits;
  /** In the unit of the limit's name. */
  readonly allowed: number;
  /** In the same unit; `undefined` where it could not be measured. */
  readonly used: number | undefined;
}

/** An error of user code. All text comes from the guest: treat it as hostile wherever it is shown. */
export interface GuestError {
  readonly name: string;
  readonly message: string;
  /** Source-mapped, without frames of the runtime; empty when there are none. */
  readonly stack: string;
}

export const outcomeKinds = [
  'ok',
  'exception',
  'exceededCpu',
  'exceededWallTime',
  'exceededMemory',
  'exceededResponse',
  'neverSettles',
  'canceled',
  'crashed',
  'cellLost',
  'suspended',
  'requestTooLarge',
  'overloaded',
  'throttled',
  'notFound',
] as const satisfies readonly OutcomeKind[];

/** What an invocation used. */
export interface Usage {
  readonly cpuTimeMs: number;
  /** The part of `cpuTimeMs` that loading the bundle took. */
  readonly startUpCpuMs: number;
  readonly wallTimeMs: number;
  /** Heap and array buffers after the last turn that was measured; 0 when none was. */
  readonly heapBytes: number;
}
