import type { Bundle } from './bundle.ts';
import { guestCpuClock } from './cpu-clock.ts';
import {
  codeCacheOf,
  type Context,
  createIsolate,
  hostReference,
  type Isolate,
  postingCallback,
  type Reference,
  type Script,
  sharedWith,
  synchronousCallback,
} from './isolate.ts';
import { type GuestMessage, type Mailbox, PairedMailbox } from './mailbox.ts';
import type { RuntimeImage } from './runtime-image.ts';
import type { SandboxFunction } from './sandbox.ts';
import { runtimeFileName } from './warm-cache.ts';
import type { TurnMeter } from './turn-meter.ts';
import { type GuestSettings, post } from './wire.ts';

export interface RealmEvents {
  /** The guest posted something; see `post` in wire.ts. Nothing about the arguments is certain. */
  onPost(...args: unknown[]): void;
  /** The guest waits for the answer. Never throws. */
  onCall(...args: unknown[]): unknown;
  /** The isolate is gone: disposed by the host, or ended by its memory limit. */
  onEnd(): void;
  /** V8 gave up: the isolate's thread and memory are lost for this process. */
  onCatastrophe(message: string): void;
  /** Where many invocations share a realm: the earliest timer is this one's, and due. */
  onTimer?(): void;
  /** Likewise: the turn of another has ended, in which something was posted for this one. */
  onOtherTurn?(): void;
  /** Likewise: nothing is left that could ever run for this one. */
  onStalled?(): void;
  /** Likewise: the realm has ended through the fault of another. */
  onLost?(): void;
}

/** How an invocation has left its realm. */
export interface RealmLeaving {
  /** It ended well, and told so itself: nothing of it is left to run. */
  readonly isClean: boolean;
  /** It may be running still, or has left the isolate in a state in which nobody should run. */
  readonly mustStop: boolean;
  /** Heap and array buffers after its last turn. */
  readonly heapBytes: number;
}

/** One global scope with the guest runtime and one function's bundle in it, ready for the messages of an invocation. */
export interface Realm {
  /** What compiling the bundle took on threads other than the main one. */
  readonly compileCpuMs: number;
  /** It came to an end before anybody has listened: nothing can be done with it but to leave it. */
  readonly isGone: boolean;
  /** The bundle has not been evaluated in it. */
  readonly isFresh: boolean;
  /** CPU time that evaluating it ahead of the invocation took. */
  readonly startUpCpuMs: number;
  /** Who hears of it from now on. To be called before the first message: until then there is nothing to be heard. */
  listen(events: RealmEvents): void;
  send(message: GuestMessage): void;
  /** To be called once. `false` when the isolate is being disposed of, and `onEnd` will tell when it is gone. */
  leave(leaving: RealmLeaving): boolean;
}

/** Why there is no realm: the memory limit was reached on the way, or the bundle is no valid script (a sentence says why). */
export interface RealmFailure {
  readonly failure: string;
}

/** Bundles up to this size are compiled on the main thread, which saves a change of threads; larger ones would block it. */
const maxMainThreadCompile = 64 * 1024;

type Open = (...promises: Promise<unknown>[]) => Promise<never>;
type Boot = (...args: unknown[]) => Open;
const asReference = { reference: true } as const;
/** An invocation in a realm of its own is sent two messages at least: to evaluate the bundle, and its request. */
const exclusivePairs = 2;

/** What crosses into a realm that serves many invocations. */
export interface SharedPorts {
  readonly mailbox: Mailbox;
  /** Where the guest writes down how far it is; see `progress` in wire.ts. */
  readonly progress: SharedArrayBuffer;
}

export interface RealmOptions {
  /** Realms to be made, in one isolate. */
  readonly realms: number;
  /** Given when a realm will serve many invocations. */
  readonly shared?: SharedPorts;
}

/**
 * Makes an isolate with realms in it, and brings each to the point where the next message runs user code. Everything before that point is
 * code of ours, so it may run synchronously; after it, nothing enters the isolate but messages, so no realm is ever added.
 */
