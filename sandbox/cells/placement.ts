/**
 * Which cell an invocation goes to. Functions with a clean record share cells, each tenant in as few as it needs; all others run solo, with
 * nothing but their own version in the cell. Under pressure, new versions go to where other new ones only wait for something, rather than
 * wait for a cell themselves; versions that have taken down a cell share with nobody.
 */
import type { CellDuty, SandboxFunction } from '../sandbox.ts';
import { type Standing, versionOf } from './conduct.ts';

/** What is to be known of a cell. */
export interface PlacementCell {
  readonly id: number;
  readonly duty: CellDuty;
  readonly isReady: boolean;
  readonly hasFreeSlot: boolean;
  /** Invocations under way. */
  readonly size: number;
  /** Isolates in which some of them run or are next. */
  readonly active: number;
  /** Invocations that run or are next, and with which one of this version would share its isolate. */
  sharing(fn: SandboxFunction): number;
  hosts(isIt: (fn: SandboxFunction) => boolean): boolean;
  /** Like `hosts`, of invocations that run or are next. */
  runs(isIt: (fn: SandboxFunction) => boolean): boolean;
}

export interface PlacementRules {
  /** Isolates in a cell that run, or are next. More would wait there where they could wait for a better place. */
  readonly window: number;
  /** Invocations that share an isolate and run, or are next: what crosses together costs less. */
  readonly sharedWindow: number;
  /** How many of so many cells one tenant may be in. */
  readonly tenantShare: (cells: number) => number;
  /** In how many cells, whatever they are there for, invocations of one tenant may run at a time: the rest of the CPUs is for others. */
  readonly maxBusy: number;
  readonly standing: (fn: SandboxFunction) => Standing;
  readonly isQuarantined: (tenant: string) => boolean;
}

export interface Placement<Cell extends PlacementCell> {
  /** `undefined`: there is no room now. */
  readonly cell: Cell | undefined;
  /** What the cell is there for from now on, or what a cell is missing for. */
  readonly duty: CellDuty;
  /** One more cell would help. */
  readonly isShort: boolean;
}

export function place<Cell extends PlacementCell>(
  fn: SandboxFunction,
  cells: readonly Cell[],
  rules: PlacementRules,
): Placement<Cell> {
  const standing = rules.standing(fn);
  const duty = standing !== 'clean' ? 'solo' : rules.isQuarantined(fn.tenant) ? 'quarantine' : 'shared';
  const busy = cells.filter((cell) => cell.runs(({ tenant }) => tenant === fn.tenant));
  const isHeld = busy.length >= rules.maxBusy;
  const isOpen = (cell: Cell): boolean => hasRoom(cell, fn, rules) && (!isHeld || busy.includes(cell));
  const cell =
    duty === 'solo' ? placeSolo(fn, standing, cells, rules, isOpen) : placeShared(fn, duty, cells, rules, isOpen);
  return { duty, cell, isShort: cell === undefined && duty !== 'shared' && !isHeld };
}

function placeShared<Cell extends PlacementCell>(
  fn: SandboxFunction,
  duty: 'shared' | 'quarantine',
  cells: readonly Cell[],
  rules: PlacementRules,
  isOpen: (cell: Cell) => boolean,
): Cell | undefined {
  const { tenant } = fn;
  const ofDuty = cells.filter((cell) => cell.duty === duty);
  // The quarantine cell is made when there is need for one.
  if (ofDuty.length === 0)
    return duty === 'quarantine' ? cells.find((cell) => isIdle(cell) && isOpen(cell)) : undefined;
  const isTenants = (cell: Cell): boolean => cell.hosts((other) => other.tenant === tenant);
  const maySpread = ofDuty.filter(isTenants).length < rules.tenantShare(ofDuty.length);
  const [home, ...others] = ofDuty
    .filter(({ isReady }) => isReady)
    .toSorted((a, b) => affinity(tenant, b.id) - affinity(tenant, a.id));
  if (home === undefined) return undefined;
  const isHomeOpen = isOpen(home);
  const isShallow = home.sharing(fn) < rules.window;
  if (isHomeOpen && isShallow && !home.runs((other) => other.tenant !== tenant)) return home;
  const [best] = others
    .filter((cell) => isOpen(cell) && (maySpread || isTenants(cell)))
    .toSorted((a, b) => a.active - b.active || a.sharing(fn) - b.sharing(fn));
  if (!isHomeOpen || best === undefined) return isHomeOpen ? home : best;
  // At home it would be next after somebody else's, or after many of its own.
  const isBetter = isShallow ? best.active === 0 : best.sharing(fn) < home.sharing(fn);
  return isBetter ? best : home;
}

function placeSolo<Cell extends PlacementCell>(
  fn: SandboxFunction,
  standing: Standing,
  cells: readonly Cell[],
  rules: PlacementRules,
  isOpen: (cell: Cell) => boolean,
): Cell | undefined {
  const version = versionOf(fn);
  const solo = cells.filter((cell) => cell.duty === 'solo' || cell.duty === 'spare');
  const own = solo.filter((cell) => cell.hosts((other) => versionOf(other) === version));
  const ownAlone = own.find((cell) => isOpen(cell) && !cell.hosts((other) => versionOf(other) !== version));
  if (ownAlone !== undefined) return ownAlone;
  const ofTenant = solo.filter((cell) => cell.hosts((other) => other.tenant === fn.tenant));
  const mayTakeOne = own.length < Math.ceil(solo.length / 2) && ofTenant.length < rules.tenantShare(solo.length);
  const free = mayTakeOne ? solo.find((cell) => isIdle(cell) && isOpen(cell)) : undefined;
  if (free !== undefined || standing !== 'new') return free;
  return solo.find(
    (cell) =>
      isOpen(cell) && cell.size > 0 && cell.active === 0 && !cell.hosts((other) => rules.standing(other) !== 'new'),
  );
}

function hasRoom(cell: PlacementCell, fn: SandboxFunction, { window, sharedWindow }: PlacementRules): boolean {
  const sharing = cell.sharing(fn);
  return cell.isReady && cell.hasFreeSlot && (sharing > 0 ? sharing < sharedWindow : cell.active < window);
}

function isIdle({ duty, isReady, size }: PlacementCell): boolean {
  return (duty === 'solo' || duty === 'spare') && isReady && size === 0;
}

/** Rendezvous hashing: each tenant prefers the cells in an order of its own, which changes little when cells come and go. */
function affinity(tenant: string, cell: number): number {
  let hash = 2_166_136_261 ^ cell;
  for (let index = 0; index < tenant.length; index += 1) {
    hash = Math.imul(hash ^ tenant.charCodeAt(index), 16_777_619);
  }
  return hash >>> 0;
}
