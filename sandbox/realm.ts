import type { Bundle } from './bundle.ts';
import { guestCpuClock } from './cpu-clock.ts';
import {
  codeCacheOf,
  createIsolate,
  hostReference,
  type Isolate,
  postingCallback,
  type Reference,
  type Script,
  synchronousCallback,
} from './isolate.ts';
import { type GuestMessage, Mailbox } from './mailbox.ts';
import type { RuntimeImage } from './runtime-image.ts';
import type { SandboxFunction } from './sandbox.ts';
import { runtimeFileName } from './warm-cache.ts';
import type { GuestSettings } from './wire.ts';

export interface RealmEvents {
  /** The guest posted something; see `post` in wire.ts. Nothing about the arguments is certain. */
  onPost(...args: unknown[]): void;
  /** The guest waits for the answer. Never throws. */
  onCall(...args: unknown[]): unknown;
  /** The isolate is gone: disposed by the host, or ended by its memory limit. */
  onEnd(): void;
  /** V8 gave up: the isolate's thread and memory are lost for this process. */
  onCatastrophe(message: string): void;
}

/** One isolate with the guest runtime and one function's bundle in it, ready for messages. */
export interface Realm {
  /** What compiling the bundle took on threads other than the main one. */
  readonly compileCpuMs: number;
  /** It came to an end before anybody has listened: nothing can be done with it but to dispose of it. */
  readonly isGone: boolean;
  /** Who hears of it from now on. To be called before the first message: until then there is nothing to be heard. */
  listen(events: RealmEvents): void;
  send(message: GuestMessage): void;
  dispose(): void;
}

/** Why there is no realm: the memory limit was reached on the way, or the bundle is no valid script (a sentence says why). */
export interface RealmFailure {
  readonly failure: string;
}

/** Bundles up to this size are compiled on the main thread, which saves a change of threads; larger ones would block it. */
const maxMainThreadCompile = 64 * 1024;

type Boot = (...args: unknown[]) => (...pairs: Promise<unknown>[]) => Promise<never>;
const asReference = { reference: true } as const;

/**
 * Makes an isolate and brings it to the point where the next message runs user code. Everything before that point is code of ours,
 * so it may run synchronously.
 */
export async function openRealm(
  image: RuntimeImage,
  fn: SandboxFunction,
  bundleCache: Buffer | undefined,
): Promise<Realm | RealmFailure> {
  const { bundle, limits } = fn;
  let events: RealmEvents | undefined;
  let isGone = false;
  const isolate = createIsolate(limits.memoryMiB, (message) => {
    isGone = true;
    events?.onCatastrophe(message);
  });
  try {
    const context = isolate.createContextSync();
    const boot = isolate
      .compileScriptSync(image.source, {
        ...(image.cache && { cachedData: codeCacheOf(image.cache) }),
        filename: runtimeFileName,
      })
      .runSync(context, asReference) as Reference<Boot>;
    const clock = guestCpuClock();
    const isLarge = bundle.source.length > maxMainThreadCompile;
    const script = await compileBundle(isolate, bundle, bundleCache, isLarge);
    const compileCpuMs = isLarge ? guestCpuClock() - clock : 0;
    const userBundle = script.runSync(context, asReference) as Reference;
    const mailbox = new Mailbox();
    const open = boot.applySync(
      undefined,
      [
        hostReference((name) => mailbox.request(name)),
        postingCallback((...args) => events?.onPost(...args)),
        synchronousCallback((...args) => events?.onCall(...args)),
        isolate,
        JSON.stringify(guestSettingsOf(fn)),
        userBundle.derefInto({ release: true }),
      ],
      { result: asReference },
    ) as unknown as Reference<(...pairs: Promise<unknown>[]) => Promise<never>>;
    const life = open.applySync(undefined, mailbox.arm(2) as Promise<never>[], {
      arguments: { promise: true },
      result: { promise: true },
    }) as unknown as Promise<never>;
    life.catch(() => {
      // The reason is one of several texts, or null: that the isolate ended is all it says.
      isGone = true;
      events?.onEnd();
    });
    return {
      compileCpuMs,
      get isGone() {
        return isGone;
      },
      listen(listener) {
        events = listener;
      },
      send: (message) => mailbox.send(message),
      dispose() {
        disposeIsolate(isolate);
        // Held until now on purpose: see `life` in the guest's core.
        open.release();
      },
    };
  } catch (error) {
    // Before any user code has run there are two ways to fail; the state tells them apart, the error's text would prove nothing.
    const isOutOfMemory = isolate.isDisposed;
    disposeIsolate(isolate);
    return { failure: isOutOfMemory ? 'memory' : describeCompileError(error) };
  }
}

/** What the guest runtime is told at its start: the same for all calls of a function. */
function guestSettingsOf({ dialect, limits, name, env, kv, trust }: SandboxFunction): GuestSettings {
  return {
    dialect: `dialect-${dialect.name}`,
    name,
    env,
    kv: Object.keys(kv),
    trust,
    limits,
    dialectSettings: dialect.settings,
  };
}

function compileBundle(
  isolate: Isolate,
  { source, fileName }: Bundle,
  cache: Buffer | undefined,
  isLarge: boolean,
): Promise<Script> | Script {
  const options = { filename: fileName, ...(cache && { cachedData: codeCacheOf(cache) }) };
  return isLarge ? isolate.compileScript(source, options) : isolate.compileScriptSync(source, options);
}

function describeCompileError(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message.slice(0, 500) : 'the bundle could not be compiled';
}

function disposeIsolate(isolate: Isolate): void {
  if (!isolate.isDisposed) isolate.dispose();
}
