/** A host of the user's configuration, in a child process. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HostConfig } from '../config.ts';
import type { DeployOptions } from '../deployments.ts';
import type { HostStatus } from '../host.ts';
import { patienceMs } from './client.ts';
import type { ClockReading } from './clock.ts';
import type { DeployResult, FromHost, ToHost } from './messages.ts';
import type { Attack, Target } from './target.ts';

const attackers = 'isohost-doctor';
const neighbours = 'isohost-neighbour';
const neighbour = 'neighbour';
export const neighbourCode = 'module.exports = () => new Response("fine");';

const startMs = 60_000;
const stopMs = 5_000;
/** In this time, a host that lives says so. */
const healthMs = 3_000;
/** A host that cannot be kept alive need not be tried for ever. */
const maxRevivals = 10;
const keptCharacters = 4_000;

type Request = Extract<ToHost, { number: number }>;
type WithoutNumber<Message> = Message extends Request ? Omit<Message, 'number'> : never;

export class LocalTarget implements Target {
  readonly #config: HostConfig;
  #child: ChildProcess | undefined;
  #exit: Promise<void> = Promise.resolve();
  #url = '';
  #clock: ClockReading | undefined;
  #lost: string | undefined = 'it was not started';
  #lastWords = '';
  #number = 0;
  #revivals = 0;
  #onReady: ((problem: string | undefined) => void) | undefined;
  readonly #requests = new Map<number, (result: never) => void>();
  readonly #ends = new Map<string, string>();
  readonly #endWaiters = new Map<string, (outcome: string | undefined) => void>();
  readonly #events: string[] = [];

