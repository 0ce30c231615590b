/**
 * The global scope as a target of events: `error` for what nobody has caught, which a listener can prevent from failing the invocation, and
 * whatever user code dispatches. https://html.spec.whatwg.org/#runtime-script-errors
 */
import { describeThrown, handleRejections, handleUncaught, log, part, readFrame, rejected } from '../core/facade.ts';
import { dispatchTrusted, type Event, EventTarget, standFor } from './events.ts';
import { followRejections } from './global-events/rejections.ts';
import { assertArguments } from './shared/interface.ts';
import { defineEventHandler } from './shared/event-handler.ts';

const scopeTarget = new EventTarget();
standFor(scopeTarget, globalThis);
let isReporting = false;

let areRejectionsFollowed = false;

/** Not before somebody wants to know: it costs every promise. */
function prepareFor(type: unknown): void {
  if (areRejectionsFollowed || (type !== 'unhandledrejection' && type !== 'rejectionhandled')) return;
  areRejectionsFollowed = true;
  followRejections({
    rejected: (promise, reason) => rejected('Uncaught (in promise)', promise, reason),
    handled: (promise, reason) => void dispatchRejection('rejectionhandled', promise, reason, false),
  });
}

export function addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
  prepareFor(args[0]);
  scopeTarget.addEventListener(...args);
}

export function removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
  scopeTarget.removeEventListener(...args);
}

export function dispatchEvent(event: Event): boolean {
  return scopeTarget.dispatchEvent(event);
}

/** Tells the listeners; without one that prevents it, the error is logged, and the invocation goes on. */
export function reportError(error: unknown): void {
  assertArguments(arguments.length, 1, "Failed to execute 'reportError'");
  if (report(error)) return;
  const [name, message, stack] = readFrame(describeThrown(error));
  log('error', stack === '' || stack === undefined ? `${name!}: ${message!}` : stack);
}

/** Whether a listener has taken care of it. */
function report(error: unknown): boolean {
  // A listener that throws itself is not told of that.
  if (isReporting) return false;
  isReporting = true;
  try {
    const { ErrorEvent } = part('event-types');
    const message = readFrame(describeThrown(error)).slice(0, 2).join(': ') ?? '';
    const event = new ErrorEvent('error', { cancelable: true, error, message: `Uncaught ${message}` });
    dispatchTrusted(scopeTarget, event as Event);
    return event.defaultPrevented;
  } finally {
    isReporting = false;
  }
}

handleUncaught(report);
handleRejections((promise, reason) => dispatchRejection('unhandledrejection', promise, reason, true));

/** @returns Whether a listener has taken care of it. */
function dispatchRejection(type: string, promise: unknown, reason: unknown, cancelable: boolean): boolean {
  const { PromiseRejectionEvent } = part('event-types');
  // What is waited for may be any value.
  const event = new PromiseRejectionEvent(type, { cancelable, promise: Object(promise) as object, reason });
  dispatchTrusted(scopeTarget, event as Event);
  return event.defaultPrevented;
}

/** `onerror` and its kin: set through accessors, which are what is exported here. */
const attributes = {} as Record<string, unknown>;
for (const type of ['unhandledrejection', 'rejectionhandled']) defineEventHandler(attributes, type, () => scopeTarget);
defineEventHandler(attributes, 'error', () => scopeTarget, undefined, callWithError);
export function handlerOf(name: string): { get(): unknown; set(value: unknown): void } {
  return {
    get: () => attributes[name],
    set: (value) => {
      prepareFor(name.slice('on'.length));
      attributes[name] = value;
    },
  };
}

/** The handler `onerror` of a global scope is called with what the event tells, and says with `true` that it has taken care of it. */
function callWithError(handler: (this: unknown, ...args: never[]) => unknown, event: Event): unknown {
  if (!(event instanceof part('event-types').ErrorEvent)) return handler.call(globalThis, event as never);
  const { message, filename, lineno, colno, error } = event;
  const call = handler as (this: unknown, ...args: unknown[]) => unknown;
  const result = call.call(globalThis, message, filename, lineno, colno, error);
  if (result === true) event.preventDefault();
  return result;
}
