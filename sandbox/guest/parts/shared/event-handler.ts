/** Attributes like `onmessage`: https://html.spec.whatwg.org/#event-handler-idl-attributes */
import { watchResult } from '../../core/facade.ts';
import type { Event, EventTarget } from '../events.ts';

type Handler = (this: unknown, event: Event) => unknown;

interface Slot {
  handler: Handler | null;
  isListening: boolean;
}

const slots = new WeakMap<object, Record<string, Slot>>();

/**
 * Defines the attribute on a prototype. The handler keeps the place in the order of listeners that it got when it was first set.
 *
 * @param onSet Called when a handler was set.
 * @param invoke Calls a handler, where that is not with the event.
 */
export function defineEventHandler(
  prototype: object,
  type: string,
  targetOf: (receiver: object) => EventTarget,
  onSet?: (receiver: object) => void,
  invoke: (handler: Handler, event: Event) => unknown = callWithEvent,
): void {
  const slotOf = (receiver: object): Slot => {
    const target = targetOf(receiver);
    const all = slots.get(target) ?? {};
    slots.set(target, all);
    return (all[type] ??= { handler: null, isListening: false });
  };
  const descriptor = Object.getOwnPropertyDescriptor(
    {
      get [`on${type}`](): Handler | null {
        return slotOf(this).handler;
      },
      set [`on${type}`](handler: unknown) {
        const slot = slotOf(this);
        slot.handler =
          typeof handler === 'function' || typeof handler === 'object' ? (handler as Handler | null) : null;
        if (slot.handler === null) return;
        onSet?.(this);
        if (slot.isListening) return;
        slot.isListening = true;
        targetOf(this).addEventListener(type, (event) => {
          const { handler: present } = slot;
          if (typeof present === 'function') watchResult(present, invoke(present, event));
        });
      },
    },
    `on${type}`,
  )!;
  Object.defineProperty(prototype, `on${type}`, descriptor);
}

/** https://html.spec.whatwg.org/#the-event-handler-processing-algorithm */
function callWithEvent(handler: Handler, event: Event): unknown {
  const result = handler.call(event.currentTarget, event);
  if (result === false) event.preventDefault();
  return result;
}
