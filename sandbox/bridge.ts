/**
 * The complete list of what a guest can make the host do. Whatever is not here is out of reach: no file, no socket, no environment.
 *
 * Arguments come from hostile code: each operation checks type and size, and refuses with `undefined` (the host never throws into a
 * guest). The synchronous ones take microseconds; the guest waits, and so do the time limits.
 */
import { randomFillSync } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type Bodies, isGatheredForm } from './operations/bodies.ts';
import type { Fetches } from './operations/fetches.ts';
import type { StoredValues } from './operations/stored-values.ts';
import type { Pieces } from './pieces.ts';
import { decodeFrame } from './wire.ts';
import { type HostHandles, isLongOperation, runLongOperation, runOperation } from './operations/index.ts';

const maxRandomBytes = 65_536;
const maxDomainLength = 1_024;
/** Results are copied before the next call, so one buffer serves all of this size: a guest in a loop would litter the host's heap. */
const largest = new Uint8Array(maxRandomBytes);
/** Most calls of one invocation; the guest runtime stops earlier, so that more than this means that it was subverted. */
export const maxSyncCalls = 25_000;
export const maxAsyncCalls = 25_000;

export interface BridgeContext {
  /** Source text of a part of the runtime. */
  readonly part: (name: string) => string | undefined;
  /** What the host holds for the guest. */
  readonly bodies: Bodies;
  readonly fetches: Fetches;
  readonly storedValues: StoredValues;
  /** What is left of the limits: a frame of CPU and wall time in milliseconds, and subrequests. */
  readonly budget: () => string;
  /** What the operations keep for the guest. */
  readonly handles: HostHandles;
}

/** What an operation ends with. */
export type OperationResult = string | Uint8Array | Pieces;
type Result = OperationResult | undefined;

const synchronous = {
  /** Random bytes: the argument is their number. */
  random(_context: BridgeContext, count: unknown): Uint8Array | undefined {
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > maxRandomBytes) return undefined;
    // A view of a larger buffer would cross with all of it.
    return randomFillSync(count === largest.length ? largest : new Uint8Array(count));
  },
  /** The ASCII form of an internationalised domain, as URLs need it; empty when there is none. */
  domainToAscii(_context: BridgeContext, domain: unknown): string | undefined {
    if (typeof domain !== 'string' || domain.length > maxDomainLength) return undefined;
    return domainToASCII(domain);
  },
  /** What is left of the limits. */
  budget({ budget }: BridgeContext): string {
    return budget();
  },
  /** A part of the runtime that this isolate was started without. */
  part({ part }: BridgeContext, name: unknown): string | undefined {
    return typeof name === 'string' ? part(name) : undefined;
  },
} as const;

const asynchronous = {
  /** All of a body that the host holds. A frame of its number and the form; see `Bodies.gather`. */
  async gather({ bodies }: BridgeContext, argument: string): Promise<Result> {
    const [id, form] = decodeFrame(argument, 2) ?? [];
    return isGatheredForm(form) ? bodies.gather(Number(id), form) : undefined;
  },
  /** The next piece of a body, by its number; empty at the end. */
  async read({ bodies }: BridgeContext, id: string): Promise<Result> {
    return bodies.read(Number(id));
  },
  /** No more of a body is wanted. */
  async cancel({ bodies }: BridgeContext, id: string): Promise<Result> {
    bodies.cancel(Number(id));
    return '';
  },
  /** A piece of the body of a subrequest, by that one's number. */
  async write({ bodies }: BridgeContext, id: string, bytes: unknown): Promise<Result> {
    return bodies.write(Number(id), bytes);
  },
  /** The end of such a body: a frame of the number and an error text. */
  async end({ bodies }: BridgeContext, argument: string): Promise<Result> {
    const [id, error = ''] = decodeFrame(argument, 2) ?? [];
    bodies.endUpload(Number(id), error);
    return '';
  },
  /** Sends a subrequest; see `Fetches.start`. */
  async fetch({ fetches }: BridgeContext, frame: string, bytes: unknown): Promise<Result> {
    return fetches.start(frame, bytes);
  },
  /** An operation of a storage binding; see `InvocationStorage`. */
  async storage({ storedValues }: BridgeContext, frame: string, bytes: unknown): Promise<Result> {
    return storedValues.call(frame, bytes);
  },
  /** Ends a subrequest, by its number. */
  async abort({ fetches }: BridgeContext, id: string): Promise<Result> {
    fetches.abort(Number(id));
    return '';
  },
} as const;

/** Operations that are paced by the other end, so that their number says nothing. */
const paced: ReadonlySet<unknown> = new Set(['read', 'write']);

export function isPaced(operation: unknown): boolean {
  return paced.has(operation);
}

/** Runs a synchronous operation. */
export function callBridge(context: BridgeContext, operation: unknown, argument: unknown, data: unknown): unknown {
  if (typeof operation !== 'string') return undefined;
  if (!Object.hasOwn(synchronous, operation)) return runOperation(context.handles, operation, argument, data);
  return synchronous[operation as keyof typeof synchronous](context, argument);
}

/** Runs an operation whose result follows by message. Rejects with a text that the guest may see. */
export async function startBridgeOperation(
  context: BridgeContext,
  operation: unknown,
  argument: unknown,
  data: unknown,
): Promise<OperationResult> {
  if (typeof operation === 'string' && typeof argument === 'string') {
    const result = isLongOperation(operation)
      ? await runLongOperation(context.handles, operation, argument, data)
      : Object.hasOwn(asynchronous, operation)
        ? await asynchronous[operation as keyof typeof asynchronous](context, argument, data)
        : undefined;
    if (result !== undefined) return result;
  }
  throw new Error('the host refused the operation');
}
