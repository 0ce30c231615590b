/**
 * The complete list of what a guest can make the host do. Whatever is not here is out of reach: no file, no socket, no environment.
 *
 * Arguments come from hostile code: each operation checks type and size, and refuses with `undefined` (the host never throws into a
 * guest). The synchronous ones take microseconds; the guest waits, and so do the time limits.
 */
import { isUtf8 } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import { domainToASCII } from 'node:url';
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
  /** The request body that the host holds for the guest. */
  readonly requestBody: Uint8Array | null;
  /** How often it was asked for. */
  bodyReads: number;
  /** What the operations keep for the guest. */
  readonly handles: HostHandles;
}

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
  /** A part of the runtime that this isolate was started without. */
  part({ part }: BridgeContext, name: unknown): string | undefined {
    return typeof name === 'string' ? part(name) : undefined;
  },
} as const;

const asynchronous = {
  /** The request body as the argument says: `text` (UTF-8), `bytes`, or `best`, which is text where the bytes are UTF-8. */
  body(context: BridgeContext, form: string): string | Uint8Array | undefined {
    const { requestBody } = context;
    context.bodyReads += 1;
    // As text and as bytes: the runtime keeps what it got, so whoever asks again means to fill the host's memory with copies.
    if (requestBody === null || context.bodyReads > 2) return undefined;
    const buffer = Buffer.from(requestBody.buffer, requestBody.byteOffset, requestBody.byteLength);
    if (form === 'text' || (form === 'best' && isUtf8(buffer))) return buffer.toString('utf8');
    return form === 'bytes' || form === 'best' ? requestBody : undefined;
  },
} as const;

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
): Promise<string | Uint8Array> {
  if (typeof operation === 'string' && typeof argument === 'string') {
    const result = isLongOperation(operation)
      ? await runLongOperation(context.handles, operation, argument, data)
      : Object.hasOwn(asynchronous, operation)
        ? asynchronous[operation as keyof typeof asynchronous](context, argument)
        : undefined;
    if (result !== undefined) return result;
  }
  throw new Error('the host refused the operation');
}
