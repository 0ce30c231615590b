/** The server under load, as a user starts it, and what can be seen of it from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MonitorReport } from './monitor.ts';

const cli = fileURLToPath(new URL('../../src/checkout.js', import.meta.url));
const monitor = new URL('./monitor.ts', import.meta.url).href;
const readyWithinMs = 120_000;
const reportWithinMs = 30_000;

export interface Sizes extends MonitorReport {
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #reportFile: string;

  private constructor(child: ChildProcess, url: string, reportFile: string) {
    this.#child = child;
    this.url = url;
    this.#reportFile = reportFile;
  }

  /** @param folder Has `functions/` and `isohost.config.json`; the log goes there too. */
  static async start(folder: string, args: readonly string[]): Promise<ServerProcess> {
    const reportFile = join(folder, 'report.json');
    const child = spawn(process.execPath, [cli, 'start', 'functions', '--port', '0', '--log', 'json', ...args], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: `--import ${monitor}`, SOAK_REPORT: reportFile },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const log = createWriteStream(join(folder, 'server.log'));
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server is not ready; see ${folder}`)), readyWithinMs);
      let tail = '';
      child.stderr!.setEncoding('utf8');
      child.stderr!.on('data', (text: string) => {
        log.write(text);
        tail = (tail + text).slice(-4_096);
        const ready = /^ready (\S+)$/m.exec(tail)?.[1];
        if (ready === undefined) return;
        clearTimeout(timer);
        resolve(ready);
      });
      child.once('exit', (code, signal) => reject(new Error(`the server ended: ${code ?? signal}; see ${folder}`)));
    });
    return new ServerProcess(child, url, reportFile);
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Process ids of the cells that are there now. */
  cells(): number[] {
    const { pid } = this.#child;
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        .split(' ')
        .filter((text) => text !== '' && commandOf(text).includes('/cells/cell.'))
        .map(Number);
    } catch {
      return [];
    }
  }

  /** After a garbage collection. */
  async sizes(): Promise<Sizes> {
    rmSync(this.#reportFile, { force: true });
    this.#child.kill('SIGUSR2');
    const deadline = performance.now() + reportWithinMs;
    let report: MonitorReport | undefined;
    while (report === undefined) {
      if (performance.now() > deadline) throw new Error('the server does not report');
      await sleep(50);
      try {
        report = JSON.parse(readFileSync(this.#reportFile, 'utf8')) as MonitorReport;
      } catch {
        // Not yet.
      }
    }
    const folder = `/proc/${this.#child.pid}`;
    return {
      ...report,
      residentBytes: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1]) * 1_024,
      descriptors: readdirSync(`${folder}/fd`).length,
      threads: readdirSync(`${folder}/task`).length,
    };
  }

  /** Answers whether it ended by itself with code 0, and took its cells along. */
  async stop(withinMs: number): Promise<boolean> {
    const cells = this.cells();
    const isGone = this.isAlive ? once(this.#child, 'exit') : Promise.resolve();
    this.#child.kill('SIGTERM');
    await Promise.race([isGone, sleep(withinMs, undefined, { ref: false })]);
    const isClean = this.#child.exitCode === 0;
    this.#child.kill('SIGKILL');
    await sleep(200);
    return isClean && cells.every((pid) => !commandOf(pid).includes('/cells/cell.'));
  }
}

function commandOf(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
