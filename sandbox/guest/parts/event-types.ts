/** Events of their own interfaces: of errors, messages, closings, progress and rejections. */
import { Event } from './events.ts';
import type { EventInit } from './events/event.ts';
import { assertArguments, defineInterface } from './shared/interface.ts';

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

/** https://html.spec.whatwg.org/#errorevent */
export class ErrorEvent extends Event {
  readonly #fields: Required<Omit<ErrorEventInit, keyof EventInit>>;

  constructor(type: string, init: ErrorEventInit = {}) {
    assertArguments(arguments.length, 1, "Failed to construct 'ErrorEvent'");
    super(type, init);
    const { message = '', filename = '', lineno = 0, colno = 0, error } = init ?? {};
    this.#fields = { message: `${message}`, filename: `${filename}`, lineno: lineno >>> 0, colno: colno >>> 0, error };
  }

  get message(): string {
    return this.#fields.message;
  }
  get filename(): string {
    return this.#fields.filename;
  }
  get lineno(): number {
    return this.#fields.lineno;
  }
  get colno(): number {
    return this.#fields.colno;
  }
  get error(): unknown {
    return this.#fields.error;
  }
}

defineInterface(ErrorEvent, 'ErrorEvent');

export interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: object | null;
  ports?: Iterable<object>;
}

/** https://html.spec.whatwg.org/#messageevent */
export class MessageEvent extends Event {
  #fields: { data: unknown; origin: string; lastEventId: string; source: object | null; ports: readonly object[] };

  constructor(type: string, init: MessageEventInit = {}) {
    assertArguments(arguments.length, 1, "Failed to construct 'MessageEvent'");
    super(type, init);
    const { data = null, origin = '', lastEventId = '', source = null, ports = [] } = init ?? {};
    this.#fields = {
      data,
      origin: `${origin}`,
      lastEventId: `${lastEventId}`,
      source,
      ports: Object.freeze([...ports]),
    };
  }

  get data(): unknown {
    return this.#fields.data;
  }
  get origin(): string {
    return this.#fields.origin;
  }
  get lastEventId(): string {
    return this.#fields.lastEventId;
  }
  get source(): object | null {
    return this.#fields.source;
  }
  get ports(): readonly object[] {
    return this.#fields.ports;
  }
  initMessageEvent(
    type: string,
    bubbles = false,
    cancelable = false,
    data: unknown = null,
    origin = '',
    lastEventId = '',
    source: object | null = null,
    ports: Iterable<object> = [],
  ): void {
    this.initEvent(type, bubbles, cancelable);
    this.#fields = { data, origin, lastEventId, source, ports: Object.freeze([...ports]) };
  }
}

defineInterface(MessageEvent, 'MessageEvent');

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** https://websockets.spec.whatwg.org/#the-closeevent-interface */
export class CloseEvent extends Event {
  readonly #fields: Required<Omit<CloseEventInit, keyof EventInit>>;

  constructor(type: string, init: CloseEventInit = {}) {
    assertArguments(arguments.length, 1, "Failed to construct 'CloseEvent'");
    super(type, init);
    const { wasClean = false, code = 0, reason = '' } = init ?? {};
    this.#fields = { wasClean: Boolean(wasClean), code: code & 0xffff, reason: `${reason}`.toWellFormed() };
  }

  get wasClean(): boolean {
    return this.#fields.wasClean;
  }
  get code(): number {
    return this.#fields.code;
  }
  get reason(): string {
    return this.#fields.reason;
  }
}

defineInterface(CloseEvent, 'CloseEvent');

export interface ProgressEventInit extends EventInit {
  lengthComputable?: boolean;
  loaded?: number;
  total?: number;
}

/** https://xhr.spec.whatwg.org/#interface-progressevent */
export class ProgressEvent extends Event {
  readonly #fields: Required<Omit<ProgressEventInit, keyof EventInit>>;

  constructor(type: string, init: ProgressEventInit = {}) {
    assertArguments(arguments.length, 1, "Failed to construct 'ProgressEvent'");
    super(type, init);
    const { lengthComputable = false, loaded = 0, total = 0 } = init ?? {};
    this.#fields = { lengthComputable: Boolean(lengthComputable), loaded: Number(loaded), total: Number(total) };
  }

  get lengthComputable(): boolean {
    return this.#fields.lengthComputable;
  }
  get loaded(): number {
    return this.#fields.loaded;
  }
  get total(): number {
    return this.#fields.total;
  }
}

defineInterface(ProgressEvent, 'ProgressEvent');

export interface PromiseRejectionEventInit extends EventInit {
  promise: object;
  reason?: unknown;
}

/** https://html.spec.whatwg.org/#promiserejectionevent */
export class PromiseRejectionEvent extends Event {
  readonly #promise: object;
  readonly #reason: unknown;

  constructor(type: string, init: PromiseRejectionEventInit) {
    assertArguments(arguments.length, 2, "Failed to construct 'PromiseRejectionEvent'");
    super(type, init);
    const { promise, reason } = init;
    if (typeof promise !== 'object' || promise === null) {
      throw new TypeError("Failed to construct 'PromiseRejectionEvent': a promise is needed");
    }
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise(): object {
    return this.#promise;
  }
  get reason(): unknown {
    return this.#reason;
  }
}

defineInterface(PromiseRejectionEvent, 'PromiseRejectionEvent');
