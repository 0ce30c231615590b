/** Egress as the process that holds the network gives it to invocations: counted, timed, and ended with them. */
import { type ByteSource, watchSource } from '../byte-source.ts';
import type { Limits } from '../limits.ts';
import type { SandboxFunction } from '../sandbox.ts';
import {
  type Egress,
  type EgressRequest,
  type EgressResponse,
  egressCodes,
  EgressError,
  type EgressService,
  socketStatus,
} from './egress.ts';
import type { exchange as Exchange } from './exchange.ts';
import type { HttpClient } from './http-client.ts';

/** Loads the HTTP client when the first request is sent. */
export function createEgressService(): EgressService {
  let client: Promise<{ readonly http: HttpClient; readonly exchange: typeof Exchange }> | undefined;
  const load = async (): Promise<{ readonly http: HttpClient; readonly exchange: typeof Exchange }> => {
    const [{ HttpClient }, { exchange }] = await Promise.all([import('./http-client.ts'), import('./exchange.ts')]);
    return { http: new HttpClient(), exchange };
  };
  return {
    open(fn) {
      return new InvocationEgress(fn, async (request, signal) => {
        client ??= load();
        const { http, exchange } = await client;
        return exchange(http, fn.egress, fn.limits, request, signal);
      });
    },
    async close() {
      await (await client)?.http.close();
    },
  };
}

/** What one invocation sends: so many requests in all, so many at a time, each within its time. */
class InvocationEgress implements Egress {
  readonly #limits: Limits;
  readonly #send: (request: EgressRequest, signal: AbortSignal) => Promise<EgressResponse>;
  readonly #over = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #sent = 0;
  #running = 0;

  constructor(fn: SandboxFunction, send: (request: EgressRequest, signal: AbortSignal) => Promise<EgressResponse>) {
    this.#limits = fn.limits;
    this.#send = send;
  }

  async fetch(request: EgressRequest, signal: AbortSignal): Promise<EgressResponse> {
    const { subrequests } = this.#limits;
    this.#sent += 1;
    const timed = new Deadline(this.#limits.subrequestTimeMs, [signal, this.#over.signal]);
    try {
      if (this.#sent > subrequests) {
        throw new EgressError(
          egressCodes.limit,
          `over ${subrequests} subrequests in one invocation; raise the limit subrequests`,
        );
      }
      const response = await this.#inTurn(() => this.#send(request, timed.signal), timed.signal);
      if (response.body === null) timed.end();
      // A WebSocket lasts as long as both of its ends want it to.
      else if (response.status === socketStatus) timed.stopClock();
      return response.body === null ? response : { ...response, body: this.#within(response.body, timed) };
    } catch (error) {
      timed.end();
      if (request.body !== null && !(request.body instanceof Uint8Array)) request.body.cancel();
      throw describe(timed.signal.aborted ? timed.signal.reason : error);
    }
  }

  close(): void {
    this.#over.abort(new EgressError(egressCodes.aborted, 'the invocation is over'));
  }

  /** Waits until fewer than the limit wait for the heads of their responses. */
  async #inTurn(send: () => Promise<EgressResponse>, signal: AbortSignal): Promise<EgressResponse> {
    if (this.#running >= this.#limits.subrequestConcurrency) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    }
    signal.throwIfAborted();
    this.#running += 1;
    try {
      return await send();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  #within(body: ByteSource, timed: Deadline): ByteSource {
    const watched = watchSource(body, () => timed.end());
    timed.signal.addEventListener('abort', () => body.cancel(), { once: true });
    return {
      length: watched.length,
      async read() {
        try {
          const piece = await watched.read();
          if (piece === undefined && timed.signal.aborted) throw timed.signal.reason;
          return piece;
        } catch (error) {
          throw describe(timed.signal.aborted ? timed.signal.reason : error);
        }
      },
      cancel: () => watched.cancel(),
    };
  }
}

/** Aborts when one of the signals does, or when the time is over; until it has ended. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  readonly #abort = (): void => {
    this.#controller.abort(this.#sources.find(({ aborted }) => aborted)?.reason);
    this.end();
  };

  constructor(ms: number, sources: readonly AbortSignal[]) {
    this.#sources = sources;
    this.#timer = setTimeout(() => {
      this.#controller.abort(
        new EgressError(egressCodes.limit, `it took over ${ms} ms; raise the limit subrequestTimeMs`),
      );
      this.end();
    }, ms);
    for (const source of sources) {
      if (source.aborted) this.#abort();
      else source.addEventListener('abort', this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The time counts no more. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.stopClock();
    for (const source of this.#sources) source.removeEventListener('abort', this.#abort);
  }
}

/** What may be said of an error. Several attempts to connect come as one error without a message. */
function describe(error: unknown): EgressError {
  if (error instanceof EgressError) return error;
  const { errors, cause } = (error ?? {}) as { errors?: unknown; cause?: unknown };
  if (cause instanceof EgressError) return cause;
  const told = (Array.isArray(errors) && errors.length > 0 ? errors[0] : error) as {
    code?: unknown;
    message?: unknown;
  };
  const code = typeof told?.code === 'string' ? told.code : 'ERR_EGRESS_FAILED';
  const message = typeof told?.message === 'string' && told.message !== '' ? told.message : 'the connection failed';
  return new EgressError(code, message);
}