export async function openIsolate(
  image: RuntimeImage,
  fn: SandboxFunction,
  bundleCache: Buffer | undefined,
  { realms, shared }: RealmOptions,
): Promise<PreparedIsolate | RealmFailure> {
  const { bundle, limits } = fn;
  let prepared: PreparedIsolate | undefined;
  const isolate = createIsolate(limits.memoryMiB, (message) => prepared?.catastrophe(message));
  try {
    const contexts = [isolate.createContextSync()];
    const runtime = isolate.compileScriptSync(image.source, {
      ...(image.cache && { cachedData: codeCacheOf(image.cache) }),
      filename: runtimeFileName,
    });
    const clock = guestCpuClock();
    const isLarge = bundle.source.length > maxMainThreadCompile;
    const script = await compileBundle(isolate, bundle, bundleCache, isLarge);
    const compileCpuMs = isLarge ? guestCpuClock() - clock : 0;
    prepared = new PreparedIsolate(isolate, limits.memoryMiB, compileCpuMs);
    while (contexts.length < realms) contexts.push(isolate.createContextSync());
    for (const context of contexts) {
      const boot = runtime.runSync(context, asReference) as Reference<Boot>;
      const userBundle = script.runSync(context, asReference) as Reference;
      const mailbox = shared?.mailbox ?? new PairedMailbox(exclusivePairs);
      const realm = new OwnRealm(prepared, context, mailbox);
      const open = boot.applySync(
        undefined,
        [
          hostReference((name) => mailbox.request(name)),
          postingCallback((...args) => realm.posted(args)),
          synchronousCallback((...args) => realm.events?.onCall(...args)),
          isolate,
          JSON.stringify(guestSettingsOf(fn)),
          userBundle.derefInto({ release: true }),
          shared && sharedWith(shared.progress),
        ],
        { result: asReference },
      ) as unknown as Reference<Open>;
      const life = open.applySync(undefined, mailbox.arm() as Promise<never>[], {
        arguments: { promise: true },
        result: { promise: true },
      }) as unknown as Promise<never>;
      prepared.add(realm, open, life);
    }
    return prepared;
  } catch (error) {
    // Before any user code has run there are two ways to fail; the state tells them apart, the error's text would prove nothing.
    const isOutOfMemory = isolate.isDisposed;
    disposeIsolate(isolate);
    return { failure: isOutOfMemory ? 'memory' : describeCompileError(error) };
  }
}

/** The share of its memory limit from which an isolate is not used again. */
const fullHeap = 0.25;

/** An isolate with realms that nobody has used, for one invocation after the other. */
export class PreparedIsolate {
  /** Told when an invocation has left the isolate clean, and another may use it. */
  onFree: ((isolate: PreparedIsolate) => void) | undefined;
  readonly compileCpuMs: number;
  readonly #isolate: Isolate;
  readonly #memoryBytes: number;
  readonly #unused: OwnRealm[] = [];
  readonly #used: OwnRealm[] = [];
  #isGone = false;

  constructor(isolate: Isolate, memoryMiB: number, compileCpuMs: number) {
    this.#isolate = isolate;
    this.#memoryBytes = memoryMiB * 2 ** 20;
    this.compileCpuMs = compileCpuMs;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  add(realm: OwnRealm, open: Reference, life: Promise<never>): void {
    this.#unused.push(realm);
    realm.open = open;
    life.catch(() => {
      // The reason is one of several texts, or null. A realm that was left has ended by itself; otherwise the isolate has.
      if (realm.hasLeft) return;
      this.#isGone = true;
      realm.events?.onEnd();
    });
  }

  /** The realm that will be taken next. */
  get next(): OwnRealm {
    return this.#unused.at(-1)!;
  }

  /** A realm for the next invocation; `undefined` when there is none left. */
  take(): OwnRealm | undefined {
    const realm = this.#unused.pop();
    if (realm !== undefined) this.#used.push(realm);
    return realm;
  }

  catastrophe(message: string): void {
    this.#isGone = true;
    for (const { events } of this.#used) events?.onCatastrophe(message);
  }

  /** Answers whether the isolate goes on. */
  left(realm: OwnRealm, { isClean, heapBytes }: RealmLeaving): boolean {
    const isReusable = isClean && heapBytes < this.#memoryBytes * fullHeap;
    if (isReusable && !this.#isGone && this.#unused.length > 0 && this.onFree !== undefined) {
      realm.release();
      this.onFree(this);
      return true;
    }
    this.dispose();
    return false;
  }

  dispose(): void {
    disposeIsolate(this.#isolate);
    // Held until now on purpose: see `life` in the guest's core.
    for (const realm of [...this.#unused, ...this.#used]) {
      realm.open?.release();
      realm.open = undefined;
    }
  }
}

/** A realm for one invocation. */
export class OwnRealm implements Realm {
  events: RealmEvents | undefined;
  /** Measures the turns of the invocation that has it. */
  meter: TurnMeter | undefined;
  open: Reference | undefined;
  hasLeft = false;
  isFresh = true;
  startUpCpuMs = 0;
  readonly #isolate: PreparedIsolate;
  readonly #context: Context;
  readonly #mailbox: Mailbox;

  constructor(isolate: PreparedIsolate, context: Context, mailbox: Mailbox) {
    this.#isolate = isolate;
    this.#context = context;
    this.#mailbox = mailbox;
  }

  get compileCpuMs(): number {
    return this.#isolate.compileCpuMs;
  }

  get isGone(): boolean {
    return this.#isolate.isGone;
  }

  listen(events: RealmEvents): void {
    this.events = events;
  }

  /** Takes what the guest posts. Nothing about it is certain. */
  posted(args: unknown[]): void {
    if (args[0] === post.turn) this.meter?.endTurn();
    this.events?.onPost(...args);
  }

  send(message: GuestMessage): void {
    this.#mailbox.send(message);
  }

  leave(leaving: RealmLeaving): boolean {
    return this.#isolate.left(this, leaving);
  }

  /** The bundle was evaluated in it. Nobody listens any more, until somebody takes it. */
  evaluated(cpuMs: number): void {
    this.events = undefined;
    this.isFresh = false;
    this.startUpCpuMs = cpuMs;
  }

  /** Lets V8 collect what is in it. */
  release(): void {
    this.hasLeft = true;
    this.events = undefined;
    this.open?.release();
    this.open = undefined;
    this.#context.release();
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
