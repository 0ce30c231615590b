import type { Invocation } from '../../core/facade.ts';
import { createRequest, type ShimRequest } from './request.ts';
import { ShimResponse } from './response.ts';

/** A request as the dialect reads it. */
export interface KubelessRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Lower-case names, joined as Node joins them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
}

export interface Exchange {
  readonly request: ShimRequest;
  readonly response: ShimResponse;
  /** Header lines that the function has set so far. */
  headers(): string[];
  /** Sends the value that the function returned, unless it has ended the response itself. */
  finalize(value: unknown): void;
}

export function createExchange(
  invocation: Invocation,
  wire: KubelessRequest,
  body: string | Uint8Array | undefined,
): Exchange {
  const request = createRequest(wire, body);
  const response = new ShimResponse(invocation, request);
  Object.defineProperty(request, 'res', { configurable: true, enumerable: false, writable: true, value: response });
  return {
    request,
    response,
    headers: () => response.headerLines(),
    finalize(value) {
      if (response.finished) return;
      switch (typeof value) {
        case 'string':
          response.end(value);
          break;
        case 'object':
          response.json(value);
          break;
        case 'undefined':
          response.end();
          break;
        default:
          response.end(JSON.stringify(value) as string | undefined);
      }
    },
  };
}
