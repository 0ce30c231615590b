/** What a sandbox is to the rest of the host; how and where it runs guests is its own affair. */
import type { Bundle } from './bundle.ts';
import type { HeaderLines } from './guest-response.ts';
import type { Limits } from './limits.ts';
import type { Outcome, Usage } from './outcome.ts';
import type { LogLevel, WireRequest } from './wire.ts';

/** One version of a function, as a sandbox runs it. Make it once per version: what is derived from it is kept with it. */
export interface SandboxFunction {
  /** Names the function among all of the host, the same for all its versions: CPU time is shared fairly between these. */
  readonly key: string;
  /** How messages name it to its author. */
  readonly name: string;
  readonly bundle: Bundle;
  readonly limits: Limits;
  /** Variables granted to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
}

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
      readonly outcome: Exclude<Outcome, { kind: 'ok' }>;
      /** What the function had set before it failed, for dialects in which that is kept. */
      readonly headers: HeaderLines;
    };

export interface GuestResponse {
  readonly status: number;
  readonly headers: HeaderLines;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array>;
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
  /** Ends it now, for example because the client went away. */
  cancel(): void;
}

export interface SandboxStatus {
  /** Isolates alive, running or waiting. */
  readonly isolates: number;
  /** Isolates that could not be stopped: their thread and memory are lost until the process ends. */
  readonly stuckIsolates: number;
}

export interface Sandbox {
  /** Does ahead what the first call of a function would have to wait for. Not needed for a call, and never runs user code. */
  prepare(fn: SandboxFunction): Promise<void>;
  invoke(request: InvocationRequest): InvocationHandle;
  status(): SandboxStatus;
  /** Cancels what runs, and resolves when nothing of it is left. */
  close(): Promise<void>;
}
