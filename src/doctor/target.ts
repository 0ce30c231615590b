import type { FunctionConfig } from '../config.ts';
import type { HostileCase } from './hostile-case.ts';

/** A case and the function that it is deployed as. */
export interface Attack {
  readonly hostile: HostileCase;
  readonly function: string;
  readonly config: FunctionConfig;
}

/** What is attacked. */
export interface Target {
  /** Of `/healthz`, and of a function that harms nobody. They change when the host is started anew. */
  readonly healthUrl: string;
  readonly neighbourUrl: string;
  urlOf(attack: Attack): string;
  /** Makes an attack ready to be fired. Answers why that cannot be done. */
  deploy(attack: Attack): Promise<string | undefined>;
  remove(attack: Attack): Promise<void>;
  /** How an invocation ended in the end; `undefined` when nobody tells. */
  endOf(id: string): Promise<string | undefined>;
  /** A request was not answered: ends a host that answers nothing at all. */
  onSilence(): Promise<void>;
  /** What has ended the host, when it is gone. */
  readonly lost: string | undefined;
  /** Starts a host that is gone anew. Answers whether there is one now. */
  revive(): Promise<boolean>;
}
