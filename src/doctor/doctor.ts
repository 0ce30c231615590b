/** `isohost doctor`: fires the attacks at a configuration or a deployment, and tells what held. */
import { resolve } from 'node:path';
import {
  defaultTenant,
  type FileConfig,
  type HostConfig,
  resolveFunctionConfig,
  resolveHostConfig,
} from '../config.ts';
import { readDirectory } from '../directory.ts';
import { HostError } from '../errors.ts';
import { allOptions, isolationOptions, type OptionName, serverOptions } from '../options.ts';
import { type RawSettings, settle } from '../settings.ts';
import { toHostConfig } from '../start-config.ts';
import { Attacker, type Broken, type Round, sampleOf } from './attack.ts';
import { checkCells } from './checks/cells.ts';
import { type Check, fail, ok } from './checks/check.ts';
import { checkEngineFlag } from './checks/engine-flag.ts';
import { checkLimits, type NamedFunction } from './checks/limits.ts';
import { checkMachine } from './checks/machine.ts';
import { loadCorpus } from './corpus.ts';
import { LocalTarget } from './local-target.ts';
import { Neighbour, type NeighbourReport } from './neighbour.ts';
import { ownLimitCases } from './own-limits.ts';
import { isTrustedPermitted, ofClasses, type Plan, planAttacks } from './plan.ts';
import { RemoteTarget } from './remote-target.ts';
import { type Report, toReport } from './report.ts';
import type { Attack, Target } from './target.ts';
import { readWrittenCorpus, writeCorpus } from './written-corpus.ts';

export interface DoctorInput {
  /** The functions directory, or a folder that the doctor has written; `undefined`: the directory of `isohost start`, if it is there. */
  readonly folder: string | undefined;
  readonly flags: RawSettings;
  readonly environment: RawSettings;
  readonly file: FileConfig;
  /** Classes of attacks; none is all of them. */
  readonly only: readonly string[];
  /** What is going on, in a few words. */
  readonly onProgress: (text: string) => void;
}

const defaultDirectory = 'functions';

/**
 * Examines a configuration, as `isohost start` would have it.
 *
 * @throws HostError when something of the input is wrong.
 */
export async function examine(input: DoctorInput): Promise<Report> {
  const startedAt = performance.now();
  const { config, plan } = await prepare(input);
  const resolved = resolveHostConfig(config);
  const functions = await findFunctions(input);
  input.onProgress('starting a host');
  const target = new LocalTarget(config, isTrustedPermitted(resolved));
  const problem = await target.start();
  const checks: Check[] = [...checkMachine(resolved, target.clock)];
  const findings = { subject: describeConfig(config, resolved), checks, plan, startedAt };
  if (problem !== undefined) {
    checks.push(fail('host', `it cannot be started: ${problem}`, 'isohost start would fail in the same way'));
    return toReport({ ...findings, broken: [], inParallel: 0, neighbour: undefined, events: target.events });
  }
  try {
    const neighbour = new Neighbour(target);
    const unserved = await neighbour.introduce();
    checks.push(...checkCells(resolved.cells, await target.status()));
    checks.push(...checkLimits(resolved, functions.map(toName)));
    if (unserved !== undefined) {
      checks.push(fail('host', `it cannot serve a function that harms nobody: ${unserved}`, remedyOf(target)));
      return toReport({ ...findings, broken: [], inParallel: 0, neighbour: undefined, events: target.events });
    }
    checks.push(await checkEngineFlag(target));
    await target.revive();
    checks.push(...(await checkFunctions(target, functions, input.onProgress)));
    const fired = await fire(target, neighbour, plan.attacks, input.onProgress);
    return toReport({ ...findings, ...fired, events: target.events });
  } finally {
    await target.close();
  }
}

/**
 * Examines a deployment of attacks that `write` has made.
 *
 * @throws HostError when something of the input is wrong, or nobody answers there.
 */
export async function examineUrl(input: DoctorInput, url: string): Promise<Report> {
  const startedAt = performance.now();
  if (input.folder === undefined) {
    throw new HostError(
      'ISOHOST_INVALID_OPTION',
      '--url needs the folder that isohost doctor --write has made: it says what to expect; give it as the argument',
    );
  }
  const written = await readWrittenCorpus(input.folder);
  const kept = new Set(
    ofClasses(
      written.attacks.map(({ hostile }) => hostile),
      input.only,
    ),
  );
  const attacks = written.attacks.filter(({ hostile }) => kept.has(hostile));
  const target = new RemoteTarget(toUrl(url), written.neighbour);
  const neighbour = new Neighbour(target);
  input.onProgress(`asking ${url}`);
  const unserved = await neighbour.introduce();
  const findings = { subject: `The deployment at ${url}`, plan: { attacks, skipped: [] }, events: [], startedAt };
  if (unserved !== undefined) {
    const remedy = `deploy the functions and the configuration in "${input.folder}" there, and look at the path of the URL`;
    const checks = [fail('deployment', `${target.neighbourUrl} is not served: ${unserved}`, remedy)];
    return toReport({ ...findings, checks, broken: [], inParallel: 0, neighbour: undefined });
  }
  const fired = await fire(target, neighbour, attacks, input.onProgress);
  return toReport({ ...findings, checks: [ok('deployment', 'it serves a function that harms nobody')], ...fired });
}

