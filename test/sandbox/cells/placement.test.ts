import { describe, expect, test } from 'vitest';
import { versionOf, type Standing } from '../../../sandbox/cells/conduct.ts';
import { place, type PlacementCell, type PlacementRules } from '../../../sandbox/cells/placement.ts';
import type { CellDuty, SandboxFunction } from '../../../sandbox/index.ts';
import { functionOf } from '../../support/sandbox.ts';

interface Guests {
  readonly running?: readonly SandboxFunction[];
  readonly waiting?: readonly SandboxFunction[];
  readonly isReady?: boolean;
}

let ids = 0;

function cell(duty: CellDuty, { running = [], waiting = [], isReady = true }: Guests = {}): PlacementCell {
  const all = [...running, ...waiting];
  ids += 1;
  return {
    id: ids,
    duty,
    isReady,
    hasFreeSlot: true,
    size: all.length,
    active: new Set(running.map((one, index) => (one.freshness === 'reuse' ? one : index))).size,
    sharing: (one) => (one.freshness === 'reuse' ? running.filter((other) => other === one).length : 0),
    hosts: (isIt) => all.some(isIt),
    runs: (isIt) => running.some(isIt),
  };
}

const fn = (key: string, hash = '1') => functionOf('', {}, { key, hash });
const [a, b] = [fn('t/a'), fn('t/b')];
const foreign = fn('u/f');

/** @param standings By `tenant/function@hash`; the others are clean. */
function rules(
  standings: Readonly<Record<string, Standing>> = {},
  extra: Partial<PlacementRules> = {},
): PlacementRules {
  return {
    window: 2,
    sharedWindow: 8,
    tenantShare: (cells) => cells,
    maxBusy: Infinity,
    standing: (of) => standings[versionOf(of)] ?? 'clean',
    isQuarantined: () => false,
    ...extra,
  };
}

describe('a function whose invocations share an isolate', () => {
  const shared = functionOf('', {}, { key: 't/shared', freshness: 'reuse' });
  const times = (count: number): SandboxFunction[] => Array.from({ length: count }, () => shared);

  test('has many of them in a cell, in as many cells as there are for it', () => {
    const [first, second] = [cell('shared'), cell('shared')];
    const home = place(shared, [first, second], rules()).cell!;
    const order = [home === first ? 0 : 1, home === first ? 1 : 0];
    const chosen = (atHome: number, elsewhere: number): number => {
      const cells = [cell('shared'), cell('shared')];
      const counts = [atHome, elsewhere];
      const filled = cells.map((_, index) => ({
        ...cell('shared', { running: times(counts[order.indexOf(index)]!) }),
        id: [first.id, second.id][index]!,
      }));
      const found = place(shared, filled, rules()).cell;
      return found === undefined ? -1 : order.indexOf(filled.indexOf(found));
    };
    // At first at home, then where there are fewer.
    expect([chosen(0, 0), chosen(1, 0), chosen(2, 0), chosen(2, 1), chosen(2, 2), chosen(3, 2)]).toEqual([
      0, 0, 1, 1, 0, 1,
    ]);
    expect([chosen(8, 7), chosen(7, 8), chosen(8, 8)]).toEqual([1, 0, -1]);
  });

  test('leaves others their place beside it', () => {
    const full = cell('shared', { running: times(8) });
    expect(place(foreign, [full], rules()).cell).toBe(full);
    expect(place(foreign, [cell('shared', { running: [...times(8), foreign] })], rules()).cell).toBeUndefined();
    expect(place(shared, [cell('shared', { running: [foreign, b] })], rules()).cell).toBeUndefined();
  });
});

