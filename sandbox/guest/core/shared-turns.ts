/**
 * Turns where many invocations share the isolate, and messages follow each other closely. The turn of a message ends when the next one
 * arrives: by then, all that it has set off has run. Behind the last for the time being comes a fence, which the host settles when it has sent
 * what there was to send. What came of short turns is told together: a crossing costs more than many of them.
 */
import { progress as fields, sharedFences } from '../../wire.ts';
import { finishTurns, keepFinishedTurn } from './invocation.ts';
import { postKeptTurns } from './host.ts';
import { Int32Array, max, now, subscribe } from './primordials.ts';

/** What the turns need of the core. */
export interface TurnServices {
  requestPort(name: 'message' | 'fence'): Promise<unknown>;
  receive(message: unknown): void;
  heapBytes(): number;
  /** Where the host reads how far the guest is; see `progress` in wire.ts. */
  readonly progress: SharedArrayBuffer;
}

/** A turn that took so long is told of at once, as are those that follow it, for a while: short ones should not wait behind long ones. */
const longMs = 2;
const turnsAfterLong = 64;
/** For so long, and for so many others, what came of a turn may wait. */
const maxKeptMs = 1;
const maxKept = 4;

let services: TurnServices;
let progress: Int32Array;
/** Turns that have begun, modulo 2^32. */
let begun = 0;
let isRunning = false;
let beganAt = 0;
let keptSince = 0;
let kept = 0;
let turnsAlone: number = turnsAfterLong;

/** Takes the first promises of the host: fences, then messages. */
export function takeTurns(given: TurnServices, promises: readonly Promise<unknown>[]): void {
  services = given;
  progress = new Int32Array(given.progress);
  if (progress[fields.isCautious] === 1) turnsAlone = Infinity;
  for (let index = 0; index < promises.length; index += 1) {
    if (index < sharedFences) listenToFence(promises[index]!);
    else listenToMessage(promises[index]!);
  }
}

function listenToMessage(promise: Promise<unknown>): void {
  subscribe(promise, onMessage, ignore);
}

function listenToFence(promise: Promise<unknown>): void {
  subscribe(promise, onFence, ignore);
}

function onMessage(message: unknown): void {
  endTurn();
  const isLate = kept > 0 && now() - keptSince >= maxKeptMs;
  if (isLate || turnsAlone > 0 || kept >= maxKept) tell();
  listenToMessage(services.requestPort('message'));
  isRunning = true;
  beganAt = now();
  begun = (begun + 1) | 0;
  progress[fields.beganAt] = beganAt;
  progress[fields.turns] = begun;
  services.receive(message);
}

function onFence(): void {
  endTurn();
  kept = 0;
  // Asked for before the host is told, that is before it settles the other one.
  listenToFence(services.requestPort('fence'));
  finishTurns(services.heapBytes());
}

function endTurn(): void {
  if (!isRunning) return;
  isRunning = false;
  const endedAt = now();
  const ms = endedAt - beganAt;
  turnsAlone = ms >= longMs ? max(turnsAlone, turnsAfterLong) : turnsAlone - 1;
  if (kept === 0) keptSince = endedAt;
  kept = keepFinishedTurn(ms);
}

function tell(): void {
  if (kept > 0) postKeptTurns();
  kept = 0;
}

function ignore(): void {
  // The isolate is being disposed: nothing is left to be done.
}
