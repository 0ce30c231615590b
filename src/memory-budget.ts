import { totalmem } from 'node:os';

const mebibyte = 2 ** 20;
/** The process of the host itself. */
const frontMiB = 160;
/** A cell before it runs anything. */
const cellMiB = 96;
/** Beside those that are always there, some are started when they are needed. */
const furtherCells = 2;
/** However small the machine is, one function can run. */
const leastMiB = 128;

/**
 * Memory that invocations may be promised: what the container or the machine has, less what the host takes itself.
 *
 * @param cells Processes that hold isolates; 0 when the host's own does.
 */
export function defaultMemoryBudgetMiB(cells: number): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  const available = constrained > 0 ? Math.min(constrained, total) : total;
  const taken = frontMiB + (cells === 0 ? 0 : (cells + furtherCells) * cellMiB);
  return Math.max(leastMiB, Math.floor(available / mebibyte) - taken);
}
