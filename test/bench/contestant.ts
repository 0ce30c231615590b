import type { DialectName, FunctionFile } from './functions.ts';
import type { WorkloadName } from './workloads.ts';

export interface Contestant {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** What a call sees of earlier ones, and what holds it. */
  readonly isolation: string;
  readonly dialect: DialectName;
  /** Reasons, by the workloads that it cannot do. */
  readonly cannot?: Partial<Readonly<Record<WorkloadName, string>>>;
  /** How its server is started. It has to listen on 127.0.0.1, and to answer a function at /<name>. */
  command(site: Site): Command | Promise<Command>;
}

export interface Site {
  /** Of the server alone, and its working directory. */
  readonly folder: string;
  readonly port: number;
  readonly functions: readonly FunctionFile[];
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
