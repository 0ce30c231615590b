/** https://dom.spec.whatwg.org/#interface-event */
import { sinceStart } from '../../core/facade.ts';
import { defineInterface } from '../shared/interface.ts';
import type { EventTarget } from './event-target.ts';

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

/** The flags that dispatch reads and writes. */
export interface EventState {
  target: EventTarget | null;
  currentTarget: EventTarget | null;
  phase: number;
  isDispatching: boolean;
  isInitialized: boolean;
  stopsPropagation: boolean;
  stopsImmediately: boolean;
  isCanceled: boolean;
  isInPassiveListener: boolean;
  isTrusted: boolean;
}

let stateOf: (event: Event) => EventState;

export class Event {
  #type: string;
  #bubbles: boolean;
  #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp = sinceStart();
  readonly #state: EventState = {
    target: null,
    currentTarget: null,
    phase: 0,
    isDispatching: false,
    isInitialized: true,
    stopsPropagation: false,
    stopsImmediately: false,
    isCanceled: false,
    isInPassiveListener: false,
    isTrusted: false,
  };

  static {
    stateOf = (event) => event.#state;
  }

  constructor(type: string, init: EventInit = {}) {
    if (arguments.length === 0) throw new TypeError("Failed to construct 'Event': a type is needed");
    const options = init ?? {};
    if (typeof options !== 'object' && typeof options !== 'function') {
      throw new TypeError("Failed to construct 'Event': the second argument must be an object");
    }
    this.#type = `${type}`;
    this.#bubbles = Boolean(options.bubbles);
    this.#cancelable = Boolean(options.cancelable);
    this.#composed = Boolean(options.composed);
    Object.defineProperty(this, 'isTrusted', { enumerable: true, get: isTrusted });
  }

  declare readonly isTrusted: boolean;

  get type(): string {
    return this.#type;
  }
  get target(): EventTarget | null {
    return this.#state.target;
  }
  get srcElement(): EventTarget | null {
    return this.#state.target;
  }
  get currentTarget(): EventTarget | null {
    return this.#state.currentTarget;
  }
  composedPath(): EventTarget[] {
    const { currentTarget } = this.#state;
    return currentTarget === null ? [] : [currentTarget];
  }
  get eventPhase(): number {
    return this.#state.phase;
  }
  stopPropagation(): void {
    this.#state.stopsPropagation = true;
  }
  get cancelBubble(): boolean {
    return this.#state.stopsPropagation;
  }
  set cancelBubble(value: boolean) {
    if (value) this.#state.stopsPropagation = true;
  }
  stopImmediatePropagation(): void {
    this.#state.stopsPropagation = true;
    this.#state.stopsImmediately = true;
  }
  get bubbles(): boolean {
    return this.#bubbles;
  }
  get cancelable(): boolean {
    return this.#cancelable;
  }
  get returnValue(): boolean {
    return !this.#state.isCanceled;
  }
  set returnValue(value: boolean) {
    if (!value) this.preventDefault();
  }
  preventDefault(): void {
    if (this.#cancelable && !this.#state.isInPassiveListener) this.#state.isCanceled = true;
  }
  get defaultPrevented(): boolean {
    return this.#state.isCanceled;
  }
  get composed(): boolean {
    return this.#composed;
  }
  get timeStamp(): number {
    return this.#timeStamp;
  }
  initEvent(type: string, bubbles = false, cancelable = false): void {
    const state = this.#state;
    if (state.isDispatching) return;
    state.isInitialized = true;
    state.stopsPropagation = false;
    state.stopsImmediately = false;
    state.isCanceled = false;
    state.isTrusted = false;
    state.target = null;
    this.#type = `${type}`;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
  }
}

function isTrusted(this: Event): boolean {
  return stateOf(this).isTrusted;
}

const phases = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };
for (const [name, value] of Object.entries(phases)) {
  Object.defineProperty(Event, name, { enumerable: true, value });
  Object.defineProperty(Event.prototype, name, { enumerable: true, value });
}
defineInterface(Event, 'Event');

export function eventState(event: Event): EventState {
  return stateOf(event);
}

export interface CustomEventInit extends EventInit {
  detail?: unknown;
}

export class CustomEvent extends Event {
  #detail: unknown;

  constructor(type: string, init: CustomEventInit = {}) {
    super(type, init);
    this.#detail = init?.detail ?? null;
  }

  get detail(): unknown {
    return this.#detail;
  }
  initCustomEvent(type: string, bubbles = false, cancelable = false, detail: unknown = null): void {
    if (stateOf(this).isDispatching) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

defineInterface(CustomEvent, 'CustomEvent');
