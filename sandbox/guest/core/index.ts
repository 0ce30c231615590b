/**
 * The core of the guest runtime: takes messages of the host one at a time, runs user code for them, and tells the host at the end
 * of each turn what came of it.
 *
 * User code, module level included, only ever runs in continuations of host promises (the message promises). On that path
 * isolated-vm copies no thrown values; the other paths do, which can crash the process and runs guest code outside every limit.
 */
import { type GuestSettings, message, readFrame } from '../../wire.ts';
import { enterAccount } from './account.ts';
import { requireBuiltin } from './builtins.ts';
import { startClock } from './clocks.ts';
import * as facade from './facade.ts';
import { hasFinalizers } from './finalization.ts';
import { installFirstGlobal, installLazyGlobals } from './globals.ts';
import { type CallSync, callSync, connect, type Post, settleOperation } from './host.ts';
import {
  addCredit,
  beginInvocation,
  fail,
  failToLoad,
  finishTurn,
  forgetInvocation,
  type Invocation,
  isDone,
  provideLimits,
  tellEnding,
  uncaught,
} from './invocation.ts';
import { queueMicrotask } from './microtasks.ts';
import { part, type PartFunction, provideParts } from './parts.ts';
import { Promise, createObject, follow, freeze, stringSlice, subscribe, uncurryThis } from './primordials.ts';
import { shapeRealm } from './realm.ts';
import { provideRoom } from './room.ts';
import { provideSettings, settings } from './settings.ts';
import { takeTurns } from './shared-turns.ts';
import * as timers from './timers.ts';

/** What isolated-vm's Reference and Isolate are to the guest. */
interface Port {
  apply(receiver: undefined, args: readonly string[], options: object): Promise<unknown>;
}
interface IsolateHandle {
  getHeapStatisticsSync(): { used_heap_size: number; externally_allocated_size: number };
}

/** How a dialect serves requests: made of what the bundle exports, once per isolate. */
export type Serve = (invocation: Invocation, request: readonly string[]) => void;
/** What a dialect's part exports. */
interface DialectPart {
  /** Adds what this dialect's functions expect to find; runs before their module level. */
  prepareRealm?(): void;
  /** Loads what requests will need, where there is time for that. */
  preload?(): void;
  /** Throws an error that names the function when the exports are of no use. */
  createServe(exported: unknown): Serve;
}

type Bundle = (module: { exports: unknown }, exports: unknown, require: (name: string) => object) => unknown;

const promiseResult = nullObject({ result: nullObject({ promise: true }) });

let bundle: Bundle;
let dialect: DialectPart;
let serve: Serve | undefined;
let loadFailure: { readonly thrown: unknown } | undefined;
let waitingForLoad: (() => void)[] = [];
let requestPort: (name: 'message' | 'fence' | 'echo') => Promise<unknown>;
let heapBytes: () => number;
let pairsLeft = 0;
/** The bundle is evaluated before there is a request. */
let isAhead = false;

/** Called once by the host before any user code. Returns the function that takes the first message promises. */
function boot(
  port: Port,
  posts: Post,
  calls: CallSync,
  isolate: IsolateHandle,
  settingsJson: string,
  userBundle: Bundle,
  progress?: SharedArrayBuffer,
): (...promises: Promise<unknown>[]) => Promise<never> {
  const given = JSON.parse(settingsJson) as GuestSettings;
  provideSettings(given);
  shapeRealm(given.trust, given.limits.memoryMiB);
  bundle = userBundle;
  const { limits } = given;
  connect(posts, calls, limits.logLines, limits.logBytes, progress !== undefined);
  timers.setTimerLimit(limits.timers);
  provideLimits(limits.responseBodyBytes, progress !== undefined);
  const portApply = uncurryThis(port.apply);
  requestPort = (name) => portApply(port, undefined, [name], promiseResult);
  const statistics = uncurryThis(isolate.getHeapStatisticsSync);
  heapBytes = () => {
    const { used_heap_size, externally_allocated_size } = statistics(isolate);
    return used_heap_size + externally_allocated_size;
  };
  provideRoom(heapBytes, given.limits.memoryMiB * 2 ** 20);
  if (progress === undefined) return open;
  const services = { requestPort, receive, heapBytes, progress };
  return (...promises) => {
    takeTurns(services, promises);
    return life;
  };
}

/**
 * Never settles: for the host, its rejection means that the isolate is gone. isolated-vm also rejects it when it is collected as
 * garbage, so it must be held for as long as the isolate lives: the host holds `open`, and `open` this.
 */
const life = new Promise<never>(() => {});

function open(...pairs: Promise<unknown>[]): Promise<never> {
  for (let index = 0; index < pairs.length; index += 2) listen(pairs[index]!, pairs[index + 1]!);
  return life;
}

