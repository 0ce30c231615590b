/** Words for what happens to cells, one line per event. */
import type { CellEnd, SandboxEvent } from '../sandbox/index.ts';

interface EventLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

const ends: Readonly<Record<CellEnd, string>> = {
  crashed: 'crashed',
  exceededMemory: 'was killed because it took more memory than its invocations may',
  unresponsive: 'was killed because it did not answer any more',
  unstoppable: 'was killed because an isolate in it could not be stopped',
  catastrophe: 'was killed because V8 gave up on an isolate in it',
  malformed: 'was killed because it sent what no cell sends',
  killed: 'was killed by somebody else',
  recycled: 'was replaced after long service',
};

export function describeEvent(event: SandboxEvent): EventLine {
  switch (event.kind) {
    case 'isolateStuck':
      return {
        level: 'error',
        message: `an isolate of ${event.function} could not be stopped; replace this process soon, or use cells`,
      };
    case 'isolateLost':
      return {
        level: 'error',
        message: `V8 lost control of an isolate of ${event.function}; replace this process soon, or use cells`,
      };
    case 'cellEnded': {
      const { cell, reason, culprit, rerun, lost, detail } = event;
      const parts = [
        `cell ${cell} ${ends[reason]}`,
        ...(culprit === undefined ? [] : [`by ${culprit}`]),
        ...(rerun === 0 ? [] : [`${rerun} run again`]),
        ...(lost === 0 ? [] : [`${lost} lost`]),
        ...(detail === '' || reason === 'recycled' ? [] : [detail]),
      ];
      return { level: reason === 'recycled' ? 'info' : 'warn', message: parts.join(', ') };
    }
    case 'suspended':
      return {
        level: 'warn',
        message: `${event.function} is suspended for ${event.forMs / 1_000} s after ${event.strikes} lost cells`,
      };
    case 'quarantined':
      return { level: 'warn', message: `tenant ${event.tenant} is put into quarantine: it lost cells repeatedly` };
    case 'released':
      return { level: 'info', message: `tenant ${event.tenant} is let out of quarantine` };
  }
}
