import {
  abnormalClosure,
  decodeClose,
  isSendableCode,
  maxReasonBytes,
  noStatus,
  type SocketFrame,
  socketFrame,
} from '../../../socket-frames.ts';
import { loadedPart, part, queueTask, settings } from '../../core/facade.ts';
import { DOMException, dispatchTrusted, type Event, EventTarget } from '../events.ts';
import type { Blob } from '../blob.ts';
import type { URL } from '../url.ts';
import { copyBufferSource } from '../shared/buffer-source.ts';
import { defineEventHandler } from '../shared/event-handler.ts';
import { assertArguments, defineInterface } from '../shared/interface.ts';
import { connect } from './client.ts';

const [connecting, open, closing, closed] = [0, 1, 2, 3];

/** Where a socket sends. */
export interface Outlet {
  message(kind: number, payload: Uint8Array, onSent: () => void): void;
  close(code: number, reason: Uint8Array): void;
}

/** A socket as the runtime sees it. */
export interface SocketState {
  readonly face: WebSocket;
  readonly url: string;
  /** Of its messages. */
  readonly origin: string;
  readyState: number;
  protocol: string;
  binaryType: 'blob' | 'arraybuffer';
  bufferedAmount: number;
  outlet: Outlet | undefined;
  /** One of a pair: what it sends arrives here. */
  peer: SocketState | undefined;
  /** Whether events of it are dispatched; those of a pair wait until it is accepted. */
  isAccepted: boolean;
  /** One of a pair that was given to a client. */
  isTaken: boolean;
  inbox: SocketFrame[];
  onAccept: (() => void) | undefined;
  /** Gives up a connection that is being made. */
  abort: (() => void) | undefined;
}

const protocolForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const pairKey = Symbol('pair');
let stateOf: (socket: WebSocket) => SocketState;
let isSocket: (value: unknown) => value is WebSocket;

export class WebSocket extends EventTarget {
  static readonly CONNECTING = connecting;
  static readonly OPEN = open;
  static readonly CLOSING = closing;
  static readonly CLOSED = closed;
  readonly #state: SocketState;

  static {
    stateOf = (socket) => socket.#state;
    isSocket = (value): value is WebSocket => typeof value === 'object' && value !== null && #state in value;
  }

