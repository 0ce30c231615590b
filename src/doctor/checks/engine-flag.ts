import { requiredFlag } from '../../../sandbox/index.ts';
import { send } from '../client.ts';
import type { Attack, Target } from '../target.ts';
import { type Check, fail, ok } from './check.ts';

/** V8 drops the check for interrupts from this loop, unless it is told otherwise: see sandbox/engine-flags.ts. */
const loop: Attack = {
  function: 'engine-flag',
  hostile: {
    name: 'engine: a loop that allocates arrays',
    code: 'module.exports = () => { let x; for (;;) x = new Array(1000).fill({}) };',
    outcomes: ['exceededCpu'],
    inline: true,
    trust: 'untrusted',
    method: 'GET',
    bodyBytes: 0,
    memoryMiB: 32,
    calls: 1,
  },
  config: { cpuTimeMs: 300, wallTimeMs: 10_000, memoryMiB: 32, isolation: { trust: 'untrusted' } },
};

/** The flag cannot be asked for; whether it is on shows in whether the loop ends. */
export async function checkEngineFlag(target: Target): Promise<Check> {
  const refusal = await target.deploy(loop);
  if (refusal !== undefined) return fail('engine flag', `not tried: ${refusal}`, 'raise memoryBudgetMiB');
  const reply = await send(target.urlOf(loop));
  if (reply.kind === 'none') await target.onSilence();
  else await target.remove(loop);
  if (reply.kind === 'reply' && reply.status === 408) return ok('engine flag', `${requiredFlag} is in effect`);
  const seen = reply.kind === 'none' ? (target.lost ?? reply.reason) : `status ${reply.status}, ${reply.outcome}`;
  const remedy = `V8 runs without ${requiredFlag}: take other V8 flags out of NODE_OPTIONS, and update isohost`;
  return fail('engine flag', `a loop that allocates does not end at its limit: ${seen}`, remedy);
}
