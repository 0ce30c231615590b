/** The event and abort classes of the DOM Standard, and DOMException: https://dom.spec.whatwg.org */
export { AbortController, AbortSignal, dependentSignal, onAbort } from './events/abort.ts';
export { DOMException } from './events/dom-exception.ts';
export { CustomEvent, Event } from './events/event.ts';
export { EventTarget } from './events/event-target.ts';