  constructor(url: string | URL, protocols: string | Iterable<string> | undefined = []) {
    assertArguments(arguments.length, 1, "Failed to construct 'WebSocket'");
    super();
    if ((url as unknown) === pairKey) {
      this.#state = newState(this, '', '');
      return;
    }
    const { href, origin } = readUrl(`${url as string}`);
    const names = readProtocols(protocols);
    this.#state = newState(this, href, origin);
    connect(this.#state, names);
  }

  get url(): string {
    return this.#state.url;
  }
  get readyState(): number {
    return this.#state.readyState;
  }
  get bufferedAmount(): number {
    return this.#state.bufferedAmount;
  }
  get extensions(): string {
    void this.#state;
    return '';
  }
  get protocol(): string {
    return this.#state.protocol;
  }
  get binaryType(): 'blob' | 'arraybuffer' {
    return this.#state.binaryType;
  }
  set binaryType(value) {
    const state = this.#state;
    const type = `${value as string}`;
    // An enumeration: other values change nothing.
    if (type === 'blob' || type === 'arraybuffer') state.binaryType = type;
  }

  /** As on Workers: from now on the events of a socket of a pair are dispatched. */
  accept(): void {
    const state = this.#state;
    if (state.peer === undefined || state.isTaken) {
      throw new TypeError('only a WebSocket of a WebSocketPair that was not given to a response can be accepted');
    }
    if (state.isAccepted) return;
    state.isAccepted = true;
    for (const frame of state.inbox.splice(0)) void arrive(state, frame);
    state.onAccept?.();
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    assertArguments(arguments.length, 1, "Failed to execute 'send' on 'WebSocket'");
    const state = this.#state;
    const [kind, payload] = messageOf(data);
    if (state.readyState === connecting) {
      throw new DOMException("Failed to execute 'send' on 'WebSocket': it is still connecting", 'InvalidStateError');
    }
    const { socketMessageBytes } = settings().limits;
    if (payload.length > socketMessageBytes) {
      throw new RangeError(
        `Failed to execute 'send' on 'WebSocket': the message has ${payload.length} bytes, but the limit socketMessageBytes is ${socketMessageBytes}`,
      );
    }
    state.bufferedAmount += payload.length;
    if (state.readyState !== open) return;
    state.outlet?.message(kind, payload, () => {
      state.bufferedAmount -= payload.length;
    });
  }

  close(code?: number, reason?: string): void {
    const state = this.#state;
    const given = code === undefined ? undefined : clampToUnsignedShort(code);
    const isAllowed = state.peer === undefined ? isCodeOfClients : isSendableCode;
    if (given !== undefined && !isAllowed(given)) {
      throw new DOMException(
        `Failed to execute 'close' on 'WebSocket': the code ${given} cannot be sent; use 1000 or one from 3000 to 4999`,
        'InvalidAccessError',
      );
    }
    const bytes = part('encoding').encodeUtf8(reason === undefined ? '' : `${reason}`.toWellFormed());
    if (bytes.length > maxReasonBytes) {
      throw new DOMException(
        `Failed to execute 'close' on 'WebSocket': the reason has ${bytes.length} bytes; at most ${maxReasonBytes} can be sent`,
        'SyntaxError',
      );
    }
    if (state.readyState >= closing) return;
    const isConnecting = state.readyState === connecting;
    state.readyState = closing;
    if (isConnecting) state.abort?.();
    // A reason needs a code.
    else state.outlet?.close(given ?? (bytes.length > 0 ? 1000 : 0), bytes);
  }
}

defineInterface(WebSocket, 'WebSocket', { constructor: 1, send: 1, close: 0 });
for (const target of [WebSocket, WebSocket.prototype]) {
  for (const [name, value] of Object.entries({
    CONNECTING: connecting,
    OPEN: open,
    CLOSING: closing,
    CLOSED: closed,
  })) {
    Object.defineProperty(target, name, { configurable: false, enumerable: true, writable: false, value });
  }
}
const ownSocket = (socket: object): EventTarget => {
  if (isSocket(socket)) return socket;
  throw new TypeError('Illegal invocation');
};
for (const type of ['open', 'error', 'close', 'message']) {
  defineEventHandler(WebSocket.prototype, type, ownSocket);
}

export class WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket;

  constructor() {
    const sockets = [new WebSocket(pairKey as never), new WebSocket(pairKey as never)] as const;
    const [first, second] = sockets.map((socket) => stateOf(socket)) as [SocketState, SocketState];
    link(first, second);
    link(second, first);
    this[0] = sockets[0];
    this[1] = sockets[1];
  }

  [Symbol.iterator](): ArrayIterator<WebSocket> {
    return [this[0], this[1]].values();
  }
}

Object.defineProperty(WebSocketPair.prototype, Symbol.toStringTag, { configurable: true, value: 'WebSocketPair' });

export function isWebSocket(value: unknown): value is WebSocket {
  return isSocket(value);
}

export function socketState(socket: WebSocket): SocketState {
  return stateOf(socket);
}

function newState(face: WebSocket, url: string, origin: string): SocketState {
  return {
    face,
    url,
    origin,
    readyState: connecting,
    protocol: '',
    binaryType: 'blob',
    bufferedAmount: 0,
    outlet: undefined,
    peer: undefined,
    isAccepted: true,
    isTaken: false,
    inbox: [],
    onAccept: undefined,
    abort: undefined,
  };
}

/** What the one sends arrives at the other, as long as that one was not given to a client. */
function link(state: SocketState, peer: SocketState): void {
  state.peer = peer;
  state.readyState = open;
  state.binaryType = 'arraybuffer';
  state.isAccepted = false;
  state.outlet = {
    message(kind, payload, onSent) {
      onSent();
      void arrive(peer, { kind, payload });
    },
    close(code, reason) {
      const payload = new Uint8Array([code & 0xff, code >> 8, ...reason]);
      void arrive(peer, { kind: socketFrame.close, payload });
      // The other end answers with the same.
      void arrive(state, { kind: socketFrame.close, payload });
    },
  };
}

