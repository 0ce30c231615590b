export { BundleError, type BundleMessage } from '../bundler/index.ts';
export type { Breach, GuestError, Limits, LogLevel, Outcome, OutcomeKind, Usage } from '../sandbox/index.ts';
export { type AppBindings, createApp } from './app.ts';
export type { FunctionLogEntry, IncomingCall, InvocationRecord, OutgoingAnswer } from './calls.ts';
export type { FileConfig, FunctionConfig, HostConfig, TenantConfig } from './config.ts';
export { defineConfig } from './config-file.ts';
export { type ErrorCode, HostError } from './errors.ts';
export type { DeployOptions } from './deployments.ts';
export {
  createHost,
  type FunctionInfo,
  type Host,
  type HostOptions,
  type HostStatus,
  type InvocationResult,
} from './host.ts';
export type { Logger } from './hooks.ts';
