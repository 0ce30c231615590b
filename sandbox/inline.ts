import type { Egress } from './egress/egress.ts';
import { createEgressService } from './egress/service.ts';
import { setEngineFlags } from './engine-flags.ts';
import { createInlineCodeCacheMaker } from './inline-code-cache.ts';
import { Invocation, type InvocationObserver, type InvocationServices } from './invocation.ts';
import type { Limits } from './limits.ts';
import { FairPermit } from './permit.ts';
import { RealmPool } from './realm-pool.ts';
import { RuntimeImages, type RuntimeImageSource, type RuntimeSources } from './runtime-image.ts';
import type { InvocationRequest, Sandbox, SandboxHooks } from './sandbox.ts';
import type { InvocationStorage, StorageService } from './storage/service.ts';
import type { IsolateCounts } from './turn-meter.ts';
import { Watchdog } from './watchdog.ts';

/** One runs, some are next: more can wait where they can still be overtaken. */
const maxUnbegun = 4;

/**
 * One permit for all sandboxes of a process, since the clocks that measure CPU time are those of the process. What isolates cannot be
 * stopped is of concern to all of them, too.
 */
const permits = new FairPermit();
const stuck = { count: 0 };

/**
 * A sandbox in the calling process: isolates run on threads of its own, beside the caller's. It contains what a function does, except
 * for code that makes V8 abort the process or that V8 cannot interrupt.
 */
export function createInlineSandbox(
  sources: RuntimeSources,
  hooks: SandboxHooks,
  storage: StorageService,
  cacheFolder?: string,
): Sandbox {
  const unbegun = new Set<InvocationRequest>();
  const egress = createEgressService();
  const begun = (request: InvocationRequest): void => {
    if (unbegun.delete(request)) hooks.onRoom();
  };
  const images = new RuntimeImages(sources, createInlineCodeCacheMaker(cacheFolder));
  const sandbox = createSandboxHere({
    images,
    // The process is shared with others, who may well allocate while a function runs.
    allowedGrowthBytes: () => Infinity,
    openEgress: ({ function: fn }) => egress.open(fn),
    openStorage: ({ function: fn }) => storage.open(fn),
    beforeCode() {},
    observer: {
      onBegin: begun,
      onRunning() {},
      onWaiting() {},
      onRehearsing() {},
      onUnstoppable: ({ function: fn }) => hooks.onEvent({ kind: 'isolateStuck', function: fn.key }),
      onCatastrophe: ({ function: fn }) => hooks.onEvent({ kind: 'isolateLost', function: fn.key }),
    },
  });
  return {
    ...sandbox,
    async prepare(fn) {
      await sandbox.prepare(fn);
      void images.compileAhead(fn);
    },
    hasRoom: () => unbegun.size < maxUnbegun,
    invoke(request) {
      unbegun.add(request);
      const handle = sandbox.invoke(request);
      void handle.ended.then(() => begun(request));
      return handle;
    },
    async close() {
      await Promise.all([sandbox.close(), images.close()]);
      await egress.close();
    },
  };
}

export interface SandboxHere extends Sandbox {
  invoke(request: InvocationRequest): Invocation;
  /** Invocations of which no code has run yet do not begin any more. */
  refuseNewcomers(): void;
}

export interface SandboxHereOptions {
  readonly images: RuntimeImageSource;
  readonly allowedGrowthBytes: (limits: Limits) => number;
  readonly openEgress: (request: InvocationRequest) => Egress;
  readonly openStorage: (request: InvocationRequest) => InvocationStorage;
  readonly observer: InvocationObserver;
  /** See `RealmServices`. */
  readonly beforeCode: () => void;
}

/** What sandboxes are made of, in whichever process: inline, and inside of a cell. */
export function createSandboxHere(options: SandboxHereOptions): SandboxHere {
  setEngineFlags();
  const isolates: IsolateCounts = { alive: 0, stuck };
  const watchdog = new Watchdog();
  const realms = new RealmPool({ ...options, permits, watchdog, isolates });
  const services: InvocationServices = { ...options, permits, realms, watchdog, isolates };
  const running = new Set<Invocation>();
  return {
    async prepare(fn) {
      await services.images.for(fn);
    },
    hasRoom: () => true,
    invoke(request: InvocationRequest) {
      const invocation = new Invocation(services, request);
      running.add(invocation);
      void invocation.gone.then(() => running.delete(invocation));
      return invocation;
    },
    status: () => ({
      isolates: isolates.alive,
      stuckIsolates: stuck.count,
      cells: [],
      suspendedVersions: 0,
      quarantinedTenants: 0,
    }),
    forget: (fn) => realms.forget(fn),
    refuseNewcomers: () => permits.refuseNewcomers(),
    async close() {
      realms.close();
      for (const invocation of running) invocation.abandon();
      await Promise.all(Array.from(running, (invocation) => invocation.gone));
    },
  };
}
