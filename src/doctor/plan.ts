/** Which cases are fired at a configuration. */
import type { FunctionConfig, ResolvedHostConfig } from '../config.ts';
import { didYouMean, HostError } from '../errors.ts';
import { functionOptions } from '../options.ts';
import type { Corpus } from './corpus.ts';
import { classOf, type HostileCase, patienceFor } from './hostile-case.ts';
import type { Attack } from './target.ts';

export interface Plan {
  readonly attacks: readonly Attack[];
  readonly skipped: readonly Skipped[];
}

/** A case that says nothing of this configuration. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

export function planAttacks(
  { limits, cases }: Corpus,
  ownLimits: readonly HostileCase[],
  config: ResolvedHostConfig,
): Plan {
  const permitsTrusted = isTrustedPermitted(config);
  const attacks: Attack[] = [];
  const skipped: Skipped[] = [];
  const add = (hostile: HostileCase, own: FunctionConfig): void => {
    const reason = refuse(hostile, config, permitsTrusted);
    if (reason === undefined) attacks.push({ hostile, function: nameOf(hostile, attacks.length), config: own });
    else skipped.push({ name: hostile.name, reason });
  };
  // Not the user's, which may be smaller than the cases themselves.
  const size = { bundleBytes: functionOptions.bundleBytes.default };
  for (const hostile of cases) {
    const { memoryMiB, trust } = hostile;
    add(hostile, { ...size, ...limits, ...patienceFor(hostile), memoryMiB, isolation: { trust } });
  }
  for (const hostile of ownLimits) add(hostile, {});
  return { attacks, skipped };
}

/** Whether anything in the configuration is trusted. */
export function isTrustedPermitted({ functionDefaults, tenants }: ResolvedHostConfig): boolean {
  const layers = [functionDefaults, ...Object.values(tenants)];
  return layers
    .flatMap((layer) => [layer, ...Object.values(layer.functions ?? {})])
    .some(({ isolation }) => isolation?.trust === 'trusted');
}

/**
 * Keeps the cases of some classes.
 *
 * @param classes None is all of them.
 * @throws HostError ISOHOST_INVALID_OPTION when there is no such class.
 */
export function ofClasses<Case extends Pick<HostileCase, 'name'>>(
  cases: readonly Case[],
  classes: readonly string[],
): readonly Case[] {
  const known = [...new Set(cases.map(classOf))];
  for (const name of classes) {
    if (known.includes(name)) continue;
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      `there is no class "${name.slice(0, 100)}" of attacks${didYouMean(name, known)}; there are ${known.join(', ')}`,
    );
  }
  return classes.length === 0 ? cases : cases.filter((hostile) => classes.includes(classOf(hostile)));
}

function refuse(
  { inline, trust, memoryMiB }: HostileCase,
  { cells, memoryBudgetMiB }: ResolvedHostConfig,
  permitsTrusted: boolean,
): string | undefined {
  if (!inline && cells === 0) return 'a host without cells does not survive it';
  if (trust === 'trusted' && !permitsTrusted) return 'nothing in the configuration is trusted';
  if (memoryMiB > memoryBudgetMiB) return `it needs ${memoryMiB} MiB, memoryBudgetMiB is ${memoryBudgetMiB}`;
  return undefined;
}

function nameOf(hostile: HostileCase, index: number): string {
  return `${classOf(hostile)}-${String(index + 1).padStart(3, '0')}`;
}
