/** What a sandbox is to the rest of the host; how and where it runs guests is its own affair. */
import type { Bundle } from './bundle.ts';
import type { HeaderLines } from './guest-response.ts';
import type { EgressPolicy } from './egress/policy.ts';
import type { Limits } from './limits.ts';
import type { StorageQuota } from './storage/storage.ts';
import type { PassedBody } from './passed-body.ts';
import type { Failed, Outcome, Usage } from './outcome.ts';
import type { LogLevel, WireRequest } from './wire.ts';

/** One version of a function, as a sandbox runs it. Make it once per version: what is derived from it is kept with it. */
export interface SandboxFunction {
  readonly tenant: string;
  /** `tenant/function`: the same for all versions. CPU time is shared fairly between tenants, and between the functions of one. */
  readonly key: string;
  /** How messages name it to its author. */
  readonly name: string;
  readonly bundle: Bundle;
  readonly limits: Limits;
  /** Variables granted to it, and the placeholders of its secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its requests may go. */
  readonly egress: EgressPolicy;
  /** Its storage bindings: the namespace behind each name. */
  readonly kv: Readonly<Record<string, string>>;
  readonly storageQuota: StorageQuota;
  readonly dialect: Dialect;
  readonly trust: Trust;
  readonly freshness: Freshness;
}

/** What a function finds: `trusted` ones can generate code from text; see the guest's realm.ts for all of it. */
export type Trust = 'untrusted' | 'trusted';

/** What a call may see of earlier calls. */
export type Freshness =
  /** Nothing: each has an isolate of its own. */
  | 'isolate'
  /** Nothing: each has a global scope of its own, in an isolate that earlier calls of the function had too. */
  | 'context'
  /** What earlier calls of the function have left in its modules and its global scope, as on Workers; many at a time. */
  | 'reuse';

/** How a function is called. */
export interface Dialect {
  readonly name: 'web' | 'kubeless';
  readonly settings: Readonly<Record<string, string | number | null>>;
}

export interface InvocationRequest {
  readonly id: string;
  readonly function: SandboxFunction;
  readonly request: WireRequest;
  /** Gets every log line as it comes. The text is the guest's: escape it before it is shown. */
  readonly onLog: (entry: LogEntry) => void;
}

export interface LogEntry {
  readonly level: LogLevel;
  readonly text: string;
  readonly time: Date;
}

/** What the client gets of it. Failures are for the caller to put into words. */
export type Answer =
  | { readonly kind: 'response'; readonly response: GuestResponse }
  | {
      readonly kind: 'failure';
      readonly outcome: Failed;
      /** What the function had set before it failed, for dialects in which that is kept. */
      readonly headers: HeaderLines;
    };

export interface GuestResponse {
  readonly status: number;
  readonly headers: HeaderLines;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array>;
  /** Where the body comes from, if it is not the guest. */
  readonly passed?: PassedBody | undefined;
}

export interface Ending {
  readonly outcome: Outcome;
  readonly usage: Usage;
  /** Log lines were dropped because there were too many. */
  readonly logsTruncated: boolean;
}

export interface InvocationHandle {
  /** Never rejects. Comes as soon as there is an answer: before the isolate is disposed, before background work ends. */
  readonly answer: Promise<Answer>;
  /** Never rejects. Comes when the invocation is over: its streamed response and its background work too. */
  readonly ended: Promise<Ending>;
  /** Ends it now; by default as if the client went away. */
  cancel(outcome?: Failed): void;
}

export interface SandboxStatus {
  /** Isolates alive, running or waiting. */
  readonly isolates: number;
  /** Isolates that could not be stopped: their thread and memory are lost until the process ends. */
  readonly stuckIsolates: number;
  /** The processes that hold the isolates; none when those are in this process. */
  readonly cells: readonly CellStatus[];
  /** Function versions that are suspended, and tenants in quarantine: with cells only. */
  readonly suspendedVersions: number;
  readonly quarantinedTenants: number;
}

export interface CellStatus {
  /** Counts up; a cell that takes the place of another has a number of its own. */
  readonly id: number;
  readonly pid: number | undefined;
  readonly state: 'starting' | 'ready' | 'leaving';
  readonly duty: CellDuty;
  /** Invocations under way. */
  readonly invocations: number;
  /** When last looked at. */
  readonly residentBytes: number;
}

/**
 * What a cell is there for: functions with a clean record (`shared`), one version by itself (`solo`), functions of tenants that lost
 * cells lately (`quarantine`), or whatever comes next (`spare`).
 */
export type CellDuty = 'shared' | 'solo' | 'quarantine' | 'spare';

/** Why a cell ended. */
export type CellEnd =
  /** V8 aborted, or the process crashed. */
  | 'crashed'
  /** Its memory was over what its invocations may have. */
  | 'exceededMemory'
  /** It did not answer any more. */
  | 'unresponsive'
  /** A disposed isolate ran on in it. */
  | 'unstoppable'
  /** V8 gave up on an isolate in it. */
  | 'catastrophe'
  /** It sent what no cell sends. */
  | 'malformed'
  /** Somebody else killed it. */
  | 'killed'
  /** It had served long enough, or grown too much over time. */
  | 'recycled';

/** Something an operator wants to know of. */
export type SandboxEvent =
  | { readonly kind: 'isolateStuck' | 'isolateLost'; readonly function: string }
  | {
      readonly kind: 'cellEnded';
      readonly cell: number;
      readonly reason: CellEnd;
      /** Whose code was the cause, as `tenant/function`; `undefined` when nobody's was. */
      readonly culprit: string | undefined;
      /** Invocations that were run again elsewhere. */
      readonly rerun: number;
      /** Invocations that were lost with it through no fault of theirs. */
      readonly lost: number;
      /** The last words of the process, from V8 or the kernel. */
      readonly detail: string;
    }
  | { readonly kind: 'suspended'; readonly function: string; readonly strikes: number; readonly forMs: number }
  | { readonly kind: 'quarantined' | 'released'; readonly tenant: string };

export interface SandboxHooks {
  onEvent(event: SandboxEvent): void;
  /** How many tenants have functions: nobody's share is cut as long as there is only one. */
  tenants(): number;
  /** There may be room now for a function that `hasRoom` refused. */
  onRoom(): void;
}

export interface Sandbox {
  /** Does ahead what the first call of a function would have to wait for. Not needed for a call, and never runs user code. */
  prepare(fn: SandboxFunction): Promise<void>;
  /** Whether an invocation would begin at once; otherwise `onRoom` is called when that may have changed. */
  hasRoom(fn: SandboxFunction): boolean;
  /** Begins an invocation, or lets it wait until there is room. */
  invoke(request: InvocationRequest): InvocationHandle;
  /** The function will not be called any more: what was kept ready for it goes. Calls under way end as they would. */
  forget(fn: SandboxFunction): void;
  status(): SandboxStatus;
  /** Cancels what runs, and resolves when nothing of it is left. */
  close(): Promise<void>;
}