/** Dispatches what has arrived, as a task of its own; resolves when that has run. */
export function arrive(state: SocketState, frame: SocketFrame): Promise<void> | undefined {
  if (!state.isAccepted) {
    state.inbox.push(frame);
    return undefined;
  }
  return new Promise((resolve) => {
    queueTask(() => {
      resolve();
      if (frame.kind === socketFrame.close) closeWith(state, frame.payload);
      else if (state.readyState === open) dispatchMessage(state, frame);
    });
  });
}

export function opened(state: SocketState, protocol: string, outlet: Outlet): void {
  state.readyState = open;
  state.protocol = protocol;
  state.outlet = outlet;
  dispatchTrusted(state.face, new (part('events').Event)('open'));
}

/** The connection could not be made, or was given up. */
export function failed(state: SocketState, error: Error): void {
  if (state.readyState === closed) return;
  state.readyState = closed;
  const { ErrorEvent } = part('event-types');
  dispatchTrusted(state.face, new ErrorEvent('error', { message: error.message, error }) as Event);
  dispatchClose(state, abnormalClosure, '');
}

/** The connection went away without a word. */
export function lost(state: SocketState): void {
  if (state.readyState === closed) return;
  state.readyState = closed;
  dispatchClose(state, abnormalClosure, '');
}

function closeWith(state: SocketState, payload: Uint8Array): void {
  if (state.readyState === closed) return;
  state.readyState = closed;
  const { code, reason } = decodeClose(payload);
  dispatchClose(state, code === 0 ? noStatus : code, part('encoding').decodeUtf8WithMark(reason));
}

function dispatchClose(state: SocketState, code: number, reason: string): void {
  const { CloseEvent } = part('event-types');
  const event = new CloseEvent('close', { wasClean: code !== abnormalClosure, code, reason });
  dispatchTrusted(state.face, event as Event);
}

function dispatchMessage(state: SocketState, { kind, payload }: SocketFrame): void {
  const { MessageEvent } = part('event-types');
  const data =
    kind === socketFrame.text
      ? part('encoding').decodeUtf8WithMark(payload)
      : state.binaryType === 'blob'
        ? new (part('blob').Blob)([payload as Uint8Array<ArrayBuffer>])
        : payload.buffer;
  dispatchTrusted(state.face, new MessageEvent('message', { data, origin: state.origin }) as Event);
}

function messageOf(data: unknown): [kind: number, payload: Uint8Array] {
  const bytes = copyBufferSource(data);
  if (bytes !== undefined) return [socketFrame.binary, bytes];
  const blob = loadedPart('blob');
  if (blob?.isBlob(data) === true) return [socketFrame.binary, blob.blobBytes(data)];
  return [socketFrame.text, part('encoding').encodeUtf8(`${data as string}`.toWellFormed())];
}

function readUrl(text: string): { readonly href: string; readonly origin: string } {
  const url = part('url').URL.parse(text);
  if (url !== null && url.protocol === 'http:') url.protocol = 'ws:';
  if (url !== null && url.protocol === 'https:') url.protocol = 'wss:';
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw new DOMException(
      `Failed to construct 'WebSocket': ${JSON.stringify(text.slice(0, 200))} is no URL of ws: or wss:`,
      'SyntaxError',
    );
  }
  if (url.href.includes('#')) {
    throw new DOMException("Failed to construct 'WebSocket': the URL has a fragment", 'SyntaxError');
  }
  return { href: url.href, origin: url.origin };
}

function readProtocols(given: unknown): string[] {
  const list = typeof given === 'object' && given !== null ? [...(given as Iterable<unknown>)] : [given];
  const protocols = list.map((protocol) => `${protocol as string}`);
  const wrong = protocols.find((name, index) => !protocolForm.test(name) || protocols.indexOf(name) !== index);
  if (wrong === undefined) return protocols;
  throw new DOMException(
    `Failed to construct 'WebSocket': the protocol ${JSON.stringify(wrong.slice(0, 200))} is no name, or there twice`,
    'SyntaxError',
  );
}

function isCodeOfClients(code: number): boolean {
  return code === 1000 || (code >= 3000 && code <= 4999);
}

/** Web IDL's `[Clamp] unsigned short`. */
function clampToUnsignedShort(value: unknown): number {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(65_535, Math.max(0, number));
  const below = Math.floor(clamped);
  const rest = clamped - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
