/** `node:cluster`: loads, and says at use that there are no processes. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:cluster';
const remedy = 'there are no processes; the host runs many calls at once by itself';

export default {
  ...unavailableFunctions(module, remedy, ['fork', 'disconnect', 'setupPrimary', 'setupMaster']),
  ...unavailableClasses(module, remedy, ['Worker']),
  isPrimary: true,
  isMaster: true,
  isWorker: false,
  workers: {},
  settings: {},
  SCHED_NONE: 1,
  SCHED_RR: 2,
  schedulingPolicy: 2,
};