  /** @param permitsTrusted Whether the configuration has trusted functions anywhere. */
  constructor(config: HostConfig, permitsTrusted: boolean) {
    // Attacks come one after the other; what a tenant may use over time is not what is examined.
    const unmetered = { tenantCpuMsPerSecond: 0, tenantConcurrency: 100_000 };
    const { env: _, ...withoutSecrets } = config;
    this.#config = {
      ...withoutSecrets,
      tenants: {
        ...config.tenants,
        [attackers]: { ...unmetered, isolation: { trust: permitsTrusted ? 'trusted' : 'untrusted' } },
        [neighbours]: unmetered,
      },
    };
  }

  get healthUrl(): string {
    return `${this.#url}/healthz`;
  }

  get neighbourUrl(): string {
    return `${this.#url}/${neighbours}/${neighbour}`;
  }

  get lost(): string | undefined {
    return this.#lost;
  }

  get clock(): ClockReading | undefined {
    return this.#clock;
  }

  /** The last warnings of the host. */
  get events(): readonly string[] {
    return this.#events;
  }

  urlOf({ function: name }: Attack): string {
    return `${this.#url}/${attackers}/${name}`;
  }

  /** Starts the host, with a function that harms nobody. Answers what went wrong. */
  async start(): Promise<string | undefined> {
    const problem = await this.#launch();
    if (problem !== undefined) return problem;
    const result = await this.tryDeploy({ tenant: neighbours, name: neighbour, source: neighbourCode, language: 'js' });
    return result?.message;
  }

  async revive(): Promise<boolean> {
    if (this.#lost === undefined) return true;
    if (this.#revivals >= maxRevivals) return false;
    this.#revivals += 1;
    return (await this.start()) === undefined;
  }

  async deploy({ hostile, function: name, config }: Attack): Promise<string | undefined> {
    const source = hostile.code;
    const result = await this.tryDeploy({ tenant: attackers, name, source, language: 'js', config });
    // What cannot be bundled is answered as what fails while it loads: that is an end like any other.
    return result === null || result.code.startsWith('ISOHOST_BUNDLE') ? undefined : result.message;
  }

  async tryDeploy(options: DeployOptions): Promise<DeployResult> {
    return (await this.#ask<DeployResult>({ kind: 'deploy', options })) ?? null;
  }

  async remove({ function: name }: Attack): Promise<void> {
    await this.forget(attackers, name);
  }

  async forget(tenant: string | undefined, name: string): Promise<void> {
    await this.#ask({ kind: 'remove', tenant, name });
  }

  status(): Promise<HostStatus | undefined> {
    return this.#ask<HostStatus>({ kind: 'status' });
  }

  async endOf(id: string): Promise<string | undefined> {
    const known = this.#ends.get(id);
    this.#ends.delete(id);
    if (known !== undefined || this.#lost !== undefined) return known;
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), patienceMs);
      const settle = (outcome: string | undefined): void => {
        clearTimeout(timer);
        this.#endWaiters.delete(id);
        resolve(outcome);
      };
      this.#endWaiters.set(id, settle);
    });
  }

  async onSilence(): Promise<void> {
    if (this.#lost !== undefined) return;
    const isThere = await fetch(this.healthUrl, { signal: AbortSignal.timeout(healthMs) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    // A process that is about to end says more about it than its silence does.
    const over = new AbortController();
    await Promise.race([this.#exit, sleep(healthMs, undefined, { signal: over.signal }).catch(() => {})]);
    over.abort();
    if (this.#lost === undefined) await this.#kill('the host does not answer anybody any more');
  }

  async #kill(reason: string): Promise<void> {
    if (this.#lost === undefined) this.#lost = reason;
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  async close(): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), stopMs);
    this.#send({ kind: 'stop' });
    await this.#exit;
    clearTimeout(timer);
  }

  async #launch(): Promise<string | undefined> {
    await this.#exit;
    this.#lastWords = '';
    this.#lost = undefined;
    const file = new URL(`./host-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const child = fork(fileURLToPath(file), [], {
      execArgv: ['--no-node-snapshot'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('latin1')).slice(-keptCharacters);
    });
    child.on('message', (message: FromHost) => this.#receive(message));
    // What was sent into a process that has just ended is lost with it.
    child.on('error', () => {});
    this.#exit = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#lost ??= `the process of the host ended: ${signal ?? `exit code ${String(code)}`}${this.#lastWord()}`;
        this.#abandon();
        resolve();
      });
    });
    const problem = await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(`it was not ready within ${startMs / 1_000} s`), startMs);
      this.#onReady = (reason) => {
        clearTimeout(timer);
        resolve(reason);
      };
      this.#send({ kind: 'start', config: this.#config, attackers });
    });
    this.#onReady = undefined;
    if (problem !== undefined) await this.#kill(problem);
    return problem;
  }

  /** V8 and the kernel say why, in a line that begins with a #, or with "FATAL". */
  #lastWord(): string {
    const line = this.#lastWords.split('\n').find((text) => /^# (?!\s)|FATAL|Error/.test(text));
    return line === undefined ? '' : `, ${line.replace(/^#\s*/, '').trim().slice(0, 120)}`;
  }

  /** Nobody will answer what is still open. */
  #abandon(): void {
    this.#onReady?.(this.#lost);
    for (const settle of this.#requests.values()) settle(undefined as never);
    this.#requests.clear();
    for (const settle of this.#endWaiters.values()) settle(undefined);
    this.#ends.clear();
  }

  async #ask<Result>(request: WithoutNumber<Request>): Promise<Result | undefined> {
    if (this.#lost !== undefined) return undefined;
    this.#number += 1;
    const number = this.#number;
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.#kill(`the host did not answer within ${startMs / 1_000} s`), startMs);
      this.#requests.set(number, (result) => {
        clearTimeout(timer);
        resolve(result);
      });
      this.#send({ ...request, number } as Request);
    });
  }

  #send(message: ToHost): void {
    if (this.#child?.connected === true) this.#child.send(message, () => {});
  }

  #receive(message: FromHost): void {
    switch (message.kind) {
      case 'ready':
        this.#url = message.url;
        this.#clock = message.clock;
        this.#onReady?.(undefined);
        return;
      case 'failed':
        this.#onReady?.(message.reason);
        return;
      case 'done':
        this.#requests.get(message.number)?.(message.result as never);
        this.#requests.delete(message.number);
        return;
      case 'ended': {
        const waiting = this.#endWaiters.get(message.id);
        if (waiting === undefined) this.#ends.set(message.id, message.outcome);
        else waiting(message.outcome);
        return;
      }
      case 'event':
        this.#events.push(message.message.slice(0, 500));
        if (this.#events.length > 50) this.#events.shift();
    }
  }
}
