/** All that hostile functions do in the tests and in `isohost doctor`. */
import { abortCases } from './cases/abort.ts';
import { bridgeCases } from './cases/bridge.ts';
import { cpuCases } from './cases/cpu.ts';
import { escapeCases } from './cases/escape.ts';
import { leakCases } from './cases/leak.ts';
import { memoryCases } from './cases/memory.ts';
import { outputCases } from './cases/output.ts';
import { schedulingCases } from './cases/scheduling.ts';
import { socketCases } from './cases/socket.ts';
import { startUpCases } from './cases/start-up.ts';
import type { HostileCase } from './hostile-case.ts';

export type { HostileCase } from './hostile-case.ts';
export { hostileLimits } from './hostile-case.ts';

export const hostileCases: readonly HostileCase[] = [
  ...cpuCases,
  ...memoryCases,
  ...abortCases,
  ...escapeCases,
  ...bridgeCases,
  ...outputCases,
  ...leakCases,
  ...startUpCases,
  ...schedulingCases,
  ...socketCases,
];
