import { randomUUID } from 'node:crypto';
import {
  type Answer,
  type Ending,
  type HeaderLines,
  type LogEntry,
  mapText,
  type Outcome,
  type Sandbox,
  type SocketLimits,
  switchingProtocols,
  type Usage,
  type WireRequest,
  type WireStream,
  type Freshness,
} from '../sandbox/index.ts';
import type { Admission, Place } from './admission.ts';
import type { TenantAllowance } from './cpu-allowances.ts';
import type { HeldBytes } from './held-bytes.ts';
import type { Metrics } from './metrics.ts';
import { describeFailure, type Failure } from './problem.ts';
import type { DeployedFunction, FunctionVersion } from './registry.ts';
import { openRequestBody, RequestStream } from './request-stream.ts';
import { applyHints, type Framing, withoutHints } from './response-hints.ts';

/** A request as it comes in, by whatever way. */
export interface IncomingCall {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names and values in turn, as a `WireRequest` has them. */
  readonly headers: readonly string[];
  readonly body: WireStream | null;
  readonly contentLength: number | undefined;
  readonly accept: string | null;
  readonly remoteAddress: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal | undefined;
  /** The client asks for a WebSocket, and whoever took the request can give it one. */
  readonly socket?: IncomingSocket | undefined;
}

/** A WebSocket that a client asks for. */
export interface IncomingSocket {
  /** Its messages, once it is open; see sandbox/socket-frames.ts. */
  readonly messages: WireStream;
  /** Closes it, now or as soon as it is open. */
  end(code: number, reason: string): void;
}

export interface OutgoingAnswer {
  readonly id: string;
  /** `undefined` when the function itself answered. */
  readonly failure: Failure | undefined;
  /** Header lines that the function had set before it failed. */
  readonly failureHeaders: HeaderLines;
  readonly status: number;
  /** The reason phrase of the status line, if it is not the usual one. */
  readonly statusMessage?: string | undefined;
  readonly headers: HeaderLines;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array>;
  /** Absent: a whole body gets a `Content-Length`. */
  readonly framing?: Framing | undefined;
  /** The function has taken the WebSocket that the client asks for: the body are the messages for the client. */
  readonly socketLimits?: SocketLimits | undefined;
  /**
   * Counts a body that waits for a slow client towards the memory of its tenant, until the result is called. Nothing has to call it; a
   * server that keeps large bodies in memory should.
   */
  hold(): () => void;
  /** Resolves when the invocation is over. Never rejects. */
  readonly ended: Promise<InvocationRecord>;
}

/** What is known of an invocation when it is over. Paths and errors come from outside: escape them wherever they are shown. */
export interface InvocationRecord {
  readonly id: string;
  readonly time: Date;
  readonly tenant: string;
  /** Empty when the path named no function. */
  readonly function: string;
  /** SHA-256 of the bundle that ran; `undefined` when none did. */
  readonly version: string | undefined;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly usage: Usage;
  readonly memoryMiB: number;
  /** What it could see of earlier invocations; `undefined` when nothing ran. */
  readonly freshness: Freshness | undefined;
  readonly logsTruncated: boolean;
}

export interface FunctionLogEntry extends LogEntry {
  readonly id: string;
  readonly tenant: string;
  readonly function: string;
}

export interface CallServices {
  readonly sandbox: Sandbox;
  readonly admission: Admission;
  readonly heldBytes: HeldBytes;
  readonly allowanceOf: (tenant: string) => TenantAllowance;
  readonly metrics: Metrics;
  readonly exposeErrors: boolean;
  readonly onInvocation: (record: InvocationRecord) => void;
  readonly onLog: (entry: FunctionLogEntry) => void;
}

const noUsage: Usage = { cpuTimeMs: 0, startUpCpuMs: 0, wallTimeMs: 0, heapBytes: 0 };

/** Takes requests through the host: body, admission, sandbox, answer, record. */
export class Calls {
  readonly #services: CallServices;
  readonly #running = new Set<Promise<unknown>>();
  readonly #sockets = new Set<IncomingSocket>();
  #isDraining = false;

