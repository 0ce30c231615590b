/** The event and abort classes of the DOM Standard, and DOMException: https://dom.spec.whatwg.org */
export { AbortController, AbortSignal, dependentSignal, onAbort } from './events/abort.ts';
export { DOMException, QuotaExceededError } from './events/dom-exception.ts';
export { CustomEvent, Event } from './events/event.ts';
export { dispatchTrusted, EventTarget, standFor } from './events/event-target.ts';
