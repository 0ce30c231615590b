import { createCodeCacheMaker } from './code-cache.ts';
import { Invocation, type InvocationServices } from './invocation.ts';
import { FairPermit } from './permit.ts';
import { RuntimeImages, type RuntimeSources } from './runtime-image.ts';
import type { InvocationRequest, Sandbox } from './sandbox.ts';
import { Watchdog } from './watchdog.ts';

/**
 * A sandbox in the calling process: isolates run on threads of its own, beside the caller's. It contains what a function does, except
 * for code that makes V8 abort the process or that V8 cannot interrupt.
 */
export function createInlineSandbox(sources: RuntimeSources, onCatastrophe: () => void = () => {}): Sandbox {
  const isolates = { alive: 0, stuck: 0 };
  const services: InvocationServices = {
    images: new RuntimeImages(sources, createCodeCacheMaker()),
    permits: new FairPermit(),
    watchdog: new Watchdog(),
    isolates,
    onCatastrophe,
  };
  const running = new Set<Invocation>();
  return {
    async prepare(fn) {
      await services.images.for(fn);
    },
    invoke(request: InvocationRequest) {
      const invocation = new Invocation(services, request);
      running.add(invocation);
      void invocation.gone.then(() => running.delete(invocation));
      return invocation;
    },
    status: () => ({ isolates: isolates.alive, stuckIsolates: isolates.stuck }),
    async close() {
      for (const invocation of running) invocation.cancel();
      await Promise.all(Array.from(running, (invocation) => invocation.gone));
    },
  };
}