/**
 * Writes the attacks that fit a configuration into a folder.
 *
 * @returns How many.
 * @throws HostError when something of the input is wrong, or the folder cannot be written.
 */
export async function write(input: DoctorInput, folder: string): Promise<number> {
  const { plan } = await prepare(input);
  await writeCorpus(folder, plan.attacks, givenSettings(input));
  return plan.attacks.length;
}

async function prepare({ flags, environment, file, only }: DoctorInput): Promise<{ config: HostConfig; plan: Plan }> {
  const value = (name: OptionName): unknown => settle(name, flags, environment, file);
  const config = toHostConfig(value, file, {});
  const resolved = resolveHostConfig(config);
  const corpus = await loadCorpus();
  // A limit that no host can keep is told by the checks.
  const { limits } = resolveFunctionConfig({ ...resolved, memoryBudgetMiB: Infinity }, defaultTenant, 'any function');
  const own = ownLimitCases(limits);
  const kept = new Set(ofClasses([...corpus.cases, ...own], only));
  const cases = corpus.cases.filter((hostile) => kept.has(hostile));
  const ownKept = own.filter((hostile) => kept.has(hostile));
  return { config, plan: planAttacks({ ...corpus, cases }, ownKept, resolved) };
}

/** What the user has set, as a configuration file would have it. */
function givenSettings({ flags, environment, file }: DoctorInput): FileConfig {
  const { functions: _, tenants: __, env: ___, grantEnv: ____, isolation: ofFile, ...rest } = file;
  const config: Record<string, unknown> = { ...rest };
  const isolation: Record<string, unknown> = { ...ofFile };
  for (const name of Object.keys(allOptions) as OptionName[]) {
    const given = flags[name] ?? environment[name];
    if (given === undefined || name in serverOptions) continue;
    if (name in isolationOptions) isolation[name] = given;
    else config[name] = given;
  }
  return { ...config, isolation };
}

async function findFunctions({ folder, flags, environment, file }: DoctorInput) {
  const hasTenants = settle('tenants', flags, environment, file) !== false;
  try {
    return (await readDirectory(folder ?? defaultDirectory, hasTenants)).functions;
  } catch (error) {
    if (folder !== undefined) throw error;
    return [];
  }
}

/** Whether the user's own functions can be bundled. They are not called. */
async function checkFunctions(
  target: LocalTarget,
  functions: Awaited<ReturnType<typeof findFunctions>>,
  onProgress: (text: string) => void,
): Promise<Check[]> {
  if (functions.length === 0) return [];
  const checks: Check[] = [];
  for (const options of functions) {
    const { tenant, name } = options;
    onProgress(`bundling ${name}`);
    const result = await target.tryDeploy(options);
    await target.forget(tenant, name);
    if (result === null) continue;
    // What is wrong, and where.
    const found = result.message.split('\n', 2).map((line) => line.trim());
    checks.push(fail('functions', found.join(': '), 'correct it; calls of it are answered 500'));
  }
  return checks.length > 0 ? checks : [ok('functions', `all ${functions.length} can be bundled`)];
}

async function fire(
  target: Target,
  neighbour: Neighbour,
  attacks: readonly Attack[],
  onProgress: (text: string) => void,
): Promise<{ broken: Broken[]; inParallel: number; neighbour: NeighbourReport }> {
  const broken: Broken[] = [];
  const attacker = new Attacker(target, {
    onAttack({ hostile: { name } }: Attack, round: Round, index: number, count: number) {
      neighbour.during = name;
      onProgress(`${index + 1}/${count} ${round === 'alone' ? '' : 'with others '}${name}`);
    },
    onBroken: (_, one) => broken.push(one),
  });
  neighbour.start();
  const sample = sampleOf(attacks);
  try {
    await attacker.alone(attacks);
    if (sample.length > 1) await attacker.parallel(sample);
  } finally {
    await neighbour.stop();
  }
  return { broken, inParallel: sample.length > 1 ? sample.length : 0, neighbour: await neighbour.stop() };
}

function toName({ tenant = defaultTenant, name }: { tenant?: string | undefined; name: string }): NamedFunction {
  return { tenant, name };
}

function describeConfig({ isolation }: HostConfig, resolved: ReturnType<typeof resolveHostConfig>): string {
  const { cells, functionDefaults } = resolved;
  const trust = isolation?.trust ?? functionDefaults.isolation?.trust ?? 'untrusted';
  const where = cells === 0 ? 'no cells' : cells === 1 ? '1 cell' : `${cells} cells`;
  return `This configuration: ${where}, ${trust} functions (${resolve('.')})`;
}

function remedyOf({ lost }: LocalTarget): string {
  return lost === undefined
    ? 'look at its limits above, and at what the host said below'
    : 'isolated-vm may not fit this Node: install it again, under the Node version that runs it';
}

function toUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new HostError(
    'ISOHOST_INVALID_OPTION',
    `--url is "${text.slice(0, 100)}": give it as http://host:port, or https://...`,
  );
}