  constructor(services: CallServices) {
    this.#services = services;
  }

  /** Answers a request that concerns no function. */
  refuse(incoming: IncomingCall, failure: Failure): OutgoingAnswer {
    return new Call(undefined, incoming, this.#services).fail(failure);
  }

  /** Closes the WebSockets of clients, which would stay for long otherwise. */
  drain(): void {
    this.#isDraining = true;
    for (const socket of this.#sockets) socket.end(goingAway, goingAwayReason);
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async call(fn: DeployedFunction, incoming: IncomingCall): Promise<OutgoingAnswer> {
    const call = new Call(fn, incoming, this.#services);
    const { version } = fn;
    if (version === undefined) return call.fail(loadFailure(fn.error));
    const { heldBytes } = this.#services;
    const { tenant } = fn;
    let held = 0;
    const giveBack = (): void => {
      if (held > 0) heldBytes.give(tenant, held);
      held = 0;
    };
    const { limits, dialect } = version.sandboxFunction;
    const room = {
      take(bytes: number): boolean {
        if (!heldBytes.take(tenant, bytes)) return false;
        held += bytes;
        return true;
      },
      give(bytes: number): void {
        heldBytes.give(tenant, bytes);
        held -= bytes;
      },
    };
    const { body, contentLength, signal } = incoming;
    // A function of the Kubeless dialect is called with its body.
    const streams = dialect.name === 'web';
    const socket = streams ? incoming.socket : undefined;
    if (socket !== undefined) return this.#track(await this.#admit(call, fn, version, socket.messages, signal), socket);
    const opened = await openRequestBody(body, contentLength, limits.requestBodyBytes, room, streams);
    if ('failure' in opened) {
      giveBack();
      return call.fail(opened.failure);
    }
    const answer = await this.#admit(call, fn, version, opened.body, signal);
    const ended = answer.ended.then(() => {
      if (opened.body instanceof RequestStream) opened.body.cancel();
      giveBack();
      this.#running.delete(ended);
    });
    this.#running.add(ended);
    return answer;
  }

  #track(answer: OutgoingAnswer, socket: IncomingSocket): OutgoingAnswer {
    const ended = answer.ended.then(() => {
      this.#sockets.delete(socket);
      this.#running.delete(ended);
    });
    this.#running.add(ended);
    this.#sockets.add(socket);
    if (this.#isDraining) socket.end(goingAway, goingAwayReason);
    return answer;
  }

  async #admit(
    call: Call,
    { tenant }: DeployedFunction,
    version: FunctionVersion,
    body: Uint8Array | WireStream | null,
    signal: AbortSignal | undefined,
  ): Promise<OutgoingAnswer> {
    const { admission, allowanceOf } = this.#services;
    const applicant = { function: version.sandboxFunction, allowance: allowanceOf(tenant) };
    const result = await admission.enter(applicant, (place) => call.invoke(version, body, place), signal);
    if (!('refused' in result)) return result;
    if (signal?.aborted === true) return call.fail({ kind: 'canceled' });
    return call.fail({ kind: result.refused, retryAfterSeconds: result.retryAfterSeconds });
  }
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const goingAway = 1001;
const goingAwayReason = 'the server is being stopped';

type DescribedAnswer = Omit<OutgoingAnswer, 'ended' | 'hold'>;

const holdNothing = () => () => {};

class Call {
  readonly #id = randomUUID();
  readonly #time = new Date();
  readonly #startedAt = performance.now();
  readonly #fn: DeployedFunction | undefined;
  readonly #incoming: IncomingCall;
  readonly #services: CallServices;

  constructor(fn: DeployedFunction | undefined, incoming: IncomingCall, services: CallServices) {
    this.#fn = fn;
    this.#incoming = incoming;
    this.#services = services;
  }

  /** Answers without an invocation. */
  fail(outcome: Failure): OutgoingAnswer {
    const described = this.#describe(outcome);
    const ending = { outcome, usage: noUsage, logsTruncated: false };
    return {
      ...described,
      hold: holdNothing,
      ended: Promise.resolve(this.#record(undefined, described.status, ending)),
    };
  }

  async invoke(version: FunctionVersion, body: Uint8Array | WireStream | null, place: Place): Promise<OutgoingAnswer> {
    const { tenant, name } = this.#fn!;
    const { method, url, headers, remoteAddress, signal, socket } = this.#incoming;
    const isUpgrade = socket !== undefined && body === socket.messages;
    const request: WireRequest = { method, url, headers, body, isUpgrade, remoteAddress };
    const handle = this.#services.sandbox.invoke({
      id: this.#id,
      function: version.sandboxFunction,
      request,
      onLog: (entry) =>
        this.#services.onLog({
          ...entry,
          text: mapText(entry.text, version.bundle),
          id: this.#id,
          tenant,
          function: name,
        }),
    });
    const cancel = (): void => handle.cancel();
    if (body instanceof RequestStream) body.onFailure = (failure) => handle.cancel(failure);
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    const answer = this.#toAnswer(await handle.answer, version);
    const ended = handle.ended.then((ending) => {
      signal?.removeEventListener('abort', cancel);
      place.leave(ending.usage.cpuTimeMs);
      return this.#record(version, answer.status, ending);
    });
    const { memoryMiB } = version.sandboxFunction.limits;
    return { ...answer, hold: () => this.#services.admission.hold(tenant, memoryMiB), ended };
  }

  #toAnswer(answer: Answer, { sandboxFunction }: FunctionVersion): DescribedAnswer {
    if (answer.kind === 'failure') return { ...this.#describe(answer.outcome), failureHeaders: answer.headers };
    const isHinted = sandboxFunction.dialect.name === 'kubeless';
    const hinted = isHinted ? applyHints(answer.response, this.#incoming) : answer.response;
    return {
      ...hinted,
      socketLimits: hinted.status === switchingProtocols ? sandboxFunction.limits : undefined,
      id: this.#id,
      failure: undefined,
      failureHeaders: [],
      // These names are the host's to set.
      headers: [...withoutHints(hinted.headers), ['x-isohost-outcome', 'ok'], ['x-isohost-id', this.#id]],
    };
  }

  #describe(failure: Failure): DescribedAnswer {
    const { accept } = this.#incoming;
    const described = describeFailure(failure, { id: this.#id, accept, exposeErrors: this.#services.exposeErrors });
    return {
      ...described,
      id: this.#id,
      failure,
      failureHeaders: [],
      headers: [...described.headers, ['x-isohost-id', this.#id]],
    };
  }

  #record(version: FunctionVersion | undefined, status: number, ending: Ending): InvocationRecord {
    const { method, url } = this.#incoming;
    const record: InvocationRecord = {
      id: this.#id,
      time: this.#time,
      tenant: this.#fn?.tenant ?? '',
      function: this.#fn?.name ?? '',
      version: version?.bundle.hash,
      method,
      path: url.slice(url.indexOf('/', url.indexOf('//') + 2)),
      status,
      outcome: ending.outcome,
      durationMs: performance.now() - this.#startedAt,
      usage: ending.usage,
      memoryMiB: version?.sandboxFunction.limits.memoryMiB ?? 0,
      freshness: version?.sandboxFunction.freshness,
      logsTruncated: ending.logsTruncated,
    };
    // Names that nobody deployed are whatever clients make up: they get no series.
    if (this.#fn !== undefined) this.#services.metrics.record(record);
    this.#services.onInvocation(record);
    return record;
  }
}

/** A function of which no version could be bundled fails like one that throws while it loads. */
function loadFailure(error: Error | undefined): Failure {
  return {
    kind: 'exception',
    error: { name: error?.name ?? 'Error', message: error?.message ?? 'the function was not deployed yet', stack: '' },
  };
}
