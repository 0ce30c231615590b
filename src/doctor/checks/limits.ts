/** Limits that are allowed, but that hardly anybody can mean. */
import {
  defaultTenant,
  resolveFunctionConfig,
  type ResolvedFunctionConfig,
  type ResolvedHostConfig,
} from '../../config.ts';
import { type Check, fail, ok, warn } from './check.ts';

const mebibyte = 2 ** 20;
const maxCpuMs = 60_000;
const maxWallMs = 900_000;
const maxLogBytes = 16 * mebibyte;
const maxTimers = 10_000;
const maxBundleBytes = 100 * mebibyte;
const maxQueueAgeMs = 60_000;
const leastAtOnce = 4;
/** Of the checks, no more than this are told one by one. */
const maxTold = 12;
/** What a function takes that does next to nothing. */
const leastMemoryMiB = 16;

interface Oddity {
  readonly found: string;
  readonly remedy: string;
}

export interface NamedFunction {
  readonly tenant: string;
  /** `undefined`: what holds for those that say nothing else. */
  readonly name: string | undefined;
}

/** @param functions Those whose limits are looked at, beside the defaults. */
export function checkLimits(config: ResolvedHostConfig, functions: readonly NamedFunction[]): Check[] {
  const seen = new Set<string>();
  const checks: Check[] = [];
  const add = (check: Check): void => {
    if (!seen.has(check.found)) checks.push(check);
    seen.add(check.found);
  };
  for (const { tenant, name } of [{ tenant: defaultTenant, name: undefined }, ...functions]) {
    const of = name === undefined ? '' : ` of ${tenant === defaultTenant ? name : `${tenant}/${name}`}`;
    try {
      // A name that no function can have: nothing is set for it.
      const resolved = resolveFunctionConfig(config, tenant, name ?? 'any function');
      for (const { found, remedy } of odditiesOf(resolved, config)) {
        // What comes from the defaults is told once.
        if (!seen.has(found)) add(warn('limits', `${found}${of}`, remedy));
        if (name === undefined) seen.add(found);
      }
    } catch (error) {
      add(fail('limits', (error as Error).message, 'no call of it can be served'));
    }
  }
  for (const { found, remedy } of hostOddities(config)) add(warn('limits', found, remedy));
  if (checks.length === 0) return [ok('limits', 'nothing odd')];
  const rest = checks.length - maxTold;
  if (rest <= 0) return checks;
  return [...checks.slice(0, maxTold), warn('limits', `and ${rest} more`, 'look at these first')];
}

function* odditiesOf(
  { limits, bundleLimits, trust }: ResolvedFunctionConfig,
  { memoryBudgetMiB, cells, tenants }: ResolvedHostConfig,
): Generator<Oddity> {
  const { memoryMiB, cpuTimeMs, wallTimeMs, startUpCpuMs, requestBodyBytes, responseBodyBytes } = limits;
  const { logBytes, timers } = limits;
  if (cpuTimeMs > wallTimeMs)
    yield {
      found: `cpuTimeMs ${cpuTimeMs} is over wallTimeMs ${wallTimeMs}`,
      remedy: 'it can never be reached: lower it',
    };
  if (cpuTimeMs > maxCpuMs)
    yield { found: `cpuTimeMs is ${cpuTimeMs}`, remedy: 'one call keeps a core for minutes: lower it' };
  if (wallTimeMs > maxWallMs)
    yield { found: `wallTimeMs is ${wallTimeMs}`, remedy: 'a call that waits keeps its memory for as long: lower it' };
  if (startUpCpuMs > maxCpuMs)
    yield { found: `startUpCpuMs is ${startUpCpuMs}`, remedy: 'loading may keep a core for minutes: lower it' };
  if (memoryMiB * leastAtOnce > memoryBudgetMiB)
    yield {
      found: `memoryMiB ${memoryMiB} is more than a quarter of memoryBudgetMiB ${memoryBudgetMiB}`,
      remedy: `no more than ${Math.floor(memoryBudgetMiB / memoryMiB)} calls run at once: lower it`,
    };
  if (memoryMiB < leastMemoryMiB)
    yield {
      found: `memoryMiB is ${memoryMiB}`,
      remedy: `the smallest functions with packages need ${leastMemoryMiB}: raise it`,
    };
  for (const [name, bytes] of [
    ['requestBodyBytes', requestBodyBytes],
    ['responseBodyBytes', responseBodyBytes],
  ] as const)
    if (bytes > memoryMiB * mebibyte)
      yield {
        found: `${name} ${bytes} is over memoryMiB ${memoryMiB}`,
        remedy: 'such a body does not fit into the isolate: lower it',
      };
  if (logBytes > maxLogBytes)
    yield { found: `logBytes is ${logBytes}`, remedy: 'a function that logs in a loop fills your disk: lower it' };
  if (timers > maxTimers)
    yield { found: `timers is ${timers}`, remedy: 'each is a timer of the host as well: lower it' };
  if (bundleLimits.bundleBytes > maxBundleBytes)
    yield {
      found: `bundleBytes is ${bundleLimits.bundleBytes}`,
      remedy: 'isolates take seconds to load such a bundle: lower it',
    };
  if (trust === 'trusted' && cells > 0 && Object.keys(tenants).length > 1)
    yield {
      found: 'isolation.trust is trusted, and there are several tenants',
      remedy: 'grant it by name to the functions that generate code, and leave the others untrusted',
    };
}

function* hostOddities({ queueAgeMs, queueLength, exposeErrors, isolates }: ResolvedHostConfig): Generator<Oddity> {
  if (queueAgeMs > maxQueueAgeMs)
    yield { found: `queueAgeMs is ${queueAgeMs}`, remedy: 'most clients have gone by then: lower it' };
  if (queueLength === 0)
    yield { found: 'queueLength is 0', remedy: 'calls that come at the same moment are refused: raise it' };
  if (isolates < 2) yield { found: `isolates is ${isolates}`, remedy: 'calls run one after the other: raise it' };
  if (exposeErrors)
    yield {
      found: 'exposeErrors is on',
      remedy: 'clients see the messages and stacks of failed functions: leave it to development',
    };
}
