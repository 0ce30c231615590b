/** How requests of functions leave: the only way out of a sandbox. */
import type { ByteSource } from '../byte-source.ts';
import type { SandboxFunction } from '../sandbox.ts';

export interface EgressRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Lower-case names and values in turn. */
  readonly headers: readonly string[];
  readonly redirect: RedirectMode;
  readonly body: Uint8Array | ByteSource | null;
}

export type RedirectMode = 'follow' | 'manual' | 'error';

export interface EgressResponse {
  readonly status: number;
  readonly statusText: string;
  /** Where the response came from, after all redirects. */
  readonly url: string;
  readonly redirected: boolean;
  /** Lower-case names and values in turn. */
  readonly headers: readonly string[];
  readonly body: ByteSource | null;
}

/**
 * The method of a request for a WebSocket: no function can send one of that method otherwise. The bodies of request and response are the
 * messages of either direction.
 */
export const socketMethod = 'CONNECT';
/** The status of the answer to it, and of no other. */
export const socketStatus = 101;

/** What one invocation may send. */
export interface Egress {
  /**
   * Sends a request and answers with the head of its response.
   *
   * @param signal Ends the request, and the body of its response.
   * @throws EgressError
   */
  fetch(request: EgressRequest, signal: AbortSignal): Promise<EgressResponse>;
  /** Ends everything that is under way. */
  close(): void;
}

export interface EgressService {
  /** For one invocation of a function. */
  open(fn: SandboxFunction): Egress;
  close(): Promise<void>;
}

/** Why a request was not sent, or has no response. The function sees the message: nothing of the host's own stands in it. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Codes of our own; those of the system and of undici come through as they are. */
export const egressCodes = {
  /** A rule or the kind of the address. */
  denied: 'ERR_EGRESS_DENIED',
  /** A number, size or time. */
  limit: 'ERR_EGRESS_LIMIT',
  /** What cannot be sent at all. */
  invalid: 'ERR_EGRESS_INVALID',
  redirect: 'ERR_EGRESS_REDIRECT',
  aborted: 'ERR_EGRESS_ABORTED',
} as const;
