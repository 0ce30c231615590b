/** https://dom.spec.whatwg.org/#interface-eventtarget */
import { uncaught, watchResult } from '../../core/facade.ts';
import { defineInterface } from '../shared/interface.ts';
import { AbortSignal, onAbort } from './abort.ts';
import { DOMException } from './dom-exception.ts';
import { Event, eventState } from './event.ts';

type Callback = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

interface Listener {
  readonly type: string;
  readonly callback: Callback;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

let dispatchTo: (target: EventTarget, event: Event) => boolean;
let setFace: (target: EventTarget, face: object) => void;

export class EventTarget {
  #listeners: Listener[] = [];
  /** What its events show as their target. */
  #face: EventTarget = this;

  static {
    dispatchTo = (target, event) => target.#dispatch(event);
    setFace = (target, face) => {
      target.#face = face as EventTarget;
    };
  }

  addEventListener(type: string, callback: Callback | null, options?: boolean | ListenerOptions): void {
    if (arguments.length < 2) throw new TypeError("Failed to execute 'addEventListener': 2 arguments are needed");
    if (callback !== null && callback !== undefined && typeof callback !== 'object' && typeof callback !== 'function') {
      throw new TypeError("Failed to execute 'addEventListener': the listener is neither a function nor an object");
    }
    const target = targetOf(this);
    const settings = isOptions(options) ? options : {};
    const capture = isOptions(options) ? Boolean(options.capture) : Boolean(options);
    const once = Boolean(settings.once);
    const passive = Boolean(settings.passive);
    const { signal } = settings;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError("Failed to execute 'addEventListener': signal is not an AbortSignal");
    }
    if (callback === null || callback === undefined || signal?.aborted === true) return;
    const name = `${type}`;
    if (target.#find(name, callback, capture) !== undefined) return;
    const listener: Listener = { type: name, callback, capture, once, passive, removed: false };
    // A dispatch under way goes on with the list it began with.
    target.#listeners = [...target.#listeners, listener];
    if (signal !== undefined) onAbort(signal, () => target.#remove(listener));
  }

  removeEventListener(type: string, callback: Callback | null, options?: boolean | ListenerOptions): void {
    if (arguments.length < 2) throw new TypeError("Failed to execute 'removeEventListener': 2 arguments are needed");
    const target = targetOf(this);
    const capture = isOptions(options) ? Boolean(options.capture) : Boolean(options);
    const listener = target.#find(`${type}`, callback, capture);
    if (listener !== undefined) target.#remove(listener);
  }

  dispatchEvent(event: Event): boolean {
    const target = targetOf(this);
    if (!(event instanceof Event))
      throw new TypeError("Failed to execute 'dispatchEvent': the argument is not an Event");
    const state = eventState(event);
    if (state.isDispatching || !state.isInitialized) {
      throw new DOMException('The event is already being dispatched', 'InvalidStateError');
    }
    state.isTrusted = false;
    return target.#dispatch(event);
  }

  #find(type: string, callback: unknown, capture: boolean): Listener | undefined {
    return this.#listeners.find((one) => one.type === type && one.callback === callback && one.capture === capture);
  }

  #remove(listener: Listener): void {
    listener.removed = true;
    this.#listeners = this.#listeners.filter((one) => one !== listener);
  }

  #dispatch(event: Event): boolean {
    const state = eventState(event);
    state.isDispatching = true;
    state.target = this.#face;
    state.currentTarget = this.#face;
    state.phase = 2;
    if (!state.stopsPropagation) {
      // Capturing listeners first: at the target too.
      for (const capture of [true, false]) {
        for (const listener of this.#listeners) {
          if (listener.type !== event.type || listener.capture !== capture || listener.removed) continue;
          if (state.stopsImmediately) break;
          if (listener.once) this.#remove(listener);
          state.isInPassiveListener = listener.passive;
          try {
            call(listener.callback, this.#face, event);
          } catch (thrown) {
            uncaught(thrown);
          }
          state.isInPassiveListener = false;
        }
        if (state.stopsPropagation) break;
      }
    }
    state.phase = 0;
    state.currentTarget = null;
    state.isDispatching = false;
    state.stopsPropagation = false;
    state.stopsImmediately = false;
    return !state.isCanceled;
  }
}

defineInterface(EventTarget, 'EventTarget', { addEventListener: 2, removeEventListener: 2 });

/** Dispatches an event of the runtime's own making. */
export function dispatchTrusted(target: EventTarget, event: Event): void {
  eventState(event).isTrusted = true;
  dispatchTo(target, event);
}

/** Lets a target speak for an object that is none itself: the global one. */
export function standFor(target: EventTarget, face: object): void {
  setFace(target, face);
}

/** Called as a bare function, `addEventListener` means the global object, which is no target here. */
function targetOf(value: unknown): EventTarget {
  if (value instanceof EventTarget) return value;
  throw new TypeError('Illegal invocation');
}

function isOptions(options: unknown): options is ListenerOptions {
  return (typeof options === 'object' && options !== null) || typeof options === 'function';
}

function call(callback: Callback, target: EventTarget, event: Event): void {
  if (typeof callback === 'function') {
    watchResult(callback, callback.call(target, event));
    return;
  }
  const { handleEvent } = callback;
  if (typeof handleEvent !== 'function') throw new TypeError('the listener has no method "handleEvent"');
  watchResult(handleEvent, handleEvent.call(callback, event));
}
