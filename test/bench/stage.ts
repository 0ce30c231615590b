/** What is ready before anything is measured: functions, the answers that are expected of them, the upstream server and the generator. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../support/files.ts';
import { buildFunction, type Constants, copyFunction, type DialectName, type FunctionFile } from './functions.ts';
import { compute } from './functions/cpu.ts';
import { Generator } from './load/generator.ts';
import type { LoadOrder, LoadPlan } from './load/orders.ts';
import { makeToken } from './token.ts';
import { type BenchUpstream, startUpstream } from './upstream.ts';
import { makeWorkloads, type Workload } from './workloads.ts';

/** More are not compared byte by byte while they are measured. */
const maxComparedBytes = 1_000_000;
const cpuMs = 2;

export class Stage implements AsyncDisposable {
  readonly workloads: readonly Workload[];
  readonly generator = new Generator();
  readonly #folder: TemporaryFolder;
  readonly #upstream: BenchUpstream;
  readonly #constants: Constants;
  readonly #built = new Map<string, Promise<FunctionFile>>();
  readonly #answers = new Map<string, Promise<Uint8Array>>();
  #versions = 0;

  private constructor(folder: TemporaryFolder, upstream: BenchUpstream, token: string) {
    this.#folder = folder;
    this.#upstream = upstream;
    this.#constants = { UPSTREAM_URL: upstream.url, CPU_STEPS: stepsOf(cpuMs), VERSION: '' };
    this.workloads = makeWorkloads(token);
  }

  static async create(): Promise<Stage> {
    return new Stage(await temporaryFolder(), await startUpstream(), makeToken());
  }

  functionOf(workload: Workload, dialect: DialectName): Promise<FunctionFile> {
    const key = `${workload.source} ${dialect}`;
    const built = this.#built.get(key) ?? buildFunction(workload.source, dialect, this.#folder.path, this.#constants);
    this.#built.set(key, built);
    return built;
  }

  /** A version that nobody has seen yet. */
  async newVersionOf(workload: Workload, dialect: DialectName): Promise<{ fn: FunctionFile; answer: Uint8Array }> {
    const folder = await this.#newFolder();
    const constants = { ...this.#constants, VERSION: `version ${this.#versions} of ${Date.now()}` };
    const [fn, web] = await Promise.all(
      [dialect, 'web' as const].map((each) => buildFunction(workload.source, each, folder, constants)),
    );
    return { fn: fn!, answer: await ask(web!, workload) };
  }

  async copiesOf(workload: Workload, dialect: DialectName, count: number): Promise<FunctionFile[]> {
    return copyFunction(await this.functionOf(workload, dialect), count, await this.#newFolder());
  }

  /** What the function answers when it is called right here. */
  answerOf(workload: Workload): Promise<Uint8Array> {
    const { source } = workload;
    const answer = this.#answers.get(source) ?? this.functionOf(workload, 'web').then((file) => ask(file, workload));
    this.#answers.set(source, answer);
    return answer;
  }

  async orderOf(workload: Workload, origin: string, plan: LoadPlan): Promise<LoadOrder> {
    const answer = await this.answerOf(workload);
    const { method, headers, body, source } = workload;
    return {
      origin,
      paths: [`/${source}`],
      method,
      headers,
      ...(body !== undefined && { body }),
      expected: answer.length > maxComparedBytes ? answer.length : answer,
      plan,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.generator[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #newFolder(): Promise<string> {
    this.#versions += 1;
    const path = join(this.#folder.path, `version-${this.#versions}`);
    await mkdir(path);
    return path;
  }
}

async function ask({ file }: FunctionFile, { method, headers, body }: Workload): Promise<Uint8Array> {
  const { default: fn } = (await import(file)) as { default: { fetch(request: Request): Promise<Response> } };
  const response = await fn.fetch(new Request('http://localhost/', { method, headers, body: body ?? null }));
  return new Uint8Array(await response.arrayBuffer());
}

/** How many steps of the workload `cpu` take so many milliseconds here. */
function stepsOf(ms: number): number {
  const sample = 1_000_000;
  const times = Array.from({ length: 21 }, () => {
    const start = performance.now();
    compute(sample);
    return performance.now() - start;
  });
  return Math.round((sample * ms) / Math.min(...times) / 1_000) * 1_000;
}
