/** https://html.spec.whatwg.org/#message-channels and #broadcasting-to-other-browsing-contexts, within one isolate. */
import { queueTask, part } from '../core/facade.ts';
import { DOMException, dispatchTrusted, type Event, EventTarget } from './events.ts';
import { defineEventHandler } from './shared/event-handler.ts';
import { assertArguments, assertKey, defineInterface } from './shared/interface.ts';
import { invalidArgument } from './shared/node-error.ts';

const key = Symbol('internal');

interface Message {
  readonly data: unknown;
  readonly ports: readonly object[];
}
/** What a port leads to. It moves on when the port is transferred. */
interface End {
  port: MessagePort | undefined;
  other: End | undefined;
  readonly queue: Message[];
  isStarted: boolean;
  isClosed: boolean;
}

let endOf: (port: unknown) => End | undefined;
let release: (port: MessagePort) => End;

export class MessagePort extends EventTarget {
  #end: End | undefined;

  static {
    endOf = (port) =>
      typeof port === 'object' && port !== null && #end in port ? (port as MessagePort).#end : undefined;
    release = (port) => {
      const end = port.#end!;
      port.#end = undefined;
      end.port = undefined;
      end.isStarted = false;
      return end;
    };
  }

  constructor(given?: unknown, end?: unknown) {
    assertKey(given, key);
    super();
    this.#end = end as End;
    this.#end.port = this;
  }

  postMessage(message: unknown, options?: Iterable<object> | { transfer?: Iterable<object> }): void {
    assertArguments(arguments.length, 1, "Failed to execute 'postMessage' on 'MessagePort'");
    const moved = transferOf(options);
    if (moved.includes(this)) throw new DOMException('a port cannot be sent through itself', 'DataCloneError');
    const end = this.#end;
    const clone = part('structured-clone').cloneForMessage(message, moved);
    const other = end?.other;
    if (other === undefined || other.isClosed) return;
    other.queue.push(clone);
    pump(other);
  }

  start(): void {
    const end = this.#end;
    if (end === undefined) return;
    end.isStarted = true;
    pump(end);
  }

  close(): void {
    const end = this.#end;
    if (end === undefined || end.isClosed) return;
    const { other } = end;
    for (const one of [end, other]) {
      if (one === undefined) continue;
      one.isClosed = true;
      one.other = undefined;
    }
    if (other !== undefined) {
      queueTask(() => {
        if (other.port !== undefined) dispatchTrusted(other.port, new (part('events').Event)('close'));
      });
    }
  }
}

defineInterface(MessagePort, 'MessagePort', { constructor: 0, postMessage: 1 });
const ownPort = (port: object): EventTarget => {
  if (!(port instanceof MessagePort)) throw new TypeError('Illegal invocation');
  return port;
};
defineEventHandler(MessagePort.prototype, 'message', ownPort, (port) => (port as MessagePort).start());
defineEventHandler(MessagePort.prototype, 'messageerror', ownPort);
defineEventHandler(MessagePort.prototype, 'close', ownPort);

/** Each message is a task of its own. */
function pump(end: End): void {
  if (!end.isStarted || end.queue.length === 0) return;
  queueTask(() => {
    const { port } = end;
    if (port === undefined || !end.isStarted) return;
    const message = end.queue.shift();
    if (message === undefined || (end.isClosed && end.other === undefined && end.port === undefined)) return;
    const { MessageEvent } = part('event-types');
    dispatchTrusted(port, new MessageEvent('message', message) as Event);
  });
}

/** What `receiveMessageOnPort` of `node:worker_threads` finds, taken out of the queue. */
export function takeMessage(port: unknown): { readonly message: unknown } | undefined {
  const end = endOf(port);
  if (end === undefined) throw invalidArgument('port', 'a MessagePort instance', port);
  const message = end.queue.shift();
  return message === undefined ? undefined : { message: message.data };
}

export class MessageChannel {
  readonly #ports: readonly [MessagePort, MessagePort];

  constructor() {
    const ends = [newEnd(), newEnd()] as const;
    ends[0].other = ends[1];
    ends[1].other = ends[0];
    this.#ports = [new MessagePort(key, ends[0]), new MessagePort(key, ends[1])];
  }

  get port1(): MessagePort {
    return this.#ports[0];
  }
  get port2(): MessagePort {
    return this.#ports[1];
  }
}

defineInterface(MessageChannel, 'MessageChannel');

function newEnd(): End {
  return { port: undefined, other: undefined, queue: [], isStarted: false, isClosed: false };
}

function transferOf(options: unknown): object[] {
  if (options === undefined || options === null) return [];
  if (typeof options !== 'object')
    throw new TypeError("Failed to execute 'postMessage': the options must be an object");
  const isList = typeof (options as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';
  return [...((isList ? options : ((options as { transfer?: unknown }).transfer ?? [])) as Iterable<object>)];
}

export function isTransferable(value: object): boolean {
  return value instanceof MessagePort;
}

/** Moves a port: the old object is cut off, the new one gets what arrives from now on. */
export function transfer(value: object): object | undefined {
  if (endOf(value) === undefined) return undefined;
  const end = release(value as MessagePort);
  return new MessagePort(key, end);
}

const channels = new Set<BroadcastChannel>();
let deliver: (channel: BroadcastChannel, message: Message) => void;
let nameOf: (channel: BroadcastChannel) => string;

export class BroadcastChannel extends EventTarget {
  readonly #name: string;
  #isClosed = false;

  static {
    nameOf = (channel) => channel.#name;
    deliver = (channel, message) => {
      if (channel.#isClosed) return;
      const { MessageEvent } = part('event-types');
      dispatchTrusted(channel, new MessageEvent('message', message) as Event);
    };
  }

  constructor(name: string) {
    assertArguments(arguments.length, 1, "Failed to construct 'BroadcastChannel'");
    super();
    this.#name = `${name}`;
    channels.add(this);
  }

  get name(): string {
    return this.#name;
  }

  postMessage(message: unknown): void {
    assertArguments(arguments.length, 1, "Failed to execute 'postMessage' on 'BroadcastChannel'");
    if (this.#isClosed) throw new DOMException('the channel is closed', 'InvalidStateError');
    const { cloneForMessage } = part('structured-clone');
    cloneForMessage(message, []);
    for (const channel of channels) {
      if (channel === this || nameOf(channel) !== this.#name) continue;
      const clone = cloneForMessage(message, []);
      queueTask(() => deliver(channel, clone));
    }
  }

  close(): void {
    this.#isClosed = true;
    channels.delete(this);
  }
}

defineInterface(BroadcastChannel, 'BroadcastChannel');
const ownChannel = (channel: object): EventTarget => {
  if (!(channel instanceof BroadcastChannel)) throw new TypeError('Illegal invocation');
  return channel;
};
defineEventHandler(BroadcastChannel.prototype, 'message', ownChannel);
defineEventHandler(BroadcastChannel.prototype, 'messageerror', ownChannel);