describe('a function with a clean record', () => {
  test('goes to the same shared cell as its tenant’s others, as long as that has room', () => {
    const cells = [cell('shared'), cell('shared'), cell('shared'), cell('spare')];
    const chosen = place(a, cells, rules()).cell;
    expect(chosen?.duty).toBe('shared');
    expect(place(b, cells, rules()).cell).toBe(chosen);
    expect(place(b, cells.toReversed(), rules()).cell).toBe(chosen);
  });

  test('goes to another shared cell when its own is full, within the share of its tenant', () => {
    const cells = [cell('shared'), cell('shared')];
    const home = place(a, cells, rules()).cell!;
    const full = cells.map((one) => (one === home ? { ...cell('shared', { running: [a, a] }), id: one.id } : one));
    expect(place(a, full, rules()).cell).toBe(full.find(({ size }) => size === 0));
    expect(place(a, full, rules({}, { tenantShare: () => 1 })).cell).toBeUndefined();
    expect(place(foreign, full, rules({}, { tenantShare: () => 1 })).cell).toBe(full.find(({ size }) => size === 0));
  });

  test('goes where nobody is before it, when somebody else is at home', () => {
    const cells = [cell('shared'), cell('shared')];
    const home = place(a, cells, rules()).cell!;
    const at = (guests: Guests) => cells.map((one) => (one === home ? { ...cell('shared', guests), id: one.id } : one));
    const other = cells.find((one) => one !== home);
    expect(place(a, at({ running: [foreign] }), rules()).cell).toBe(other);
    expect(place(a, at({ waiting: [foreign] }), rules()).cell?.id).toBe(home.id);
    expect(place(a, at({ running: [b] }), rules()).cell?.id).toBe(home.id);
    const busy = cells.map(({ id }) => ({ ...cell('shared', { running: [foreign] }), id }));
    expect(place(a, busy, rules()).cell?.id).toBe(home.id);
  });

  test('does not mind those that only wait', () => {
    const only = cell('shared', { waiting: Array.from({ length: 100 }, () => a) });
    expect(place(a, [only], rules()).cell).toBe(only);
  });

  test('never goes to a solo or spare cell', () => {
    expect(place(a, [cell('solo'), cell('spare'), cell('shared', { running: [b, b] })], rules()).cell).toBeUndefined();
  });

  test('waits while no cell is ready', () => {
    expect(place(a, [cell('shared', { isReady: false }), cell('spare')], rules())).toEqual({
      duty: 'shared',
      isShort: false,
    });
  });

  test('of a tenant in quarantine goes to the quarantine cell, and makes one when there is none', () => {
    const quarantined = rules({}, { isQuarantined: (tenant) => tenant === 't' });
    const [shared, spare, quarantine] = [cell('shared'), cell('spare'), cell('quarantine')];
    expect(place(a, [shared, spare], quarantined)).toEqual({ duty: 'quarantine', cell: spare, isShort: false });
    expect(place(a, [shared, spare, quarantine], quarantined).cell).toBe(quarantine);
    expect(place(foreign, [shared, spare, quarantine], quarantined).cell).toBe(shared);
  });
});

describe.each(['new', 'struck'] as const)('a version that is %s', (standing) => {
  const strict = rules({ 't/a@1': standing });

  test('runs in a cell of its own', () => {
    const [shared, spare] = [cell('shared'), cell('spare')];
    expect(place(a, [shared, spare], strict)).toEqual({ duty: 'solo', cell: spare, isShort: false });
  });

  test('shares it with its own further invocations', () => {
    const [own, spare] = [cell('solo', { running: [a] }), cell('spare')];
    expect(place(a, [spare, own], strict).cell).toBe(own);
  });

  test('leaves half of the solo cells to others', () => {
    const full = cell('solo', { running: [a, a] });
    const [one, two, three] = [cell('spare'), cell('spare'), cell('spare')];
    expect(place(a, [full, one, two, three], strict).cell).toBe(one);
    expect(place(a, [full, cell('solo', { running: [a, a] }), two, three], strict).cell).toBeUndefined();
  });

  test('does not go where another version runs', () => {
    expect(place(a, [cell('solo', { running: [b] }), cell('shared')], strict)).toEqual({ duty: 'solo', isShort: true });
  });

  test('is kept within the share of its tenant', () => {
    const cells = [cell('solo', { running: [b] }), cell('spare'), cell('spare')];
    expect(place(a, cells, { ...strict, tenantShare: () => 1 }).cell).toBeUndefined();
    expect(place(a, cells, strict).cell).toBeDefined();
  });
});

describe('a tenant that runs in as many cells as it may', () => {
  const crowded = rules({ 't/new@1': 'new' }, { maxBusy: 1 });
  const fresh = fn('t/new');

  test('gets no other, whatever that is there for', () => {
    const [mine, shared, spare] = [cell('shared', { running: [a, b] }), cell('shared'), cell('spare')];
    expect(place(a, [mine, shared, spare], crowded)).toEqual({ duty: 'shared', isShort: false });
    expect(place(fresh, [mine, shared, spare], crowded)).toEqual({ duty: 'solo', isShort: false });
    expect(place(foreign, [mine, shared, spare], crowded).cell).toBe(shared);
  });

  test('may be next where it runs', () => {
    const [mine, shared] = [cell('shared', { running: [a] }), cell('shared')];
    expect(place(b, [mine, shared], crowded).cell).toBe(mine);
  });

  test('may wait anywhere', () => {
    const [waiting, spare] = [cell('shared', { waiting: [a, b] }), cell('spare')];
    expect(place(fresh, [waiting, spare], crowded).cell).toBe(spare);
  });
});

describe('when there is no cell left', () => {
  const waiting = cell('solo', { waiting: [b, foreign] });

  test('a new version goes where others that are new only wait', () => {
    const all = rules({ 't/a@1': 'new', 't/b@1': 'new', 'u/f@1': 'new' });
    expect(place(a, [waiting], all).cell).toBe(waiting);
  });

  test('but not where one runs, or one that is struck waits', () => {
    const all = rules({ 't/a@1': 'new', 't/b@1': 'new', 'u/f@1': 'struck' });
    expect(place(a, [waiting], all).cell).toBeUndefined();
    expect(place(a, [cell('solo', { running: [b] })], all).cell).toBeUndefined();
  });

  test('a struck version waits', () => {
    const all = rules({ 't/a@1': 'struck', 't/b@1': 'new', 'u/f@1': 'new' });
    expect(place(a, [waiting], all).cell).toBeUndefined();
  });
});
