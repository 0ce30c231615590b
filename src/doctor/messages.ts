/** What the doctor and the process of the host under examination say to each other. */
import type { HostConfig } from '../config.ts';
import type { DeployOptions } from '../deployments.ts';
import type { HostStatus } from '../host.ts';
import type { ClockReading } from './clock.ts';

export type ToHost =
  | { readonly kind: 'start'; readonly config: HostConfig; readonly attackers: string }
  | { readonly kind: 'deploy'; readonly number: number; readonly options: DeployOptions }
  | { readonly kind: 'remove'; readonly number: number; readonly tenant: string | undefined; readonly name: string }
  | { readonly kind: 'status'; readonly number: number }
  | { readonly kind: 'stop' };

export type FromHost =
  | { readonly kind: 'ready'; readonly url: string; readonly clock: ClockReading }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The answer to the request of that number. */
  | { readonly kind: 'done'; readonly number: number; readonly result: DeployResult | HostStatus | null }
  | { readonly kind: 'ended'; readonly id: string; readonly outcome: string }
  | { readonly kind: 'event'; readonly message: string };

/** `code` and `message` of what a deployment failed with. */
export type DeployResult = { readonly code: string; readonly message: string } | null;