/**
 * A message, and the fence that the host settles right behind it: it arrives when all microtasks of the message have run.
 *
 * A promise that is settled before isolated-vm has handed it over arrives with the handing over, and so a fence may overtake its
 * message, which is on its way in another manner. Then the message asks for a fence of its own.
 */
function listen(messagePromise: Promise<unknown>, fence: Promise<unknown>): void {
  pairsLeft += 1;
  let isReceived = false;
  let isFenced = false;
  const onMessage = (received: unknown): void => {
    isReceived = true;
    receive(received);
    if (isFenced) subscribe(requestPort('echo'), endTurn, ignore);
  };
  const onFence = (): void => {
    isFenced = true;
    if (isReceived) endTurn();
  };
  subscribe(messagePromise, onMessage, ignore);
  subscribe(fence, onFence, ignore);
}

function ignore(): void {
  // The isolate is being disposed: nothing is left to be done.
}

function endTurn(): void {
  if (isAhead) {
    isAhead = false;
    // They could run while nobody watches. The host keeps no isolate that has asked it for anything meanwhile.
    if (hasFinalizers()) callSync('finalizers', '');
  }
  finishTurn(heapBytes());
  pairsLeft -= 1;
  if (pairsLeft === 0 && !isDone()) listen(requestPort('message'), requestPort('fence'));
}

function receive(received: unknown): void {
  if (typeof received !== 'string') {
    settleOperation(received as [number, Uint8Array]);
    return;
  }
  const payload = stringSlice(received, 1);
  switch (stringSlice(received, 0, 1)) {
    case message.evaluate:
      enterAccount(+payload);
      evaluate();
      break;
    case message.evaluateAhead:
      enterAccount(+payload);
      isAhead = true;
      evaluate();
      break;
    case message.request: {
      const fields = readFrame(payload);
      const invocation = beginInvocation(+fields[0]!);
      whenLoaded(() => {
        enterAccount(invocation.id);
        if (loadFailure !== undefined) {
          failToLoad(invocation, loadFailure.thrown);
          return;
        }
        try {
          serve!(invocation, fields);
        } catch (thrown) {
          // A part of the runtime that could not be loaded, in a realm that user code has changed.
          fail(invocation, thrown);
        }
      });
      break;
    }
    case message.timer:
      try {
        timers.runDueTimer();
      } catch (thrown) {
        uncaught(thrown);
      }
      break;
    case message.settle:
      settleOperation(payload);
      break;
    case message.ending: {
      const fields = readFrame(payload);
      tellEnding(+fields[0]!, fields[1]!);
      break;
    }
    case message.forget:
      forgetInvocation(+payload);
      break;
    case message.credit: {
      const fields = readFrame(payload);
      addCredit(+fields[0]!, +fields[1]!);
      break;
    }
  }
}

/** Runs the module level of the bundle. A bundle with top-level await returns a promise. */
function evaluate(): void {
  startClock();
  const module = { exports: {} as unknown };
  try {
    dialect = part(settings().dialect) as DialectPart;
    dialect.prepareRealm?.();
    if (isAhead) dialect.preload?.();
    const result = bundle(module, module.exports, requireBuiltin);
    if (result === undefined) {
      finishLoading(module.exports);
    } else {
      follow(result, () => finishLoading(module.exports), failLoading);
    }
  } catch (thrown) {
    failLoading(thrown);
  }
}

function finishLoading(exported: unknown): void {
  try {
    serve = dialect.createServe(exported);
  } catch (thrown) {
    loadFailure = { thrown };
  }
  runWaiting();
}

function failLoading(thrown: unknown): void {
  loadFailure = { thrown };
  runWaiting();
}

function runWaiting(): void {
  const tasks = waitingForLoad;
  waitingForLoad = [];
  for (let index = 0; index < tasks.length; index += 1) tasks[index]!();
}

function whenLoaded(task: () => void): void {
  if (serve !== undefined || loadFailure !== undefined) task();
  else waitingForLoad[waitingForLoad.length] = task;
}

/** Options are read by isolated-vm as any object's: without a prototype, no user code can add to them. */
function nullObject(properties: object): object {
  const object = createObject(null) as Record<string, unknown>;
  for (const key in properties) object[key] = (properties as Record<string, unknown>)[key];
  return freeze(object);
}

/** Made once per isolate, of the parts that came with its start-up script. The result is that script's value. */
export function create(parts: Record<string, PartFunction | undefined>): typeof boot {
  provideParts(parts, facade);
  installLazyGlobals();
  installFirstGlobal('self', globalThis);
  installFirstGlobal('setTimeout', timers.setTimeout);
  installFirstGlobal('setInterval', timers.setInterval);
  installFirstGlobal('clearTimeout', timers.clearTimer);
  installFirstGlobal('clearInterval', timers.clearTimer);
  installFirstGlobal('queueMicrotask', queueMicrotask);
  return boot;
}
